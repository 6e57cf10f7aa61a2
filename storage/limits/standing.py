"""Which limits a call meets, and how much of them is used and held at a moment.

On PostgreSQL the rows of the meters are locked first, and what was used is read in a statement
after that, which sees what those who had the lock before have committed.

This is asked before every call, by many at once: the statements are said in SQL itself and run
past Core, and several meters are one value, so that the text stays the same.
"""

from __future__ import annotations

import json
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import text

from storage.limits.plain import fetch
from storage.limits.rows import SCOPES, IntegrationKey, limit_value

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, TextClause

_THESE = {
    "sqlite": "IN (SELECT value FROM json_each(:numbers))",
    "postgresql": "= ANY(:numbers)",
}
# Less than an update's lock would stop all who only refer to a meter; SQLite has one writer.
_LOCK = {"sqlite": "", "postgresql": " FOR NO KEY UPDATE"}
# One look-up by key each: with OR between them, SQLite walks through all of the tenant.
_INTEGRATION = text(
    "SELECT id, provider_type, 0 AS place FROM integrations "
    "WHERE id = :given AND tenant_id = :tenant AND deleted_at IS NULL UNION ALL "
    "SELECT id, provider_type, 1 FROM integrations "
    "WHERE tenant_id = :tenant AND sort_name = :folded AND deleted_at IS NULL "
    "ORDER BY place LIMIT 1"
)
_LIMITED = text(
    " UNION ALL ".join(
        f"SELECT number FROM meters WHERE tenant_id = :tenant AND scope = '{scope}' "  # noqa: S608 (names of this file)
        f"AND subject = :{scope} "
        "AND (budget_limit_cents > 0 OR token_limit_month > 0 OR rate_limit_rpm > 0)"
        for scope in SCOPES
    )
)


def _meters(dialect: str) -> TextClause:
    return text(
        "SELECT number, scope, subject, name, budget_limit_cents, token_limit_month, "  # noqa: S608 (words of this file)
        f"rate_limit_rpm, warning_levels FROM meters WHERE number {_THESE[dialect]} "
        f"ORDER BY number{_LOCK[dialect]}"
    )


def _used(dialect: str) -> TextClause:
    days = ("cost_nanos", "held_nanos", "tokens_in + tokens_out", "held_tokens")
    sums = ", ".join(f"CAST(sum({amount}) AS BIGINT)" for amount in days)
    return text(
        f"SELECT meter_number, {sums}, 0, 0 FROM usage_days "  # noqa: S608 (words of this file)
        f"WHERE meter_number {_THESE[dialect]} AND day >= :first AND day < :end "
        "GROUP BY meter_number UNION ALL "
        "SELECT meter_number, 0, 0, 0, 0, calls, held_calls FROM usage_minutes "
        f"WHERE minute = :minute AND meter_number {_THESE[dialect]}"
    )


_METERS = {dialect: _meters(dialect) for dialect in _THESE}
_USED = {dialect: _used(dialect) for dialect in _THESE}


class Used(NamedTuple):
    """What was used of a meter, and what is held: in the month; of calls, in the minute."""

    cost_nanos: int = 0
    held_nanos: int = 0
    tokens: int = 0
    held_tokens: int = 0
    calls: int = 0
    held_calls: int = 0


class LimitedMeter(NamedTuple):
    """A meter with limits, each in its measure's unit; 0 is unlimited."""

    number: int
    scope: str
    subject: str
    name: str
    budget: int
    tokens: int
    rate: int
    warning_levels: tuple[float, ...] | None


def integration_of(connection: Connection, tenant_id: str, given: str) -> IntegrationKey | None:
    """Gives the integration of this id or, in any case, of this name."""
    values = {"tenant": tenant_id, "given": given, "folded": given.casefold()}
    found = fetch(connection, _INTEGRATION, values)
    return IntegrationKey._make(found[0][:2]) if found else None


def limited(connection: Connection, tenant_id: str, subjects: Mapping[str, str]) -> list[int]:
    """Gives the meters of these subjects, by scope, and of the tenant, that have any limit."""
    values = {scope: subjects.get(scope) for scope in SCOPES}
    rows = fetch(connection, _LIMITED, {**values, "tenant": tenant_id})
    return [number for (number,) in rows]


def lock_meters(connection: Connection, numbers: Collection[int]) -> list[LimitedMeter]:
    """Gives meters by number, locked until the commit in that order, which is everybody's."""
    if not numbers:
        return []
    dialect = connection.dialect.name
    rows = fetch(connection, _METERS[dialect], {"numbers": _these(dialect, numbers)})
    return [_meter(row) for row in rows]


def _these(dialect: str, numbers: Collection[int]) -> Any:
    wanted = list(numbers)
    return json.dumps(wanted) if dialect == "sqlite" else wanted


def _meter(row: Sequence[Any]) -> LimitedMeter:
    number, scope, subject, name, cents, tokens, rate, levels = row
    return LimitedMeter(
        number=number,
        scope=scope,
        subject=subject,
        name=name,
        budget=limit_value("budget", cents),
        tokens=tokens,
        rate=rate,
        warning_levels=None if levels is None else tuple(json.loads(levels)),
    )


def used_of(
    connection: Connection, numbers: Collection[int], *, days: range, minute: int
) -> dict[int, Used]:
    """Gives what was used of meters on these days and in this minute; nothing is left out."""
    dialect = connection.dialect.name
    values = {"first": days.start, "end": days.stop, "minute": minute}
    values["numbers"] = _these(dialect, numbers)
    found = dict.fromkeys(numbers, Used())
    for row in fetch(connection, _USED[dialect], values):
        found[row[0]] = Used._make(map(add, found[row[0]], row[1:]))
    return found
