"""The four states a lamp can show, and the latencies at which they change."""

from __future__ import annotations

from enum import StrEnum

# Milliseconds beyond which an answer that is fine otherwise is slow, and very slow.
SLOW_MS = 2000
VERY_SLOW_MS = 5000


class CusHealthState(StrEnum):
    """The health of a target as its last check found it.

    `unknown` means that there was no way to check; it is never a kind of failing.
    """

    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    FAILING = "failing"


PASSING = (CusHealthState.HEALTHY, CusHealthState.DEGRADED)
"""It was reached and let us in; what is degraded still works."""
FAILING = (CusHealthState.FAILING,)


def slowness(ms: float) -> str | None:
    """Return the sentence on an answer that is fine but slow; None for one that is in time."""
    if ms <= SLOW_MS:
        return None
    word = "Very slow response" if ms > VERY_SLOW_MS else "Slow response"
    return f"{word}: {ms:,.0f} ms."
