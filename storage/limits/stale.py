"""Whose gauges are to be reckoned again, and for which month: marked by every change, taken once.

A month is said by its first moment.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, delete, select, tuple_, type_coerce

from storage.rows import bound, by_dialect, execute_many, inserting
from storage.tables import gauges, meters, stale_meters, usage_minutes
from storage.types import UtcMillis, to_millis

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Executable, Select

_FIELDS = ("meter_number", "period_start")
_OLDEST = (
    select(stale_meters.c.meter_number, stale_meters.c.period_start)
    .order_by(stale_meters.c.meter_number, stale_meters.c.period_start)
    .limit(bindparam("limit", required=True))
    # SQLite has one writer, and ignores this; on PostgreSQL two reckoners pass each other by.
    .with_for_update(skip_locked=True)
)
_TAKE = (
    delete(stale_meters)
    .where(tuple_(stale_meters.c.meter_number, stale_meters.c.period_start).in_(_OLDEST))
    .returning(stale_meters.c.meter_number, type_coerce(stale_meters.c.period_start, BigInteger))
)
_ANY = select(stale_meters.c.meter_number).limit(1)
_AGED = (
    select(gauges.c.meter_number)
    .distinct()
    .where(gauges.c.retired_at.is_(None))
    .where(gauges.c.meter_number > bindparam("after", required=True))
    # What was never reckoned is as it was made: nothing of it is measured, or nothing limited.
    .where(gauges.c.reckoned_at < bindparam("before", type_=UtcMillis, required=True))
    # Only usage can change what nothing was measured of, and that marks it.
    .where(gauges.c.state != "unmeasured")
    .order_by(gauges.c.meter_number)
    .limit(bindparam("limit", required=True))
)
_LIMITED = _AGED.where(gauges.c.limit_value > 0)
_LATELY = (
    select(usage_minutes.c.meter_number)
    .distinct()
    .join(meters, meters.c.number == usage_minutes.c.meter_number)
    .where(usage_minutes.c.minute >= bindparam("first", required=True))
    .where(usage_minutes.c.minute < bindparam("end", required=True))
    .where(meters.c.rate_limit_rpm > 0, meters.c.retired_at.is_(None))
)


def _marking(dialect: str) -> Executable:
    put = inserting(dialect, stale_meters).values(bound(_FIELDS))
    # A mark that is there is held till the commit: whoever takes it must see this change.
    return put.on_conflict_do_update(
        index_elements=list(_FIELDS), set_={"period_start": put.excluded.period_start}
    )


_MARK = by_dialect(_marking)


def month_of(at: datetime) -> datetime:
    """Gives the first moment of a time's month in UTC."""
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def mark_stale(connection: Connection, numbers: Iterable[int], period_start: datetime) -> None:
    """Marks meters whose usage or limits changed in a month."""
    period = to_millis(period_start)
    rows = [{"meter_number": number, "period_start": period} for number in sorted(set(numbers))]
    execute_many(connection, _MARK[connection.dialect.name], rows)


def take_stale(connection: Connection, limit: int) -> list[tuple[int, int]]:
    """Takes up to `limit` marks that nobody else is taking: meters, and months in milliseconds."""
    found = connection.execute(_TAKE, {"limit": limit})
    return sorted((int(number), int(period)) for number, period in found)


def any_stale(connection: Connection) -> bool:
    """Tells whether there is anything to reckon."""
    return connection.execute(_ANY).first() is not None


def mark_all_stale(  # noqa: PLR0913  (which of all, by name)
    connection: Connection,
    period_start: datetime,
    before: datetime,
    *,
    limited: bool = False,
    after: int = 0,
    limit: int = 5_000,
) -> int | None:
    """Marks meters with a gauge that was reckoned, but not since `before`, in chunks.

    Only those with a limit when `limited`. Gives the last number of the chunk, to go on `after`
    it in another transaction; None when that was all.
    """
    aged = _LIMITED if limited else _AGED
    values = {"after": after, "before": before, "limit": limit}
    numbers = _numbers(connection, aged, values)
    mark_stale(connection, numbers, period_start)
    return numbers[-1] if len(numbers) == limit else None


def mark_lately(connection: Connection, period_start: datetime, minutes: range) -> int:
    """Marks meters with a limit of requests a minute that had any in these minutes; how many."""
    values = {"first": minutes.start, "end": minutes.stop}
    numbers = _numbers(connection, _LATELY, values)
    mark_stale(connection, numbers, period_start)
    return len(numbers)


def _numbers(connection: Connection, statement: Select[Any], values: dict[str, Any]) -> list[int]:
    return [int(number) for number in connection.execute(statement, values).scalars()]
