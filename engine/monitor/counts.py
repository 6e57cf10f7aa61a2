"""What a run of the monitor came to, in numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(kw_only=True, slots=True)
class MonitorCounts:
    """Checks that were recorded, by state, and those that were left out.

    Attributes:
        checked: Results that are committed to the database.
        healthy: Those that found the target healthy; the other states alike.
        degraded: See `healthy`.
        failing: See `healthy`.
        unknown: See `healthy`.
        skipped: Due, but not checked: this machine was offline, or another monitor has them.
        duration_s: Seconds that the run took.
    """

    checked: int = 0
    healthy: int = 0
    degraded: int = 0
    failing: int = 0
    unknown: int = 0
    skipped: int = 0
    duration_s: float = 0.0

    def add(self, state: str) -> None:
        """Count one recorded result."""
        self.checked += 1
        setattr(self, state, getattr(self, state) + 1)

    def to_dict(self) -> dict[str, int | float]:
        """Return the counts as JSON-ready values."""
        return {
            "checked": self.checked,
            "healthy": self.healthy,
            "degraded": self.degraded,
            "failing": self.failing,
            "unknown": self.unknown,
            "skipped": self.skipped,
            "duration_s": round(self.duration_s, 3),
        }
