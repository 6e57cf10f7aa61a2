"""What was checked of targets in a span of time: single checks while they are kept, hours then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, case, func, select

from storage.tables import check_hours, checks
from storage.types import UtcMillis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

# A little less than housekeeping keeps: what it is just taking away is counted by its hours.
_SINGLE = timedelta(hours=47)
_HOUR = timedelta(hours=1)
_SINCE = bindparam("since", type_=UtcMillis, required=True)
_UNTIL = bindparam("until", type_=UtcMillis, required=True)
_NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True, required=True)
_FAILED = func.coalesce(func.sum(case((checks.c.state == "failing", 1), else_=0)), 0)
_CHECKS = (
    select(func.count(), _FAILED)
    .where(checks.c.target_number.in_(_NUMBERS))
    .where(checks.c.checked_at >= _SINCE, checks.c.checked_at <= _UNTIL)
)
_HOURS = (
    select(
        func.coalesce(func.sum(check_hours.c.count), 0),
        func.coalesce(func.sum(check_hours.c.failures), 0),
    )
    .where(check_hours.c.target_number.in_(_NUMBERS))
    .where(check_hours.c.hour >= _SINCE, check_hours.c.hour < _UNTIL)
)


def checked(
    connection: Connection,
    numbers: Sequence[int],
    since: datetime,
    until: datetime,
    now: datetime,
) -> tuple[int, int]:
    """Counts the checks of targets in a span, and those that failed.

    What is older than two days is counted by whole hours: the one in which the span began with
    all of its checks.
    """
    if not numbers:
        return 0, 0
    single = _hour_of(now - _SINGLE)
    parts = []
    if since < single:
        values = {"numbers": numbers, "since": _hour_of(since), "until": min(until, single)}
        parts.append(connection.execute(_HOURS, values).one())
    if until >= single:
        values = {"numbers": numbers, "since": max(since, single), "until": until}
        parts.append(connection.execute(_CHECKS, values).one())
    return sum(int(part[0]) for part in parts), sum(int(part[1]) for part in parts)


def _hour_of(when: datetime) -> datetime:
    return when - (when - datetime(1970, 1, 1, tzinfo=when.tzinfo)) % _HOUR
