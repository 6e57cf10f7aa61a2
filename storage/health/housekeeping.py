"""What the monitor does once an hour: hours, then days, and forgetting what is old."""

from __future__ import annotations

import math
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, delete, func, select, type_coerce

from storage import revisions
from storage.health.history import ROLLED_UP
from storage.health.past import Past
from storage.health.uptime import day_of, hour_of
from storage.rows import bound, by_dialect, execute_many, inserting
from storage.tables import check_days, check_hours, checks, marks, monitors, targets, transitions
from storage.types import DAY_MS, UtcMillis, to_millis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

KEEP_CHECKS = timedelta(hours=48)
KEEP_HOURS = timedelta(days=400)
KEEP_MONITORS = timedelta(days=1)
# The last results of an hour are on their way for a deadline and a batch after it ended.
LATE_RESULTS = timedelta(seconds=60)
_HOUR_MS = 3_600_000
_CHUNK = 1000
_FIELDS = tuple(check_hours.c.keys())
_PUT_HOUR = by_dialect(
    lambda dialect: inserting(dialect, check_hours).values(bound(_FIELDS)).on_conflict_do_nothing()
)
_RAW = (
    select(
        checks.c.target_number,
        checks.c.checked_at,
        checks.c.state,
        checks.c.latency_ms,
    )
    # Through the targets, so that each one's span is looked up instead of all checks read.
    .join_from(targets, checks, checks.c.target_number == targets.c.number)
    .where(checks.c.checked_at >= bindparam("since", type_=UtcMillis, required=True))
    .where(checks.c.checked_at < bindparam("until", type_=UtcMillis, required=True))
    .where(targets.c.number > bindparam("after", required=True))
    .where(targets.c.number <= bindparam("last", required=True))
    .where(checks.c.state != "unknown")
    .order_by(checks.c.target_number, checks.c.checked_at)
)
# Through the targets as well. A day's p95 is that of its worst hour: the checks are gone by then.
_hour_ms = type_coerce(check_hours.c.hour, BigInteger)
_day = _hour_ms - _hour_ms % DAY_MS
_DAYS = (
    select(
        check_hours.c.target_number,
        _day,
        func.sum(check_hours.c.count),
        func.sum(check_hours.c.failures),
        func.sum(check_hours.c.degraded),
        func.max(check_hours.c.p95_ms),
    )
    .join_from(targets, check_hours, check_hours.c.target_number == targets.c.number)
    .where(check_hours.c.hour >= bindparam("since", type_=UtcMillis, required=True))
    .where(check_hours.c.hour < bindparam("until", type_=UtcMillis, required=True))
    .where(targets.c.number > bindparam("after", required=True))
    .where(targets.c.number <= bindparam("last", required=True))
    .group_by(check_hours.c.target_number, _day)
)
_PUT_DAYS = by_dialect(
    lambda dialect: (
        inserting(dialect, check_days)
        .from_select(list(check_days.c.keys()), _DAYS)
        .on_conflict_do_nothing()
    )
)
_OLD_CHECKS = delete(checks).where(
    checks.c.target_number == bindparam("number", required=True),
    checks.c.checked_at < bindparam("before", required=True),
)
_OLD_HOURS = delete(check_hours).where(
    check_hours.c.target_number == bindparam("number", required=True),
    check_hours.c.hour < bindparam("before", required=True),
)
_OLD_DAYS = delete(check_days).where(
    check_days.c.target_number == bindparam("number", required=True),
    check_days.c.day < bindparam("before", required=True),
)
# The last of them stays: it says how the target stood from then on, for years perhaps.
_older = transitions.alias()
_OLD_CHANGES = delete(transitions).where(
    transitions.c.target_number == bindparam("number", required=True),
    transitions.c.at
    < select(func.max(_older.c.at))
    .where(
        _older.c.target_number == bindparam("number", required=True),
        _older.c.at <= bindparam("before", required=True),
    )
    .scalar_subquery(),
)
_OLD_MONITORS = delete(monitors).where(
    monitors.c.beat_at < bindparam("before", type_=UtcMillis, required=True)
)
_NUMBERS = select(targets.c.number).order_by(targets.c.number)


