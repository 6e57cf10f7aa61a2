"""Reading one feed: from its cursor to today, and what is kept of how that went."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.errors import LampboardError, UsageSourceError
from engine.usage.period import day_of, period_of
from engine.usage.preparing import get_ready
from engine.usage.sync.reading import read_span
from engine.usage.sync.reckoning import Reckoner
from engine.usage.sync.registry import get_source
from engine.usage.sync.results import SyncResult
from engine.usage.sync.rows import driver, integration_of
from engine.usage.sync.settings import FeedSettings
from engine.usage.sync.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.hop import Hop
    from engine.usage.records import Recorded
    from engine.usage.sync.reading import Sends
    from engine.usage.sync.reckoning import Told
    from engine.usage.sync.source import UsageSource
    from storage.integrations import IntegrationRow
    from storage.usage.rows import FeedRow

_AFTER_ERROR_S = 900
_LONGEST_ERROR = 1000


class Reading:
    """One reading of one feed: window after window, each a transaction with its cursor."""

    def __init__(
        self,
        hop: Hop,
        credentials: CredentialStore,
        client: Callable[[], Sends],
        row: FeedRow,
    ) -> None:
        self._hop, self._credentials, self._client, self._row = hop, credentials, client, row
        self._settings = FeedSettings.from_config(row.config)
        self._thing_name = row.integration_id or ""
        self._days = 0
        self._counts = {"new": 0, "refused": 0, "unpriced": 0}

    async def run(self) -> None:
        """Read window after window up to today.

        Raises:
            LampboardError: It stopped; what was read before is kept.
        """
        await get_ready()
        thing = await self._hop.read(self._thing)
        source = get_source(thing.provider_type)
        today = day_of(self._hop.clock.now())
        first = self._first()
        while first <= today:
            end = min(first + source.most_days, today + 1)
            await self._window(source, Span(first=first, end=end, only=self._settings.only))
            first = end

    def _thing(self, connection: Connection) -> IntegrationRow:
        thing = integration_of(connection, self._row.tenant_id, self._row.integration_id or "")
        self._thing_name = thing.name
        return thing

    def _first(self) -> int:
        through = self._row.cursor.get("through")
        if isinstance(through, int):
            return through + 1
        since = self._settings.since
        if since is None:
            return day_of(period_of(self._hop.clock.now()).previous().start)
        return day_of(datetime.combine(since, time(), UTC))

    async def _window(self, source: UsageSource, span: Span) -> None:
        secret = await self._secret()
        told = await read_span(
            self._client(),
            source,
            span,
            base_url=self._settings.base_url or source.base_url,
            secret=secret,
        )
        del secret
        done = await self._hop.write(partial(self._record, source=source, span=span, told=told))
        self._days += span.end - span.first
        for name in self._counts:
            self._counts[name] += getattr(done, name)
        if done.refusals:
            raise UsageSourceError(done.refusals[0].reason)

    async def _secret(self) -> str:
        from engine.credentials.service import WorkspaceCredentials

        credentials = WorkspaceCredentials(self._hop, self._credentials, self._row.tenant_id)
        reference = self._row.credential_ref or ""
        async with credentials.opened([reference]) as open_secret:
            return open_secret(reference).value

    def _record(
        self, connection: Connection, *, source: UsageSource, span: Span, told: Told
    ) -> Recorded:
        """Add what is missing, and move the cursor unless something was refused."""
        from engine.usage.pricing import price
        from engine.usage.recording import Recorder
        from storage.usage.counted import counted

        thing = self._thing(connection)
        settled_before = day_of(self._hop.clock.now()) - source.settles_after
        reckoner = Reckoner(
            origin=source.origin,
            integration_id=thing.id,
            provider=source.provider,
            settled_before=settled_before,
            price=price,
        )
        recorder = Recorder(thing.tenant_id, origin=source.origin, clock=self._hop.clock)
        # Others who read the same feed wait here: what is missing is looked up after them.
        driver(connection).take_turn(thing.tenant_id)
        before = counted(connection, thing.id, source.origin, first=span.first, end=span.end)
        done = recorder.record(connection, list(reckoner.records(told, before)))
        if not done.refused:
            self._advance(connection, min(span.end, settled_before) - 1, span)
        return done

    def _advance(self, connection: Connection, through: int, span: Span) -> None:
        row = driver(connection).get_feed(self._row.tenant_id, self._row.name)
        # A feed that was changed or removed meanwhile begins anew, or not at all.
        if row is not None and row.config == self._row.config and through >= span.first:
            driver(connection).put_feed(replace(row, cursor={"through": through}))

    async def end(self, error: LampboardError | None) -> None:
        """Keep when it was read, or what stopped it, and when it is read next."""
        now = self._hop.clock.now()

        def work(connection: Connection) -> None:
            row = driver(connection).get_feed(self._row.tenant_id, self._row.name)
            if row is None:
                return
            every_s = FeedSettings.from_config(row.config).every_s
            due_at = self._due_at(now, every_s, error) if every_s else None
            kept: dict[str, Any] = {"error": None, "read_at": now}
            if error is not None:
                kept = {"error": _sentence(error)}
            driver(connection).put_feed(replace(row, due_at=due_at, **kept))

        await self._hop.write(work)

    @staticmethod
    def _due_at(now: datetime, every_s: int, error: LampboardError | None) -> datetime:
        wait = every_s if error is None else min(every_s, _AFTER_ERROR_S)
        asked = error.retry_after_s if isinstance(error, UsageSourceError) else None
        return now + timedelta(seconds=max(wait, asked or 0))

    def result(self, error: LampboardError | None) -> SyncResult:
        """Return what it came to."""
        return SyncResult(
            tenant_id=self._row.tenant_id,
            name=self._row.name,
            integration=self._thing_name,
            days=self._days,
            **self._counts,
            error=None if error is None else error.message,
            hint="" if error is None else error.hint,
        )


def _sentence(error: LampboardError) -> str:
    text = f"{error.message} {error.hint}" if error.hint else error.message
    return text[:_LONGEST_ERROR]
