"""The frozen rows of health: a target with its lamp, a check, an hour, a change, a monitor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    """The checks of one target in one UTC hour that began at `hour`; latencies in ms.

    Those that came to nothing (unknown) are not among them.
    """

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
class PastRow:
    """How a target stood at a time that is over.

    `since` is when that state began, None before the first change. What belongs to the last
    check before the time (`checked_at`, `stage`, `latency_ms`, `status_code`) is None where the
    check is no longer kept.
    """

    number: int
    kind: str
    id: str
    tenant_id: str
    name: str
    technology: str
    interval_s: int
    state: str
    error: str | None
    message: str | None
    since: datetime | None
    checked_at: datetime | None
    stage: str | None
    latency_ms: float | None
    status_code: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PastBoardRow:
    """A board of a time that is over: its rows worst first, and how many there were by state.

    `counts` are all targets', `totals` those of the targets that matched.
    """

    rows: tuple[PastRow, ...]
    counts: Mapping[str, int]
    totals: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoodRow:
    """A target that was there in a span of time, and the state in which it entered it.

    `came_at` is None for one that was there before the span, `left_at` for one that is still there.
    """

    number: int
    state: str
    came_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedRow:
    """A change of state in a span of time: which target, when, to what."""

    target_number: int
    at: datetime
    state: str


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
    """What became of a batch: results written, passed over (target gone), and lamps changed.

    `turned` tells of each target whose verdict changed, or that looks otherwise while it is not
    good; in the order in which that came.
    """

    written: int
    skipped: int
    transitions: int
    turned: tuple[TurnRow, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnRow:
    """What the verdict over a target became: `before` and `verdict` are good, bad or flapping.

    They are alike where a target that is not good fails otherwise than before. `state`, `error`
    and `message` are those of the check at `at`.
    """

    number: int
    tenant_id: str
    kind: str
    id: str
    name: str
    technology: str
    before: str
    verdict: str
    state: str
    at: datetime
    error: str | None
    message: str | None


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
