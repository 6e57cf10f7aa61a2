"""What gauges are made of, for many meters at once, in plain tuples: a page has a thousand meters.

Each is one statement over the meters' own rows, so that its cost follows from how many meters
and days there are, and never from how many calls there were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, func, select

from storage.tables import meters, usage_days, usage_minutes

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import BindParameter, Connection

_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True, required=True)
_DAY, _MINUTE = usage_days.c, usage_minutes.c
_DAYS = (
    select(
        _DAY.meter_number,
        _DAY.day,
        _DAY.cost_nanos,
        _DAY.tokens_in + _DAY.tokens_out,
        _DAY.unpriced,
        _DAY.held_nanos,
        _DAY.held_tokens,
    )
    .where(_DAY.meter_number.in_(_NUMBERS))
    .where(_DAY.day >= bindparam("first", required=True))
    .where(_DAY.day < bindparam("end", required=True))
)
# A look at the index for each meter, which ends at the first day that has anything.
_FIRST_DAY = (
    select(func.min(_DAY.day))
    .where(_DAY.meter_number == meters.c.number, _DAY.facts > 0)
    .scalar_subquery()
)
_FIRST_DAYS = select(meters.c.number, _FIRST_DAY).where(meters.c.number.in_(_NUMBERS))
# By each minute, not by their span: minutes are kept by time first, so that a span of them would
# be read for everybody.
_MINUTES = select(_MINUTE.meter_number, _MINUTE.minute, _MINUTE.calls, _MINUTE.held_calls).where(
    _MINUTE.minute.in_(bindparam("minutes", expanding=True, required=True)),
    _MINUTE.meter_number.in_(_NUMBERS),
)


class DayUse(NamedTuple):
    """What a meter used on a day: nano-dollars, tokens, calls without a price, what is held."""

    meter_number: int
    day: int
    cost_nanos: int
    tokens: int
    unpriced: int
    held_nanos: int
    held_tokens: int


class MinuteUse(NamedTuple):
    """A meter's calls in a minute, and those that callers have reserved in it."""

    meter_number: int
    minute: int
    calls: int
    held: int


def days_of(connection: Connection, numbers: Collection[int], days: range) -> list[DayUse]:
    """Gives the days of meters that have anything, in no order."""
    values = {"numbers": list(numbers), "first": days.start, "end": days.stop}
    rows = connection.execute(_DAYS, values).all()
    return list(map(DayUse._make, rows))


def first_days(connection: Connection, numbers: Collection[int]) -> dict[int, int]:
    """Gives the first day that each meter has a fact of; one that never had any is left out."""
    rows = connection.execute(_FIRST_DAYS, {"numbers": list(numbers)})
    return {number: day for number, day in rows if day is not None}


def minutes_of(connection: Connection, numbers: Collection[int], minutes: range) -> list[MinuteUse]:
    """Gives the minutes of meters that have anything, in no order."""
    values = {"numbers": list(numbers), "minutes": list(minutes)}
    rows = connection.execute(_MINUTES, values).all()
    return list(map(MinuteUse._make, rows))
