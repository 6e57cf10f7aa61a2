"""Keeping reservations: the rows themselves, and what they add to their days and minutes.

PostgreSQL does all of it in one statement, because whoever waits for the same meters waits for
every way to the server and back; SQLite has no way to go, and three plain statements are faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import text

from storage.limits.plain import put
from storage.rows import execute_one, names_of
from storage.types import DAY_MS, MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

# A meter's day with tokens and nano-dollars, and a minute of a meter with calls.
Day: TypeAlias = "tuple[int, int, int, int]"
Minute: TypeAlias = "tuple[int, int, int]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reservation:
    """What one call may use: tokens, nano-dollars, and the call itself.

    `meters` are the numbers of those that hold it. Times are milliseconds since 1970.
    """

    id: str
    tenant_id: str
    meters: tuple[int, ...]
    tokens: int
    cost_nanos: int
    at: int
    expires_at: int


_FIELDS = names_of(Reservation)
_DAY = ("meter_number", "day", "held_tokens", "held_nanos")
_MINUTE = ("minute", "meter_number", "held_calls")
_WORDS = frozenset({"id", "tenant_id", "meters"})


def _adding(table: str, names: Sequence[str], rows: str) -> str:
    keys, added = names[:2], names[2:]
    more = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in added)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) {rows} "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {more}"
    )


def _bound(names: Sequence[str]) -> str:
    return f"VALUES ({', '.join(f':{name}' for name in names)})"


def _arrays(names: Sequence[str], mark: str) -> str:
    kinds = ("TEXT" if name in _WORDS else "BIGINT" for name in names)
    arrays = (f"CAST(:{mark}{name} AS {kind}[])" for name, kind in zip(names, kinds, strict=True))
    return f"SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608 (words of this file)


_INTO = f"INSERT INTO reservations ({', '.join(_FIELDS)})"
_ADD = text(f"{_INTO} {_bound(_FIELDS)}")
_HOLD_DAY = text(_adding("usage_days", _DAY, _bound(_DAY)))
_HOLD_MINUTE = text(_adding("usage_minutes", _MINUTE, _bound(_MINUTE)))
_HOLD = text(
    f"WITH kept AS ({_INTO} {_arrays(_FIELDS, 'r_')}), "
    f"days AS ({_adding('usage_days', _DAY, _arrays(_DAY, 'd_'))}) "
    f"{_adding('usage_minutes', _MINUTE, _arrays(_MINUTE, 'm_'))}"
)


def hold(connection: Connection, rows: Sequence[Reservation]) -> None:
    """Keeps reservations on their meters, whose rows the transaction has locked already."""
    if not rows:
        return
    kept = [_values(row) for row in rows]
    days, minutes = amounts((row.meters, row.at, row.tokens, row.cost_nanos) for row in rows)
    if connection.dialect.name == "sqlite":
        put(connection, _ADD, [dict(zip(_FIELDS, one, strict=True)) for one in kept])
        put(connection, _HOLD_DAY, [dict(zip(_DAY, one, strict=True)) for one in days])
        held = [dict(zip(_MINUTE, one, strict=True)) for one in minutes]
        put(connection, _HOLD_MINUTE, held)
        return
    values = _columns(_FIELDS, "r_", kept) | _columns(_DAY, "d_", days)
    execute_one(connection, _HOLD, values | _columns(_MINUTE, "m_", minutes))


def _values(row: Reservation) -> tuple[object, ...]:
    meters = ",".join(map(str, row.meters))
    return row.id, row.tenant_id, meters, row.tokens, row.cost_nanos, row.at, row.expires_at


def _columns(
    names: Sequence[str], mark: str, rows: Sequence[tuple[object, ...]]
) -> dict[str, object]:
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {f"{mark}{name}": list(column) for name, column in zip(names, columns, strict=True)}


def amounts(rows: Iterable[tuple[Iterable[int], int, int, int]]) -> tuple[list[Day], list[Minute]]:
    """Sums up what reservations hold by day and by minute, each in the order of their keys.

    A reservation is its meters, its time, its tokens and its nano-dollars.
    """
    days: dict[tuple[int, int], tuple[int, int]] = {}
    minutes: dict[tuple[int, int], int] = {}
    for meters, at, tokens, nanos in rows:
        for meter in meters:
            if tokens or nanos:
                before = days.get(key := (meter, at // DAY_MS), (0, 0))
                days[key] = (before[0] + tokens, before[1] + nanos)
            key = (at // MINUTE_MS, meter)
            minutes[key] = minutes.get(key, 0) + 1
    return (
        [(*key, *sums) for key, sums in sorted(days.items())],
        [(*key, calls) for key, calls in sorted(minutes.items())],
    )
