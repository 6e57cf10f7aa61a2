"""Recording facts: each once, and in the same transaction the days and minutes they belong to.

What is added to a day is summed up before, so that a batch costs a row for each series and meter
of its days and not for each fact. `storage.limits` says in which order rows are locked.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, exists, select, true

from storage import revisions
from storage.limits.reservations import settle
from storage.rows import by_dialect, inserting
from storage.tables import (
    gauges,
    series,
    stale_meters,
    usage_days,
    usage_minutes,
    usage_series_days,
)
from storage.types import DAY_MS, from_millis, to_millis
from storage.usage import arrival, fresh
from storage.usage.interning import Interning
from storage.usage.rows import FACT_COLUMNS, SUMS, Written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Executable, Select, Table

    from storage.usage.rows import Fact

MINUTES_KEPT = timedelta(hours=2)
"""How long the minutes of a rate are kept."""

_AHEAD = timedelta(minutes=1)
_AT, _SERIES = FACT_COLUMNS.index("at"), FACT_COLUMNS.index("series_number")
_TENANTS = (
    select(series.c.tenant_id)
    .distinct()
    .where(series.c.number.in_(bindparam("numbers", expanding=True, required=True)))
    .order_by(series.c.tenant_id)
)
_METER = fresh.by_meter.c.meter_number
_TOUCHED = select(_METER).distinct()


def _adding(dialect: str, table: Table, rows: Select[Any], added: Sequence[str]) -> Executable:
    """Adds rows to those that are there under their keys already."""
    keys = [column.name for column in table.primary_key]
    names = [*keys, *added]
    put = inserting(dialect, table).from_select(names, rows)
    return put.on_conflict_do_update(
        index_elements=keys, set_={name: table.c[name] + put.excluded[name] for name in added}
    )


def _days(source: Table, subject: str) -> Select[Any]:
    keys = (source.c[subject], source.c.day)
    sums = (fresh.total(source.c[name]) for name in SUMS)
    # SQLite takes the ON of what follows a SELECT for a join's unless there is a WHERE.
    return select(*keys, *sums).where(true()).group_by(*keys).order_by(*keys)


def _minutes() -> Select[Any]:
    rows = fresh.by_meter.c
    # A call that was blocked was not made: it takes nothing of a rate.
    calls = fresh.total(rows.calls - rows.blocked)
    keys = (rows.minute, rows.meter_number)
    return select(*keys, calls).where(rows.minute.is_not(None)).group_by(*keys).order_by(*keys)


def _marking(dialect: str) -> Executable:
    """Marks meters that have gauges and facts of some days, for the month that starts."""
    rows = fresh.by_meter.c
    whose = (
        select(rows.meter_number, bindparam("start", type_=BigInteger))
        .where(rows.day >= bindparam("first"), rows.day < bindparam("end"))
        .where(exists().where(gauges.c.meter_number == rows.meter_number))
        .distinct()
        .order_by(rows.meter_number)
    )
    names = ["meter_number", "period_start"]
    put = inserting(dialect, stale_meters).from_select(names, whose)
    # A mark that is there is held till the commit: whoever takes it must see these facts.
    return put.on_conflict_do_update(
        index_elements=names, set_={"period_start": put.excluded.period_start}
    )


_SERIES_DAYS = by_dialect(
    lambda name: _adding(name, usage_series_days, _days(fresh.by_series, "series_number"), SUMS)
)
_METER_DAYS = by_dialect(
    lambda name: _adding(name, usage_days, _days(fresh.by_meter, "meter_number"), SUMS)
)
_MINUTES = by_dialect(lambda name: _adding(name, usage_minutes, _minutes(), ("calls",)))
_MARK = by_dialect(_marking)


class Recording(Interning):
    """The writing part of `UsageDriver`."""

    def record(
        self,
        facts: Sequence[Fact],
        *,
        now: datetime,
        settling: Sequence[str] = (),
        tenant_id: str | None = None,
    ) -> Written:
        """Adds the facts that are not there yet, with all that they are summed up by.

        Of facts with the same key the first counts. Their series must be there. The tenant's
        reservations that are settled hold nothing any more. A tenant that is named is one whose
        turn the caller took; otherwise it is taken here.
        """
        new = unpriced = 0
        if tenant_id is None:
            self._take_turns(facts)
        if facts:
            fresh.make(self.connection)
            recent, ahead = to_millis(now - MINUTES_KEPT), to_millis(now + _AHEAD)
            arrival.arrive(self.connection, facts, recent=recent, ahead=ahead)
            new, unpriced = self.connection.execute(fresh.COUNT).one()
        if new:
            self.connection.execute(fresh.SPREAD)
        if new or settling:
            touched = self.connection.execute(_TOUCHED).scalars() if new else ()
            settle(self.connection, settling, tenant_id=tenant_id, also=touched)
            revisions.bump(self.connection, "usage")
        if new:
            times: list[Any] = [fact[_AT] for fact in facts]
            self._sum_up(from_millis(min(times)), from_millis(max(times)))
        return Written(new=new, unpriced=unpriced)

    def _take_turns(self, facts: Sequence[Fact]) -> None:
        numbers = {fact[_SERIES] for fact in facts}
        for tenant_id in self.connection.execute(_TENANTS, {"numbers": numbers}).scalars():
            self.take_turn(tenant_id)

    def _sum_up(self, first: datetime, last: datetime) -> None:
        connection, dialect = self.connection, self.connection.dialect.name
        for adding in (_SERIES_DAYS, _METER_DAYS, _MINUTES):
            connection.execute(adding[dialect])
        for month in _months(first, last):
            connection.execute(_MARK[dialect], month)
        for clear in fresh.CLEAR:
            connection.execute(clear)


def _months(first: datetime, last: datetime) -> Iterator[dict[str, int]]:
    """Gives the months from one time to another: their first moment, their days."""
    start = datetime(first.year, first.month, 1, tzinfo=UTC)
    while start <= last:
        years, month = divmod(start.month, 12)
        end = datetime(start.year + years, month + 1, 1, tzinfo=UTC)
        at = to_millis(start)
        yield {"start": at, "first": at // DAY_MS, "end": to_millis(end) // DAY_MS}
        start = end
