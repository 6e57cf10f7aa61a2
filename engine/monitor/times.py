"""The time of day, watched: a wall clock that is set forth or back is noticed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from engine.clock import Clock

# Clocks are slewed by parts of a thousand and stepped by NTP by fractions of a second; more than
# this between two looks is somebody setting the clock, or a machine that slept.
_JUMP_S = 2.0


class Watch:
    """Compares the wall clock with the one that never goes back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._now_offset()

    def jump(self) -> float:
        """Return by how many seconds the wall clock was set since the last look; 0 if it was not.

        A drift below the threshold is kept in mind: it counts together with the next.
        """
        offset = self._now_offset()
        jumped = offset - self._offset
        if abs(jumped) < _JUMP_S:
            return 0.0
        self._offset = offset
        return jumped

    def now(self) -> datetime:
        """Return the wall clock's time."""
        return self._clock.now()

    def _now_offset(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
