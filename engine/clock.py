"""Where time comes from: an injected clock, so that pictures and tests are the same every day."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day and a time that never goes back."""

    def now(self) -> datetime:
        """Return the time as an aware UTC datetime."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only grow, for measuring spans."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()


class FixedClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("A clock needs an aware datetime.")
        self._now = now.astimezone(UTC)
        self._seconds = 0.0

    def now(self) -> datetime:
        """Return the time that was set, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds it has been advanced by."""
        return self._seconds

    def advance(self, seconds: float) -> datetime:
        """Move both times on by `seconds` and return the new time."""
        self._now += timedelta(seconds=seconds)
        self._seconds += seconds
        return self._now
