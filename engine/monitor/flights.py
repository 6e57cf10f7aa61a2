"""Checks under way: starts what is ready within pace and caps, one task a check."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.monitor.lanes import Lanes
from engine.monitor.pacing import Pace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from engine.clock import Clock
    from engine.monitor.errands import Claimed
    from engine.monitor.limits import MonitorLimits

# A check that is told to stop may have a session to close; one that will not is left behind.
_END_S = 0.3


class Flights:
    """Starts claimed work, and calls `wake` whenever the monitor may have something to do.

    There is no dispatching task: whatever changes what may start (new work, an end, a timer)
    starts it then and there.

    Attributes:
        held: Numbers of targets that wait or fly.
        dropped: Numbers of those whose lease had become too short to start; taken by the monitor.
        failure: What a check raised, which none should.
    """

    def __init__(
        self,
        limits: MonitorLimits,
        clock: Clock,
        *,
        check: Callable[[Claimed], Awaitable[None]],
        wake: Callable[[], None],
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._check = check
        self._wake = wake
        self._pace = Pace(limits.per_minute)
        self._lanes: Lanes[Claimed] = Lanes(
            in_flight=limits.in_flight, per_lane=limits.per_technology, length=limits.claim_size
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._ended = False
        self.held: set[int] = set()
        self.dropped: list[int] = []
        self.failure: BaseException | None = None

    @property
    def in_flight(self) -> int:
        """How many checks are under way."""
        return self._lanes.flying

    @property
    def waiting(self) -> int:
        """How many claimed targets wait for their start."""
        return self._lanes.waiting

    @property
    def idle(self) -> bool:
        """True when nothing waits or flies."""
        return not self._lanes.flying and not self._lanes.waiting

    def wanting(self) -> bool:
        """Tell whether more work should be claimed."""
        return self._lanes.wanting()

    def crowded(self) -> tuple[str, ...]:
        """Return the technologies of which enough is claimed."""
        return self._lanes.crowded()

    def add(self, work: Iterable[Claimed]) -> None:
        """Take claimed work in, and start what may start.

        What is held already is passed over: a lease that lapsed while its check was on its way
        (a clock was set) can be claimed once more, but must not be checked twice.
        """
        for piece in work:
            if piece.target.number not in self.held:
                self.held.add(piece.target.number)
                self._lanes.add(piece)
        self.pump()

    def pump(self) -> None:
        """Start all that may start now, and set a timer for what may start later."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while not self._ended:
            now = self._clock.monotonic()
            pause = self._pace.delay(now)
            if not pause and (work := self._lanes.start(now)):
                self._start(work, now)
                continue
            self._set_timer(now, pause)
            return

    def abandon(self) -> None:
        """Stop every check and forget what waits: none of it is this monitor's any more."""
        self._lanes.clear()
        self.held.clear()
        self.dropped.clear()
        for task in self._tasks:
            task.cancel()

    async def end(self) -> None:
        """Stop every check and forget what waits; returns when they are gone, or too slow to go."""
        self._ended = True
        self.pump()
        self._lanes.clear()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_END_S)

    def _start(self, work: Claimed, now: float) -> None:
        if self._too_late(work, now):
            self._drop(work)
            return
        self._pace.take(now)
        task = asyncio.create_task(self._fly(work))
        self._tasks.add(task)
        task.add_done_callback(self._landed)

    def _too_late(self, work: Claimed, now: float) -> bool:
        """Tell whether a check might outlive the lease, and so run twice at once."""
        return work.lease_ends - now < self._limits.reserve_s(work.target.kind)

    def _drop(self, work: Claimed) -> None:
        """Give the slot and the work back."""
        self._lanes.done(work.lane)
        self._give_back(work)

    def _give_back(self, work: Claimed) -> None:
        self.held.discard(work.target.number)
        self.dropped.append(work.target.number)
        self._wake()

    async def _fly(self, work: Claimed) -> None:
        try:
            # Once more: the process may have been stopped between being let start and starting.
            if self._too_late(work, self._clock.monotonic()):
                self._give_back(work)
            else:
                await self._check(work)
        finally:
            self._lanes.done(work.lane)
            if self._lanes.wanting():
                self._wake()
            self.pump()

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failure = error
            self._wake()

    def _set_timer(self, now: float, pause: float) -> None:
        ready_at = self._lanes.ready_at()
        if ready_at is not None:
            wait = max(pause, ready_at - now, 0.001)
            self._timer = asyncio.get_running_loop().call_later(wait, self.pump)
