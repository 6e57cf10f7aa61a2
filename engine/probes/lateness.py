"""What this machine lost itself: it says nothing of the other side. Needs no technology."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.probes.states import CusHealthState, slowness

if TYPE_CHECKING:
    from engine.probes.result import ProbeResult

_TIMEOUTS = frozenset({"timeout", "dns_timeout", "connect_timeout", "tls_timeout"})
# The share of a deadline beyond which its end says more about this machine than about the other.
_OWN_SHARE = 0.25
# And what every busy machine loses now and then, however short the deadline.
_OWN_LEAST_MS = 250.0


def judged(result: ProbeResult, lag_ms: float, deadline_s: float) -> ProbeResult:
    """Note how late this process ran; time that it lost itself is nobody else's failure.

    Args:
        result: What the check came to.
        lag_ms: How late the event loop ran meanwhile, at worst.
        deadline_s: Seconds that the whole check had.
    """
    own_ms = max(_OWN_LEAST_MS, deadline_s * 1000 * _OWN_SHARE)
    if result.error in _TIMEOUTS and lag_ms > own_ms:
        result = replace(
            result,
            state=CusHealthState.UNKNOWN,
            error="machine_busy",
            message=f"This machine was too busy to check in time: it was {lag_ms:,.0f} ms late.",
            remedy="Look at what else runs here, or check fewer at once (in_flight).",
        )
    elif result.error == "slow" and _was_in_time(result.latency_ms, lag_ms):
        result = replace(
            result, state=CusHealthState.HEALTHY, error=None, message="Healthy.", remedy=""
        )
    return replace(result, loop_lag_ms=round(lag_ms))


def _was_in_time(latency_ms: float | None, lag_ms: float) -> bool:
    return latency_ms is not None and slowness(latency_ms - lag_ms) is None
