"""How often targets did not fail within windows of time: days, then hours, then single checks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import BindParameter, bindparam, case, func, select

from storage.health.rows import UptimeRow
from storage.tables import check_days, check_hours, checks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select, Table

DAY = timedelta(days=1)
_NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True, required=True)


def hour_of(when: datetime) -> datetime:
    """The beginning of the UTC hour of a time."""
    return when.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def day_of(when: datetime) -> datetime:
    """The beginning of the UTC day of a time."""
    return hour_of(when).replace(hour=0)


def uptime(
    connection: Connection,
    numbers: Sequence[int],
    windows: Sequence[timedelta],
    now: datetime,
    rolled: datetime,
) -> Mapping[int, tuple[UptimeRow, ...]]:
    """Counts checks and failures of each target in each window that ends at `now`.

    A window of up to 24 hours begins with a whole hour, a longer one with a whole day in UTC. It
    is made of days, of hours since the last whole day, and of single checks since `rolled`, the
    end of the last hour that is rolled up. A check that came to nothing (unknown) counts nowhere,
    in hours and days neither; a target without others has rows with a count of 0. One row a
    window, in order.
    """
    found = {number: [[0, 0] for _ in windows] for number in numbers}
    for statement, sums_of in _readings(windows, now, rolled):
        for row in connection.execute(statement, {"numbers": list(numbers)}):
            totals = found[row[0]]
            for place, at in sums_of:
                totals[place][0] += row[at]
                totals[place][1] += row[at + 1]
    return {
        number: tuple(
            UptimeRow(window=window, count=count, failures=failures)
            for window, (count, failures) in zip(windows, totals, strict=True)
        )
        for number, totals in found.items()
    }


Reading: TypeAlias = "tuple[Select[Any], list[tuple[int, int]]]"
"""A statement, and for each window that it counts for the place of its first sum in a row."""


def _readings(windows: Sequence[timedelta], now: datetime, rolled: datetime) -> Iterator[Reading]:
    hours_end = min(rolled, hour_of(now))
    days_end = day_of(hours_end)
    days: dict[int, datetime] = {}
    hours: dict[int, datetime] = {}
    single: dict[int, datetime] = {}
    for place, window in enumerate(windows):
        begin = day_of(now - window) if window > DAY else hour_of(now - window)
        single[place] = max(hours_end, begin)
        hours[place] = begin if window <= DAY else max(days_end, begin)
        if window > DAY and begin < days_end:
            days[place] = begin
    hours = {place: begin for place, begin in hours.items() if begin < hours_end}
    if days:
        yield _reading(_days, days, days_end)
    if hours:
        yield _reading(_hours, hours, hours_end)
    yield _reading(_checks, single, now)


def _reading(
    make: Callable[[Sequence[datetime], datetime], Select[Any]],
    begins: Mapping[int, datetime],
    until: datetime,
) -> Reading:
    """Sums up once for each beginning, however many windows have it."""
    distinct = sorted(set(begins.values()))
    sums_of = [(place, 1 + 2 * distinct.index(begin)) for place, begin in begins.items()]
    return make(distinct, until), sums_of


def _days(begins: Sequence[datetime], until: datetime) -> Select[Any]:
    return _sums(check_days, check_days.c.day, begins, check_days.c.day < until)


def _hours(begins: Sequence[datetime], until: datetime) -> Select[Any]:
    return _sums(check_hours, check_hours.c.hour, begins, check_hours.c.hour < until)


def _sums(
    rolled: Table,
    at: ColumnElement[datetime],
    begins: Sequence[datetime],
    until: ColumnElement[bool],
) -> Select[Any]:
    sums = [
        func.sum(column if begin == begins[0] else case((at >= begin, column), else_=0))
        for begin in begins
        for column in (rolled.c.count, rolled.c.failures)
    ]
    return (
        select(rolled.c.target_number, *sums)
        .where(rolled.c.target_number.in_(_NUMBERS), at >= begins[0], until)
        .group_by(rolled.c.target_number)
    )


def _checks(begins: Sequence[datetime], until: datetime) -> Select[Any]:
    at, failed = checks.c.checked_at, checks.c.state == "failing"
    sums = [
        func.sum(case((condition, 1), else_=0))
        for begin in begins
        for condition in (at >= begin, (at >= begin) & failed)
    ]
    return (
        select(checks.c.target_number, *sums)
        .where(checks.c.target_number.in_(_NUMBERS), at >= begins[0], at <= until)
        .where(checks.c.state != "unknown")
        .group_by(checks.c.target_number)
    )
