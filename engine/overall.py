"""Many lamps as one, and when a lamp is too old to be believed. Knows no database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# Worst first: the order of every board.
STATES_WORST_FIRST = ("failing", "degraded", "unknown", "healthy")
# A lamp whose last check is older than this says so.
STALE_AFTER = timedelta(minutes=5)


def all_states(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts with all four states as keys, worst first."""
    return {state: counts.get(state, 0) for state in STATES_WORST_FIRST}


def overall_health(counts: Mapping[str, int]) -> str:
    """Return the one state of many lamps.

    Failing if any is, else degraded if any is, else unknown where all are or there is nothing,
    else healthy.
    """
    for state in ("failing", "degraded", "healthy"):
        if counts.get(state, 0):
            return state
    return "unknown"


def is_stale(checked_at: datetime | None, now: datetime) -> bool:
    """Tell whether the last check is too old to be believed; what was never checked is not."""
    return checked_at is not None and now - checked_at > STALE_AFTER
