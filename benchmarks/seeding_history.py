"""A past of a given length for targets that are there, as a monitor would have left it.

Rows come in the order of time, hour by hour over all targets, for that is how the tables of a
real database grow; each statement makes the rows of an hour inside the database. Every target
fails for some minutes every other day; single checks are made of the last two days alone, one a
minute, with the steps of a request over TLS.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from storage.database import Database
from storage.health import HealthDriver
from storage.health.housekeeping import KEEP_CHECKS
from storage.health.uptime import day_of, hour_of
from storage.types import to_millis

if TYPE_CHECKING:
    from sqlalchemy import Connection

HOUR = timedelta(hours=1)
EVERY = 48
"""Hours between two failures of one target; about so many targets fail in each hour as divide."""

_FAILS = f"(t.number * 7919 + :hour / 3600000 * 104729) % {EVERY} = 0"
_AT = ":hour + (t.number * 7717 + :hour / 3600000) % 45 * 60000 + t.number * 61 % 60000"
_HOURS = text(
    "INSERT INTO check_hours (target_number, hour, count, failures, degraded, p50_ms, p95_ms, "  # noqa: S608 - arithmetic of this file
    f"max_ms) SELECT t.number, :hour, 60, CASE WHEN {_FAILS} THEN 7 ELSE 0 END, 0, "
    "80 + (t.number * 37 + :hour / 3600000 * 13) % 200, "
    "190 + (t.number * 31 + :hour / 3600000 * 17) % 300, "
    "400 + (t.number * 29 + :hour / 3600000 * 19) % 2600 FROM targets t ORDER BY t.number"
)
_CHANGES = text(
    "INSERT INTO transitions (target_number, tenant_id, kind, target_id, name, at, from_state, "  # noqa: S608
    "to_state, error, message) SELECT t.number, t.tenant_id, t.kind, t.id, t.name, "
    f"{_AT} + s.minute * 60000, s.before, s.after, s.error, s.message FROM targets t, "
    "(SELECT 0 AS minute, 'healthy' AS before, 'failing' AS after, 'http_503' AS error, "
    "'503 Service unavailable: the server is overloaded' AS message "
    "UNION ALL SELECT 7, 'failing', 'healthy', NULL, NULL) s "
    f"WHERE {_FAILS} ORDER BY 6"
)
_BEGIN = text(
    "INSERT INTO transitions (target_number, tenant_id, kind, target_id, name, at, from_state, "
    "to_state) SELECT number, tenant_id, kind, id, name, :at, 'unknown', 'healthy' FROM targets"
)
_STEPS = (
    '[["address",0.1],["resolve",1.2],["connect",12.5],["tls",31.8],["response",96.4],["body",0.3]]'
)
_FAILING = f"{_FAILS} AND :at >= {_AT} AND :at < {_AT} + 420000"
_CHECKS = text(
    "INSERT INTO checks (target_number, checked_at, state, error, message, stage, latency_ms, "  # noqa: S608
    "status_code, loop_lag_ms, stages) SELECT t.number, :at + t.number * 7 % 60000, "
    f"CASE WHEN {_FAILING} THEN 'failing' ELSE 'healthy' END, "
    f"CASE WHEN {_FAILING} THEN 'http_503' END, "
    f"CASE WHEN {_FAILING} THEN '503 Service unavailable: the server is overloaded' END, "
    "'evaluate', 80 + (t.number * 37 + :at / 60000 * 13) % 400, "
    f"CASE WHEN {_FAILING} THEN 503 ELSE 200 END, 0.1 * (t.number % 9 + 1), :steps "
    "FROM targets t ORDER BY t.number"
)
_OLDER = text("UPDATE targets SET created_at = :at")


def seed_history(url: str, days: int, now: datetime | None = None) -> int:
    """Gives every target of the database a past of so many days; returns how many changes."""
    until = hour_of(now or datetime.now(UTC))
    begin = day_of(until - timedelta(days=days)) if days > 1 else until - timedelta(days=days)
    database = Database.open(url)
    with database.write() as connection:
        connection.execute(_OLDER, {"at": to_millis(begin - HOUR)})
        connection.execute(_BEGIN, {"at": to_millis(begin)})
    hour = begin
    while hour < until:
        with database.write() as connection:
            for _ in range(24):
                if hour < until:
                    _hour(connection, hour, with_checks=hour >= until - KEEP_CHECKS)
                hour += HOUR
    with database.write() as connection:
        _days(connection, begin, until)
        changes = connection.execute(text("SELECT count(*) FROM transitions")).scalar_one()
    database.close()
    return int(changes)


def _hour(connection: Connection, hour: datetime, *, with_checks: bool) -> None:
    at = to_millis(hour)
    connection.execute(_HOURS, {"hour": at})
    connection.execute(_CHANGES, {"hour": at})
    if with_checks:
        for minute in range(60):
            values = {"hour": at, "at": at + minute * 60_000, "steps": _STEPS}
            connection.execute(_CHECKS, values)


def _days(connection: Connection, begin: datetime, until: datetime) -> None:
    """Makes the days by the driver's own statement."""
    driver = HealthDriver(connection)
    for after, last in driver._spans():  # noqa: SLF001 - the step between hours and days
        span = {"since": begin, "until": until, "after": after, "last": last}
        driver._roll_up_days(span)  # noqa: SLF001
    driver._mark(until)  # noqa: SLF001
