"""What callers and commands ask about usage: recording it, who used most, day by day, exports."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from engine.hop import default_facade
from engine.order import require_limit
from engine.usage.period import day_of, period_of
from engine.usage.preparing import get_ready
from engine.usage.records import BATCH, Recorded
from engine.usage.scopes import require_scope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.usage.records import UsageRecord
    from engine.usage.results import UsageEntry, UsageTotal
    from storage.usage.rows import SeriesKey

_REMEMBERED = 50_000
_MICROSECOND = timedelta(microseconds=1)


class UsageFacade:
    """Records usage and reads it. Any method may raise WorkspaceError."""

    def __init__(self, hop: Hop) -> None:
        self._hop = hop
        self._series: dict[SeriesKey, int] = {}
        self._ready = False

    async def record(
        self, tenant_id: str, records: Sequence[UsageRecord], *, origin: str = "api"
    ) -> Recorded:
        """Count each record once, and return what became of them; see `UsageRecord`.

        A record that was counted before changes nothing, so this may be called again after any
        failure. What cannot be counted is refused with its place from 1 on and the reason, and
        does not keep the others from being counted. When this returns, the gauges know.

        Args:
            tenant_id: Whose usage it is.
            records: Calls, in any order.
            origin: Where they come from, as a word.

        Raises:
            ReadOnlyRefused: The run is read-only.
        """
        self._hop.require_writable()
        if not self._ready:
            await get_ready()
            self._ready = True
        done = Recorded()
        for first in range(0, len(records), BATCH):
            batch = records[first : first + BATCH]
            done = done.plus(await self._record(tenant_id, batch, origin, first + 1))
        return done

    async def _record(
        self, tenant_id: str, records: Sequence[UsageRecord], origin: str, first: int
    ) -> Recorded:
        found: dict[SeriesKey, int] = {}

        def work(connection: Connection) -> Recorded:
            from engine.usage.recording import Recorder

            recorder = Recorder(tenant_id, origin=origin, clock=self._hop.clock, known=self._series)
            lines = range(first, first + len(records))
            done = recorder.record(connection, records, lines=lines)
            found.update(recorder.series)
            return done

        done = await self._hop.write(work)
        self._remember(found)
        return done

    def _remember(self, found: dict[SeriesKey, int]) -> None:
        """Keep what is committed now: a series never changes its number."""
        if len(self._series) > _REMEMBERED:
            self._series = {}
        self._series.update(found)

    async def top(  # noqa: PLR0913 - of what, when: all by name
        self,
        tenant_id: str | None,
        *,
        by: str = "model",
        integration: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = 10,
    ) -> tuple[UsageTotal, ...]:
        """Return who used most, by cost and then by tokens, in whole UTC days.

        Args:
            tenant_id: Whose usage; None for everybody's.
            by: One of `storage.limits.rows.SCOPES`.
            integration: The id of the only one that counts.
            start: A moment of the first day; by default of this month's first.
            end: The day of this moment counts, unless it is its very first; by default the
                last of this month.
            limit: How many at the most.

        Raises:
            InvalidInput: Nothing is summed up by that, or the limit is not 1 to 1,000.
        """
        require_limit(limit)
        require_scope(by, field="by")
        days = self._days(start, end)

        def work(connection: Connection) -> tuple[UsageTotal, ...]:
            from engine.usage import totals

            return totals.top(
                connection, tenant_id, by=by, days=days, limit=limit, integration=integration
            )

        return await self._hop.read(work)

    async def days(
        self,
        tenant_id: str,
        scope: str,
        subject: str,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> tuple[UsageTotal, ...]:
        """Return each UTC day of a span, also those without a call; keys are dates.

        The subject is an integration's id, a provider's, model's or agent's name, or the tenant's
        id. The span is this month up to today unless told; `top` says what start and end mean.

        Raises:
            InvalidInput: Nothing is summed up by that.
        """
        require_scope(scope)
        days = self._days(start, end or self._hop.clock.now())

        def work(connection: Connection) -> tuple[UsageTotal, ...]:
            from engine.usage import totals

            return totals.by_day(connection, tenant_id, scope, subject, days)

        return await self._hop.read(work)

    async def export(
        self, tenant_id: str, start: datetime | None = None, end: datetime | None = None
    ) -> AsyncIterator[tuple[UsageEntry, ...]]:
        """Yield the calls of a span in the order in which they were recorded, some at a time.

        The span leaves its end out; by default it is this month.
        """
        from engine.usage.exporting import entries

        period = period_of(self._hop.clock.now())
        span = (start or period.start, end or period.end)
        async for page in entries(self._hop, tenant_id, *span):
            yield page

    def _days(self, start: datetime | None, end: datetime | None) -> range:
        period = period_of(self._hop.clock.now())
        first = day_of(start or period.start)
        if end is None:
            return range(first, max(first, day_of(period.end)))
        return range(first, max(first, day_of(end - _MICROSECOND) + 1))


def get_usage_facade() -> UsageFacade:
    """Return the facade of the process's default workspace."""
    return cast("UsageFacade", default_facade("usage"))
