"""What the facts that a transaction adds come to, in tables of its own connection.

Sums are made of exactly those facts that were new, whoever wrote the others and when; they are
made once for all, however many days and meters they are added to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Table,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.schema import CreateTable

from storage.limits.rows import SCOPES
from storage.tables import series
from storage.types import DAY_MS, MINUTE_MS
from storage.usage.rows import COUNTED, SUMS

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause, Select

BLOCKED = 2
WARNED = 1
_KEYS = ("day", "minute")
IS_COUNT = series.c.origin.endswith(COUNTED, autoescape=True)
"""Whether a series tells a provider's own counts, and not calls."""

_temporary = MetaData()


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(
        name, _temporary, *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DELETE ROWS"
    )


def _summed(name: str, subject: str) -> Table:
    return _table(
        name,
        Column(subject, BigInteger, nullable=False),
        Column("day", Integer, nullable=False),
        Column("minute", Integer),
        *(Column(column, BigInteger, nullable=False) for column in SUMS),
    )


by_series = _summed("fresh_by_series", "series_number")
by_meter = _summed("fresh_by_meter", "meter_number")
_MAKE = tuple(CreateTable(table, if_not_exists=True) for table in (by_series, by_meter))


def make(connection: Connection) -> None:
    """Makes the tables unless this connection has them; they are empty then."""
    for making in _MAKE:
        connection.execute(making)


def total(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    """Sums up whole numbers; PostgreSQL's sum of large ones is a decimal."""
    return cast(func.coalesce(func.sum(expression), 0), BigInteger)


def sums_of(facts: FromClause) -> list[ColumnElement[Any]]:
    """Gives what facts come to, in the order of SUMS."""
    calls, policy = facts.c.calls, facts.c.policy
    found: dict[str, ColumnElement[Any]] = {
        "facts": func.count(),
        "calls": total(calls),
        "errors": total(case((facts.c.error.is_not(None), calls))),
        "warned": total(case((policy == WARNED, calls))),
        "blocked": total(case((policy == BLOCKED, calls))),
        "unpriced": total(case((facts.c.cost_nanos.is_(None), calls))),
        "timed": func.count(facts.c.latency_ms),
    }
    return [found[name] if name in found else total(facts.c[name]) for name in SUMS]


def gathering(facts: FromClause, *which: ColumnElement[bool]) -> Select[Any]:
    """Sums up facts by series, day and, from `recent` to `ahead`, by minute."""
    at = type_coerce(facts.c.at, BigInteger)
    recent = at.between(bindparam("recent", type_=BigInteger), bindparam("ahead", type_=BigInteger))
    day, minute = at // DAY_MS, case((recent, at // MINUTE_MS))
    keys = (facts.c.series_number, day.label("day"), minute.label("minute"))
    return select(*keys, *sums_of(facts)).where(*which).group_by(*(key for key in keys))


def _by_meter() -> Select[Any]:
    """Gives what each meter's series come to; an agent that nobody named has none.

    What a provider counted is of a whole day: no minute of it is known.
    """
    joined = by_series.join(series, series.c.number == by_series.c.series_number)
    minute = case((~IS_COUNT, by_series.c.minute)).label("minute")
    values = [by_series.c.day, minute, *(by_series.c[name] for name in SUMS)]
    parts = [
        select(series.c[f"{scope}_meter"].label("meter"), *values).select_from(joined)
        for scope in SCOPES
    ]
    every = union_all(*parts).subquery("every")
    keys = (every.c.meter, every.c.day, every.c.minute)
    return (
        select(*keys, *(total(every.c[name]) for name in SUMS))
        .where(every.c.meter.is_not(None))
        .group_by(*keys)
    )


SPREAD = insert(by_meter).from_select(["meter_number", *_KEYS, *SUMS], _by_meter())
COUNT = select(total(by_series.c.facts), total(by_series.c.unpriced))
CLEAR = (delete(by_series), delete(by_meter))
