"""How late the event loop runs: how far a measured latency can be trusted."""

from __future__ import annotations

import asyncio
from collections import deque
from time import perf_counter

# Twenty looks a second cost under 0.1 % of a core and see any hold-up that would matter.
_EVERY_S = 0.05
# As many looks as the longest usual deadline has.
_KEPT = 400
_MS = 1000.0


class LagSampler:
    """Notes how much later than asked its timer fires; runs only while something is in flight."""

    def __init__(self) -> None:
        self._in_flight = 0
        self._due = 0.0
        self._handle: asyncio.TimerHandle | None = None
        self._late: deque[tuple[float, float]] = deque(maxlen=_KEPT)

    def begin(self) -> None:
        """Say that an exchange begins."""
        self._in_flight += 1
        if self._handle is None:
            self._plan()

    def end(self) -> None:
        """Say that an exchange ended."""
        self._in_flight -= 1

    def worst_since(self, since: float) -> float:
        """Return the worst lag in milliseconds from `since` (perf_counter) until now.

        The timer that is late right now counts, and the look just before `since`: a hold-up that
        it saw may have lasted.
        """
        worst = max(0.0, perf_counter() - self._due)
        for when, late in reversed(self._late):
            worst = max(worst, late)
            if when < since:
                break
        return worst * _MS

    def stop(self) -> None:
        """Cancel the timer."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _plan(self) -> None:
        self._due = perf_counter() + _EVERY_S
        self._handle = asyncio.get_running_loop().call_later(_EVERY_S, self._look)

    def _look(self) -> None:
        now = perf_counter()
        self._late.append((now, now - self._due))
        self._handle = None
        if self._in_flight:
            self._plan()
