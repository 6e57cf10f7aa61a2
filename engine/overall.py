"""Many lamps as one: counts by state, and the state of the whole. Knows no database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Worst first: the order of every board.
STATES_WORST_FIRST = ("failing", "degraded", "unknown", "healthy")


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
