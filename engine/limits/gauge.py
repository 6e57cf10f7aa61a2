"""One measure against its limit: per cent, levels, state. Pure, and exact beyond 2^53."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Levels have three places behind the point; as whole thousandths they compare exactly.
_THOUSANDTHS = 1000


def percent_of(used: int | None, limit: int) -> float | None:
    """Return how much of a limit is used, not capped; None without a limit or a measurement."""
    return None if used is None or not limit else 100 * used / limit


def passed(used: int | None, limit: int, levels: Sequence[float]) -> tuple[float, ...]:
    """Return the levels (per cent) that use is at or above, in their order."""
    if used is None or not limit:
        return ()
    part = used * 100 * _THOUSANDTHS
    return tuple(level for level in levels if part >= round(level * _THOUSANDTHS) * limit)


def state_of(used: int | None, limit: int, levels: Sequence[float]) -> str:
    """Return one of `engine.limits.results.STATES`; `used` is None when never measured."""
    if not limit:
        return "unlimited"
    if used is None:
        return "unmeasured"
    if used >= limit:
        return "over"
    return "warned" if passed(used, limit, levels) else "ok"