class Housekeeping(Past):
    """The forgetting part of `HealthDriver`."""

    def roll_up(self, now: datetime) -> int:
        """Makes hours of all complete ones since the last time; gives how many were made.

        Days that are complete with them are made in the same step, so that every day before
        that of the last hour is there.
        """
        since = self.rolled_up_until() or hour_of(now - KEEP_CHECKS)
        until = hour_of(now - LATE_RESULTS)
        if since >= until:
            return 0
        made = 0
        for after, last in self._spans():
            span = {"since": since, "until": until, "after": after, "last": last}
            hours = list(_hours_of(self.connection.execute(_RAW, span)))
            execute_many(self.connection, _PUT_HOUR[self.connection.dialect.name], hours)
            made += len(hours)
            self._roll_up_days(span)
        self._mark(until)
        revisions.bump(self.connection, "health")
        return made

    def _roll_up_days(self, span: dict[str, Any]) -> None:
        days = {"since": day_of(span["since"]), "until": day_of(span["until"])}
        if days["since"] < days["until"]:
            self.connection.execute(_PUT_DAYS[self.connection.dialect.name], span | days)

    def _spans(self) -> Iterator[tuple[int, int]]:
        """Parts the targets' numbers, so that not every check of the hour is in memory at once."""
        numbers = self.connection.execute(_NUMBERS).scalars().all()
        for at in range(0, len(numbers), _CHUNK):
            part = numbers[at : at + _CHUNK]
            yield part[0] - 1, part[-1]

    def _mark(self, until: datetime) -> None:
        put = inserting(self.connection.dialect.name, marks).values(name=ROLLED_UP, at=until)
        self.connection.execute(
            put.on_conflict_do_update(index_elements=["name"], set_={"at": until})
        )

    def prune(self, now: datetime) -> int:
        """Forgets what is old; gives how many rows went.

        Single checks go after 48 h once they are rolled up; hours and days after 400 days, and
        changes that another one followed before that; monitors after a day of silence.
        """
        rolled = self.rolled_up_until()
        gone = 0
        if rolled is not None:
            gone += self._forget(_OLD_CHECKS, min(rolled, now - KEEP_CHECKS))
        gone += self._forget(_OLD_HOURS, now - KEEP_HOURS)
        gone += self._forget(_OLD_DAYS, now - KEEP_HOURS)
        gone += self._forget(_OLD_CHANGES, now - KEEP_HOURS)
        values = {"before": now - KEEP_MONITORS}
        return gone + self.connection.execute(_OLD_MONITORS, values).rowcount

    def _forget(self, statement: Any, before: datetime) -> int:
        """Deletes target by target: their rows lie together, and a scan would read all others."""
        numbers = self.connection.execute(_NUMBERS).scalars().all()
        values = [{"number": number, "before": before} for number in numbers]
        return self.connection.execute(statement, values).rowcount if values else 0


def _hours_of(rows: Any) -> Iterator[dict[str, object]]:
    plain = ((number, to_millis(at), state, latency) for number, at, state, latency in rows)
    for (number, hour), group in groupby(plain, key=lambda row: (row[0], row[1] // _HOUR_MS)):
        yield _hour(number, hour * _HOUR_MS, list(group))


def _hour(
    number: int, hour: int, rows: list[tuple[int, int, str, float | None]]
) -> dict[str, object]:
    states = [row[2] for row in rows]
    latencies = sorted(latency for latency in map(itemgetter(3), rows) if latency is not None)
    return {
        "target_number": number,
        "hour": hour,
        "count": len(rows),
        "failures": states.count("failing"),
        "degraded": states.count("degraded"),
        "p50_ms": _percentile(latencies, 0.50),
        "p95_ms": _percentile(latencies, 0.95),
        "max_ms": latencies[-1] if latencies else None,
    }


def _percentile(ordered: list[float], share: float) -> float | None:
    """The nearest-rank percentile: always a latency that was measured."""
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None
