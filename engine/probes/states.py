"""The four states a lamp can show."""

from __future__ import annotations

from enum import StrEnum


class CusHealthState(StrEnum):
    """The health of a target as its last check found it.

    `unknown` means that there was no way to check; it is never a kind of failing.
    """

    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    FAILING = "failing"
