"""Checks on demand, of things of every kind; the monitor's own schedule is not here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.health import rules
from engine.health.recorder import Recorder
from engine.health.selection import Selection
from engine.probes.result import Checked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from sqlalchemy import Connection

    from engine.credentials import CredentialStore
    from engine.health.kinds import Ready
    from engine.health.things import Batch, Thing
    from engine.hop import Hop
    from engine.probes.place import Tools
    from storage.filters import Term
    from storage.paging import Key

# Things read at a time: no more rows than these wait for their turn.
READ_ROWS = 100
# Checks at once of one sweep that is not paced. Most drivers block and so have a thread each; more
# of them only wait for one another.
AT_ONCE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedThing:
    """One of many that were checked; `technology` is an integration's provider."""

    id: str
    name: str
    technology: str
    checked: Checked


class Checker:
    """Checks for real, and records what comes of it.

    A thing is checked once at a time however many ask, and at most once a minute unless forced;
    then the last result is returned, marked as cached.

    Args:
        hop: The way to the database.
        credentials: The synchronous core of credentials.
        tools: Gives what checks of a kind share in the running loop.
    """

    def __init__(
        self, hop: Hop, *, credentials: CredentialStore, tools: Callable[[str], Tools]
    ) -> None:
        self._hop = hop
        self._credentials = credentials
        self._tools = tools
        self._recorder = Recorder(hop, credentials.accesses)
        self._flights: dict[tuple[str, str, int], asyncio.Task[Checked]] = {}

    async def check(
        self,
        kind: str,
        tenant_id: str,
        thing_id: str,
        *,
        force: bool = False,
        roles: Sequence[str] | None = None,
    ) -> Checked:
        """Check one thing and record the result.

        Args:
            kind: integration, source or connector.
            tenant_id: Whose it is.
            thing_id: Which one.
            force: Check even if the last check is less than a minute old.
            roles: What is checked must have no roles, or one of these; None is no restriction.

        Raises:
            NotFound: This tenant has none of that id, or none that these roles may see.
            ReadOnlyRefused: The run is read-only, so no result could be recorded.
        """
        thing = await self._one(kind, tenant_id, thing_id, roles)
        return await self._answer(thing, force=force)

    async def check_ready(self, ready: Ready, *, kind: str = rules.SOURCE) -> Checked:
        """Check what was made ready from a form, for real; nothing is recorded.

        Args:
            ready: The thing, its secrets in the open.
            kind: Whose tools and deadline it gets; sources and connectors share theirs.
        """

        async def opened() -> Ready:
            return ready

        return await self._checked(kind, opened)

    async def check_all(  # noqa: PLR0913 - which things, and how, by name
        self,
        kind: str,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        roles: Sequence[str] | None = None,
        force: bool = False,
        at_once: int | None = None,
        told: Callable[[CheckedThing], None] | None = None,
    ) -> list[CheckedThing]:
        """Check all of a tenant's things of a kind but those that are out of use.

        Integrations are started no faster than the settings' rate, because thousands of them
        lead to a handful of providers; sources and connectors as soon as there is a place.
        Results are recorded in batches as they come.

        Args:
            kind: integration, source or connector.
            tenant_id: Whose they are.
            terms: What their search text must match.
            roles: As in `check`.
            force: As in `check`.
            at_once: Checks at the same time; by default what suits the kind.
            told: Is told of each as soon as its result is recorded.

        Returns:
            The results, sorted by name.

        Raises:
            ReadOnlyRefused: The run is read-only, so no result could be recorded.
            WorkspaceError: The database cannot be used; what was recorded stays.
        """
        self._hop.require_writable()
        which = Selection(tenant_id=tenant_id, kind=kind, terms=terms, roles=roles)
        gate = asyncio.Semaphore(at_once or self._at_once(kind))
        tasks: list[asyncio.Task[CheckedThing]] = []
        try:
            async with asyncio.TaskGroup() as group:
                async for thing in self._paced(which, kind, gate):
                    check = self._gated(thing, gate, force=force, told=told)
                    tasks.append(group.create_task(check))
        except ExceptionGroup as failed:
            # All fail for the one reason that the database is away: say it once.
            raise failed.exceptions[0] from None
        return [task.result() for task in tasks]

    async def end(self) -> None:
        """Stop the checks under way, and return when what they had found is recorded.

        A check that was stopped says nothing of its target, so none of it is recorded.
        """
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        await self._recorder.end()

    async def _one(
        self, kind: str, tenant_id: str, thing_id: str, roles: Sequence[str] | None = None
    ) -> Thing:
        self._hop.require_writable()

        def work(connection: Connection) -> Thing:
            from engine.health import things

            which = Selection(tenant_id=tenant_id, kind=kind, roles=roles)
            return things.one(connection, self._credentials, which, thing_id)

        return await self._hop.read(work)

    async def _answer(
        self, thing: Thing, *, force: bool, free: Callable[[], None] | None = None
    ) -> Checked:
        from engine.health.checks import last_of

        if not force and rules.is_fresh(thing.target.checked_at, self._hop.clock.now()):
            last = last_of(thing.target)
            if last is not None:
                return last
        return await self._fly(thing, free)

    async def _fly(self, thing: Thing, free: Callable[[], None] | None) -> Checked:
        """Check and record, or wait for the flight that is on its way to the same thing.

        What was changed since that flight began is checked as it is now.
        """
        key = (thing.target.kind, thing.target.id, thing.row.version)
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._check_and_record(thing, free))
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        # One who stops waiting does not stop the check for the others.
        return await asyncio.shield(flight)

    async def _check_and_record(self, thing: Thing, free: Callable[[], None] | None) -> Checked:
        from engine.health.checks import to_row
        from engine.probes.states import CusHealthState

        target = thing.target
        checked = await self._checked(target.kind, thing.ready)
        if free is not None:
            free()
        await self._recorder.record(to_row(target.number, checked.result, checked.checked_at))
        return replace(checked, previous_state=CusHealthState(target.state))

    async def _checked(self, kind: str, opened: Callable[[], Awaitable[Ready]]) -> Checked:
        from engine.health.checks import check_opened

        result, _ = await check_opened(
            opened,
            self._tools(kind),
            now=self._hop.clock.now(),
            deadline_s=rules.deadline_s(kind, self._hop.settings),
        )
        ended = self._hop.clock.now()
        # The database keeps milliseconds: now and when read back, it is the same time.
        at = ended.replace(microsecond=ended.microsecond // 1000 * 1000)
        return Checked(result=result, checked_at=at)

    async def _gated(
        self,
        thing: Thing,
        gate: asyncio.Semaphore,
        *,
        force: bool,
        told: Callable[[CheckedThing], None] | None,
    ) -> CheckedThing:
        # The place is free when the check has ended: the next one need not wait for the database.
        free = _once(gate.release)
        try:
            checked = await self._answer(thing, force=force, free=free)
        finally:
            free()
        target = thing.target
        done = CheckedThing(
            id=target.id, name=target.name, technology=target.technology, checked=checked
        )
        if told is not None:
            told(done)
        return done

    async def _paced(
        self, which: Selection, kind: str, gate: asyncio.Semaphore
    ) -> AsyncIterator[Thing]:
        """Yield what is to be checked, no faster than its kind's pace and never too many."""
        pause_s = self._pause_s(kind)
        after: Key | None = None
        while True:
            batch = await self._batch(which, after)
            for thing in batch.things:
                await gate.acquire()
                yield thing
                await asyncio.sleep(pause_s)
            after = batch.after
            if after is None:
                return

    async def _batch(self, which: Selection, after: Key | None) -> Batch:
        def work(connection: Connection) -> Batch:
            from engine.health import things

            return things.some(connection, self._credentials, which, after, READ_ROWS)

        return await self._hop.read(work)

    def _pause_s(self, kind: str) -> float:
        return 60 / self._hop.settings.rate_per_minute if kind == rules.INTEGRATION else 0

    def _at_once(self, kind: str) -> int:
        in_flight = self._hop.settings.in_flight
        return in_flight if kind == rules.INTEGRATION else min(AT_ONCE, in_flight)


def _once(act: Callable[[], None]) -> Callable[[], None]:
    left = [act]

    def run() -> None:
        if left:
            left.pop()()

    return run
