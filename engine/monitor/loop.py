"""The monitor's loop: carries results to the database, brings work back, tells that it lives.

Checks run beside it (`Flights`); this is the one place from which the database is used, one
errand after the other.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from engine.errors import WorkspaceError
from engine.health.things import load_kinds
from engine.monitor import errands
from engine.monitor.agenda import Agenda
from engine.monitor.alerting import send_alerts
from engine.monitor.attendance import Attendance, Suspects
from engine.monitor.checking import Checker
from engine.monitor.counts import MonitorCounts
from engine.monitor.errands import Claim, Errand
from engine.monitor.feeds import read_feeds
from engine.monitor.flights import Flights
from engine.monitor.ledgers import verify_ledgers
from engine.monitor.meters import Meters
from engine.monitor.network import Network
from engine.monitor.outbox import Outbox
from engine.monitor.pulse import Pulse
from engine.monitor.reckoning import Reckoner
from engine.monitor.times import Watch
from engine.monitor.watching import watch_conditions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from engine.monitor.errands import Claimed, Haul
    from engine.monitor.limits import MonitorLimits
    from engine.workspace import Workspace
    from storage.health import CheckRow, MonitorRow

logger = logging.getLogger(__name__)

# An end waits no longer than this for the database, so that all of it takes less than a second.
_END_S = 0.3
# Longer only where an alert was being sent: nobody else can tell that it may have been told.
_UNTOLD_S = 3.0
# A single run does not wait for a database for ever; a monitor in the background does.
_TRIES_ONCE = 3


class Monitor:
    """One monitor over one workspace; `run` is its life.

    Args:
        workspace: The opened workspace; it stays open.
        limits: Caps and spans.
        stop: Ends the run when it is set.
        once: Check what is due now and end, instead of going on.
        recorded: Is told of every batch of results once it is committed.
        meters: Is told of all that is done.
    """

    def __init__(  # noqa: PLR0913 - what it works with, all by name
        self,
        workspace: Workspace,
        limits: MonitorLimits,
        *,
        stop: asyncio.Event,
        once: bool = False,
        recorded: Callable[[Sequence[CheckRow]], None] | None = None,
        meters: Meters | None = None,
    ) -> None:
        clock = workspace.clock
        self._workspace, self._limits, self._clock = workspace, limits, clock
        self._stop, self._once, self._recorded = stop, once, recorded
        self._meters = meters or Meters()
        self._wake = asyncio.Event()
        self._owner, self._began, self._cutoff = workspace.ids(), clock.monotonic(), clock.now()
        self._counts = MonitorCounts()
        self._network, self._watch = Network(), Watch(clock)
        self._outbox, self._agenda = (
            Outbox(self._counts),
            Agenda.begin(limits, self._began, once=once),
        )
        self._reckoner = Reckoner(workspace, self._began)
        self._checker = Checker(workspace.tools, self._network, clock, limits, self._meters)
        self._flights = Flights(limits, clock, check=self._check, wake=self._wake.set)
        self._attendance = Attendance(workspace, self._owner, lost=self._lose)
        self._suspects = Suspects()
        self._gone: tuple[str, ...] = ()
        # Whether everything that is held is to be given back.
        self._forsaken = False
        self._pulse = Pulse(self._owner, started_at=self._cutoff, started=self._began)
        # Times in the future may have been left by a clock that was set back while nobody looked.
        self._mend = True
        self._prepared = False
        self._exhausted = False
        self._passed_over: tuple[str, ...] = ()

    async def run(self) -> MonitorCounts:
        """Go on until told to stop (or, once, until nothing is due); return what was done.

        Raises:
            WorkspaceError: The database cannot be used, and that will not pass.
        """
        stopper = asyncio.create_task(self._stop.wait())
        beside = asyncio.create_task(self._beside())
        round_: asyncio.Task[None] | None = None
        try:
            while not self._stop.is_set() and not self._finished():
                round_ = asyncio.create_task(self._round())
                await asyncio.wait({round_, stopper}, return_when=asyncio.FIRST_COMPLETED)
                if round_.done():
                    round_.result()
            if self._once and not self._stop.is_set():
                await asyncio.wait({beside, stopper}, return_when=asyncio.FIRST_COMPLETED)
                await self._finish_once()
        finally:
            stopper.cancel()
            beside.cancel()
            await self._end(round_)
            await asyncio.wait({beside}, timeout=_UNTOLD_S)
        self._counts.duration_s = self._clock.monotonic() - self._began
        return self._counts

    async def _beside(self) -> None:
        """Do what no check waits for: read feeds, verify ledgers, watch, tell of incidents.

        One that fails does not stop the others. Cancelled, it is over when all of them are: what
        was being told by then is written down as not known.
        """
        tasks = [
            asyncio.create_task(work)
            for work in (
                read_feeds(self._workspace.feeds, once=self._once),
                verify_ledgers(self._workspace, once=self._once),
                watch_conditions(self._workspace, once=self._once),
                send_alerts(self._workspace, once=self._once),
            )
        ]
        try:
            await asyncio.wait(tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _check(self, work: Claimed) -> None:
        outcome = await self._checker.check(work)
        if self._outbox.put(outcome, self._clock.monotonic()):
            self._wake.set()

    # When there is something to do

    async def _sleep(self) -> None:
        while not self._stop.is_set() and (wait := self._wait_s()) > 0:
            self._wake.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            except TimeoutError:
                return

    def _wait_s(self) -> float:
        if self._flights.failure is not None or self._finished():
            return 0.0
        now = self._clock.monotonic()
        at = self._agenda.next(wanting=self._wanting())
        if not self._once:
            at = max(min(at, self._reckoner.next_at), self._agenda.paused_until)
        if self._to_write(now) or self._may_claim(now):
            at = self._agenda.paused_until
        elif (ripe := self._outbox.ripe_in(now)) is not None:
            at = min(at, max(now + ripe, self._agenda.paused_until))
        return at - now

    def _wanting(self) -> bool:
        return self._flights.wanting() and not (self._once and self._exhausted)

    def _may_claim(self, now: float) -> bool:
        """Tell whether to claim: work is wanted, and there may be some that was not to be had."""
        drained = self._flights.crowded() != self._passed_over
        return self._wanting() and (drained or self._agenda.may_claim(now))

    def _to_write(self, now: float) -> bool:
        if self._flights.dropped or self._forsaken or self._outbox.ripe_in(now) == 0:
            return True
        # The last results of a single run need not wait for others.
        return self._once and self._flights.idle and bool(self._outbox)

    def _finished(self) -> bool:
        """Tell whether a single run is over: nothing is left to claim, to check or to write."""
        left = self._outbox or self._flights.dropped or not self._flights.idle
        return self._once and self._exhausted and not left

    # What there is to do

    async def _round(self) -> None:
        await self._sleep()
        self._meters.busy(
            flying=self._flights.in_flight,
            waiting=self._flights.waiting,
            unwritten=len(self._outbox),
        )
        if self._flights.failure is not None:
            raise self._flights.failure
        now = self._clock.monotonic()
        if self._stop.is_set() or self._finished() or now < self._agenda.paused_until:
            return
        self._look_at_the_clock(now)
        try:
            await self._work(now)
        except WorkspaceError as error:
            self._endure(error)
        else:
            self._agenda.failures = 0

    async def _work(self, now: float) -> None:
        if not self._prepared:
            await self._workspace.read(load_kinds)
            self._prepared = True
        if not (self._attendance.here or self._once):
            await self._attendance.take()
        beat = now >= self._agenda.beat_at
        if now >= self._agenda.look_at and not beat:
            look = partial(errands.look, owner=self._owner, clock=self._clock)
            seen = await self._workspace.read(look)
            self._agenda.looked(self._until(seen.next_due), now)
            self._gone = self._suspects.seen(seen.gone, now)
        # Leases run out unseen by that look, so each heartbeat claims as well.
        claim = self._may_claim(now) or (bool(beat or self._gone) and self._wanting())
        if beat or claim or self._gone or self._mend or self._to_write(now):
            await self._run(self._errand(now, beat=beat, claim=claim), now)
        if now >= self._agenda.house_at:
            await self._keep_house(now)
        if now >= self._reckoner.next_at and not self._once:
            await self._reckoner.step(now)

    def _errand(self, now: float, *, beat: bool, claim: bool) -> Errand:
        return Errand(
            owner=self._owner,
            results=self._outbox.results(),
            postponed=self._outbox.postponed(),
            dropped=None if self._forsaken else tuple(self._flights.dropped),
            beat=self._heartbeat(now) if beat else None,
            gone=self._gone,
            mend=self._mend,
            claim=self._claim() if claim else None,
        )

    def _claim(self) -> Claim:
        return Claim(
            limit=self._limits.claim_size,
            lease_s=self._limits.lease_s,
            ahead_s=self._limits.ahead_s,
            due_by=self._cutoff if self._once else None,
            passing_over=self._flights.crowded(),
        )

    async def _run(self, errand: Errand, now: float) -> None:
        losses = self._attendance.losses
        haul = await self._send(errand)
        # Lost while this was under way: what it claimed is to be given back by the next one.
        self._forsaken = losses != self._attendance.losses
        if errand.beat is not None:
            self._agenda.beaten(now)
            self._meters.beat()
        if errand.claim is not None:
            self._passed_over = errand.claim.passing_over
            self._exhausted = not haul.full and not self._passed_over
            self._agenda.claimed(
                self._until(haul.next_due), self._clock.monotonic(), full=haul.full
            )
            if not self._forsaken:
                self._meters.claimed(len(haul.claimed))
                self._flights.add(haul.claimed)

    async def _send(self, errand: Errand) -> Haul:
        """Run the errand; only when it is committed is anything let go of, counted and told."""
        credentials = self._workspace.credentials.core
        asked = credentials.accesses.take()
        run = partial(
            errands.run_errand,
            errand=replace(errand, asked=asked),
            clock=self._clock,
            credentials=credentials,
            settings=self._workspace.settings,
        )
        began = self._clock.monotonic()
        try:
            haul = await self._workspace.write(run)
        except BaseException:
            credentials.accesses.give_back(asked)
            raise
        self._mend = self._mend and not errand.mend
        self._gone = ()
        if errand.dropped:
            del self._flights.dropped[: len(errand.dropped)]
            self._exhausted = False
        now = self._clock.monotonic()
        numbers = self._outbox.confirm(errand.results, len(errand.postponed), now)
        self._flights.held.difference_update(numbers)
        self._pulse.count(len(errand.results), now)
        self._meters.wrote(now - began, len(errand.results))
        if self._recorded is not None and errand.results:
            self._recorded(errand.results)
        return haul

    async def _keep_house(self, now: float) -> None:
        at = self._clock.now()
        await self._workspace.write(partial(errands.keep_house, now=at))
        while await self._workspace.write(partial(errands.forget, now=at)):
            pass
        self._agenda.kept_house(now)

    def _heartbeat(self, now: float, *, stopped: bool = False) -> MonitorRow:
        return self._pulse.beat(
            self._clock.now(),
            now,
            in_flight=self._flights.in_flight,
            offline=self._network.look(now),
            stopped=stopped,
        )

    def _look_at_the_clock(self, now: float) -> None:
        jump = self._watch.jump()
        if jump:
            logger.warning("The clock was set by %+.0f s.", jump)
            self._agenda.clock_was_set(now)
            self._mend = self._mend or jump < 0

    def _until(self, due: datetime | None) -> float | None:
        return None if due is None else (due - self._clock.now()).total_seconds()

    def _endure(self, error: WorkspaceError) -> None:
        """Keep everything and try again later, where that may help."""
        self._meters.erred(error.code)
        if not error.temporary or (self._once and self._agenda.failures >= _TRIES_ONCE - 1):
            raise error
        if not self._agenda.failures:
            logger.warning("%s Results are kept until it can be written again.", error.message)
        self._agenda.failed(self._clock.monotonic())

    def _lose(self) -> None:
        """Stop all checks: the server thinks this monitor gone, and lets others make them."""
        self._flights.abandon()
        self._forsaken = True
        self._wake.set()

    # The end

    async def _end(self, round_: asyncio.Task[None] | None) -> None:
        """Stop all checks, write down what is known, give everything back; in less than a second.

        A database that does not answer in that time keeps what it has: nothing else was
        acknowledged, and the leases run out by themselves.
        """
        await self._flights.end()
        if round_ is not None and not round_.done():
            self._wake.set()
            await asyncio.wait({round_}, timeout=_END_S)
            round_.cancel()
            await asyncio.wait({round_})
        try:
            async with asyncio.timeout(_END_S):
                await self._settle()
        except TimeoutError:
            logger.warning("The database did not take the last results in time.")
        except WorkspaceError as error:
            logger.warning("The last results could not be written: %s", error.message)
        await self._attendance.end()

    async def _settle(self) -> None:
        """Write everything that is left, with the last heartbeat and all leases given back."""
        while self._outbox:
            await self._send(self._errand(self._clock.monotonic(), beat=False, claim=False))
        now = self._clock.monotonic()
        beat = None if self._once else self._heartbeat(now, stopped=True)
        await self._send(Errand(owner=self._owner, dropped=None, beat=beat))

    async def _finish_once(self) -> None:
        """Count what others hold, reckon and keep house: there may be no other monitor to do it."""
        due = await self._workspace.read(partial(errands.due_count, by=self._cutoff))
        self._counts.skipped += due
        await self._reckoner.drain(self._clock.monotonic())
        await send_alerts(self._workspace, once=True)  # of what these checks found, too
        await self._keep_house(self._clock.monotonic())
