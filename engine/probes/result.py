"""What a check evaluates to, whatever was checked and however it was reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.http.messages import Stage
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["Checked", "ProbeResult", "Stage", "measured_ms", "stages_of", "whole_ms"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProbeResult:
    """The outcome of one check.

    Attributes:
        state: What the lamp shows.
        message: One sentence for people, already free of control characters.
        error: A code of its own for each cause (`auth_failed`, `tls_expired`, `slow`); None when
            the target is healthy.
        stage: How far it came: `request`, `address`, `resolve`, `connect`, `tls`, `response`,
            `body`, or `evaluate` when an answer arrived whole; other technologies add their own.
        latency_ms: Whole milliseconds from sending to the last byte; None when nothing was sent.
        stages: What each step took, in order.
        status_code: The HTTP status, where there was one.
        retry_after_s: Seconds for which the provider asked to be left alone.
        remedy: What to do about it; empty when there is nothing to do.
        details: Facts read from the answer (a count of models, a redirect's place).
        loop_lag_ms: How late this process's event loop ran meanwhile: how far to trust latency.
    """

    state: CusHealthState
    message: str
    error: str | None = None
    stage: str | None = None
    latency_ms: int | None = None
    stages: tuple[Stage, ...] = ()
    status_code: int | None = None
    retry_after_s: float | None = None
    remedy: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    loop_lag_ms: int | None = None

    @property
    def ok(self) -> bool:
        """True when the target is healthy."""
        return self.state is CusHealthState.HEALTHY


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A result with its time.

    Attributes:
        result: What the check came to.
        checked_at: Aware UTC time at which it ended.
        cached: Whether this is the last result again, because it is fresh enough.
        previous_state: What the lamp showed before; None where there is no lamp (a form).
    """

    result: ProbeResult
    checked_at: datetime
    cached: bool = False
    previous_state: CusHealthState | None = None


def stages_of(result: ProbeResult) -> tuple[dict[str, object], ...]:
    """Return the steps as JSON-ready values: name, milliseconds and whether each passed."""
    return tuple(
        {"name": stage.name, "ms": round(stage.ms, 1), "ok": stage.ok} for stage in result.stages
    )


def measured_ms(ms: float) -> int:
    """Return what a check took in whole milliseconds: 0 would read as not measured."""
    return max(1, round(ms))


def whole_ms(ms: float | None) -> int | None:
    """Return kept milliseconds as the whole number that people read."""
    return None if ms is None else round(ms)
