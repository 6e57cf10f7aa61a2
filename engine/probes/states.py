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
