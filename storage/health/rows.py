"""The frozen rows of health: a target with its lamp, a check, an hour, a change, a monitor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

# Worst first is how people read a board: the rank is what lists sort by.
STATE_RANKS = {"failing": 0, "degraded": 1, "unknown": 2, "healthy": 3}


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetRow:
    """A thing that can be checked: its schedule and its lamp.

    `latency_ms` and `loop_lag_ms` are milliseconds, `interval_s` seconds. `since` is when the
    present state began, `checked_at` when it was last seen; both are None before the first
    check. `due_at` is None while nothing is planned (an inactive target).
    """

    number: int
    kind: str
    id: str
    tenant_id: str
    name: str
    type: str
    technology: str
    status: str
    active: bool
    interval_s: int
    due_at: datetime | None
    lease_owner: str | None
    lease_until: datetime | None
    retry_at: datetime | None
    forced_at: datetime | None
    state: str
    error: str | None
    message: str | None
    remedy: str | None
    stage: str | None
    latency_ms: float | None
    status_code: int | None
    checked_at: datetime | None
    since: datetime | None
    failures_in_row: int
    loop_lag_ms: float | None
    created_at: datetime
    retired_at: datetime | None


LampRow = TargetRow


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckRow:
    """One finished check, as given to `record` and as read back from the history.

    `stages` is JSON text as the engine wrote it. `next_due_at` and `retry_at` are the schedule's
    answer to this result and go to the target; without a `next_due_at` the target's plan stays
    as it is, or moves to one interval after this check when it is due by then. The history keeps
    a message only of what was not healthy, and never the remedy.
    """

    target_number: int
    checked_at: datetime
    state: str
    error: str | None = None
    message: str | None = None
    remedy: str | None = None
    stage: str | None = None
    latency_ms: float | None = None
    status_code: int | None = None
    loop_lag_ms: float | None = None
    stages: str | None = None
    next_due_at: datetime | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HourRow:
    """The checks of one target in one UTC hour that began at `hour`; latencies in ms."""

    target_number: int
    hour: datetime
    count: int
    failures: int
    degraded: int
    p50_ms: float | None
    p95_ms: float | None
    max_ms: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TransitionRow:
    """One change of a lamp, with the reason for the new state."""

    id: int
    target_number: int
    tenant_id: str
    kind: str
    target_id: str
    name: str
    at: datetime
    from_state: str
    to_state: str
    error: str | None
    message: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class UptimeRow:
    """How often a target's checks did not fail within a window that ends now."""

    window: timedelta
    count: int
    failures: int

    @property
    def share(self) -> float | None:
        """The part of checks that did not fail, 0 to 1; None when there was no check."""
        return None if not self.count else 1 - self.failures / self.count


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedRow:
    """What became of a batch: results written, passed over (target gone), and lamps changed."""

    written: int
    skipped: int
    transitions: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorRow:
    """One monitor process and its latest heartbeat."""

    id: str
    host: str
    pid: int
    started_at: datetime
    beat_at: datetime
    checks_total: int = 0
    checks_per_minute: float = 0.0
    in_flight: int = 0
    offline: bool = False
    version: str = ""
    stopped_at: datetime | None = None
