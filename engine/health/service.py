"""Checks of a tenant's LLM integrations, on demand; the monitor's own schedule is not here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from engine.health.recorder import Recorder
from engine.hop import default_facade
from engine.overall import overall_health

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.health.model import HealthSummary
    from engine.health.tickets import Batch, Ticket
    from engine.hop import Hop
    from engine.http import HttpClient
    from engine.integrations.drafts import Draft
    from engine.integrations.results import HealthCheckResult
    from storage.health import CheckRow
    from storage.paging import Key

# Integrations read at a time: no more secrets than these are in the open at once.
READ_ROWS = 100


class CusHealthService:
    """Service for health checking customer LLM integrations.

    Checks go out for real. A target is checked once at a time however many ask, and at most once
    a minute unless forced; then the last result is returned, marked as cached.

    Args:
        hop: The way to the database.
        credentials: The synchronous core of credentials.
        client: Gives the shared HTTP client of the running loop.
    """

    def __init__(
        self, hop: Hop, *, credentials: CredentialStore, client: Callable[[], HttpClient]
    ) -> None:
        self._hop = hop
        self._credentials = credentials
        self._client = client
        self._recorder = Recorder(hop)
        self._flights: dict[str, asyncio.Task[HealthCheckResult]] = {}

    async def check_health(
        self, tenant_id: str, integration_id: str, *, force: bool = False
    ) -> HealthCheckResult:
        """Check one integration and record the result.

        Raises:
            NotFound: This tenant has none of that id.
            ReadOnlyRefused: The run is read-only, so no result could be recorded.
        """
        self._hop.require_writable()

        def work(connection: Connection) -> Ticket:
            from engine.health import tickets

            return tickets.one(connection, self._credentials, tenant_id, integration_id)

        return await self._answer(await self._hop.read(work), force=force)

    async def check_all_integrations(
        self, tenant_id: str, *, force: bool = False
    ) -> list[HealthCheckResult]:
        """Check all of a tenant's integrations that are not disabled; results sorted by name.

        Starts are spread by the settings' rate and bounded by what may be in flight; results are
        recorded in batches as they come.

        Raises:
            ReadOnlyRefused: The run is read-only, so no result could be recorded.
            WorkspaceError: The database cannot be used; what was recorded stays.
        """
        self._hop.require_writable()
        gate = asyncio.Semaphore(self._hop.settings.in_flight)
        tasks: list[asyncio.Task[HealthCheckResult]] = []
        try:
            async with asyncio.TaskGroup() as group:
                async for ticket in self._paced(tenant_id, gate):
                    check = self._gated(ticket, gate, force=force)
                    tasks.append(group.create_task(check))
        except ExceptionGroup as failed:
            # All fail for the one reason that the database is away: say it once.
            raise failed.exceptions[0] from None
        return [task.result() for task in tasks]

    async def check_draft(self, draft: Draft) -> HealthCheckResult:
        """Check values of a form for real; nothing is recorded."""

        def work(connection: Connection) -> Ticket:
            from engine.health import tickets

            return tickets.of_draft(connection, self._credentials, draft)

        ticket = await self._hop.read(work)
        return (await self._check(ticket))[0]

    async def get_health_summary(self, tenant_id: str) -> HealthSummary:
        """Return the tenant's health in numbers, without a new check."""
        now = self._hop.clock.now()

        def work(connection: Connection) -> HealthSummary:
            from engine.health import reading

            return reading.summary(connection, tenant_id, now)

        return await self._hop.read(work)

    @staticmethod
    def _calculate_overall_health(counts: Mapping[str, int]) -> str:
        return overall_health(counts)

    async def settle(self) -> None:
        """Wait until what is in flight has ended, however it ended."""
        await asyncio.gather(*self._flights.values(), return_exceptions=True)

    async def _answer(self, ticket: Ticket, *, force: bool) -> HealthCheckResult:
        if not force and (cached := ticket.cached(self._hop.clock.now())):
            return cached
        return await self._fly(ticket)

    async def _fly(self, ticket: Ticket) -> HealthCheckResult:
        """Check and record, or wait for the flight that is on its way to the same target."""
        key = ticket.target.id
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._check_and_record(ticket))
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        # One who stops waiting does not stop the check for the others.
        return await asyncio.shield(flight)

    async def _check_and_record(self, ticket: Ticket) -> HealthCheckResult:
        result, row = await self._check(ticket)
        if row is not None:
            await self._recorder.record(row)
        return result

    async def _check(self, ticket: Ticket) -> tuple[HealthCheckResult, CheckRow | None]:
        from engine.health.checks import check_target, to_row

        found = await check_target(
            self._client(),
            ticket.target,
            now=self._hop.clock.now(),
            deadline_s=self._hop.settings.deadline_s,
        )
        ended = self._hop.clock.now()
        # The database keeps milliseconds: now and when read back, it is the same time.
        checked_at = ended.replace(microsecond=ended.microsecond // 1000 * 1000)
        row = to_row(ticket.last.number, found, checked_at) if ticket.last else None
        return ticket.result(found, checked_at), row

    async def _gated(
        self, ticket: Ticket, gate: asyncio.Semaphore, *, force: bool
    ) -> HealthCheckResult:
        try:
            return await self._answer(ticket, force=force)
        finally:
            gate.release()

    async def _paced(self, tenant_id: str, gate: asyncio.Semaphore) -> AsyncIterator[Ticket]:
        """Yield what is to be checked, no faster than the settings' rate and never too many."""
        pause_s = 60 / self._hop.settings.rate_per_minute
        after: Key | None = None
        while True:
            batch = await self._batch(tenant_id, after)
            for ticket in batch.tickets:
                await gate.acquire()
                yield ticket
                await asyncio.sleep(pause_s)
            after = batch.after
            if after is None:
                return

    async def _batch(self, tenant_id: str, after: Key | None) -> Batch:
        def work(connection: Connection) -> Batch:
            from engine.health import tickets

            return tickets.many(connection, self._credentials, tenant_id, after, READ_ROWS)

        return await self._hop.read(work)


def get_health_service() -> CusHealthService:
    """Return the service of the process's default workspace."""
    return cast("CusHealthService", default_facade("checks"))
