"""The records of health: lamps, checks, transitions and the snapshots that screens show.

All are frozen; times are aware UTC, latencies and spans as their names say. States are the
values of `CusHealthState` as text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Lamp(JsonRecord):
    """A target's state now, with the last check that made it so."""

    number: int
    kind: str
    id: str
    tenant_id: str
    name: str
    technology: str
    active: bool
    interval_s: int
    state: str
    error: str | None = None
    message: str | None = None
    remedy: str | None = None
    stage: str | None = None
    latency_ms: int | None = None
    status_code: int | None = None
    checked_at: datetime | None = None
    since: datetime | None = None
    due_at: datetime | None = None
    failures_in_row: int = 0
    stale: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Check(JsonRecord):
    """One check out of the raw history (kept 48 hours)."""

    checked_at: datetime
    state: str
    error: str | None = None
    message: str | None = None
    stage: str | None = None
    latency_ms: int | None = None
    status_code: int | None = None
    loop_lag_ms: int | None = None
    stages: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Hour(JsonRecord):
    """One hour of checks, but for unknown ones, rolled up (kept 400 days)."""

    hour: datetime
    count: int
    failures: int
    degraded: int
    p50_ms: int | None
    p95_ms: int | None
    max_ms: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition(JsonRecord):
    """A change of state, with its reason."""

    id: int
    tenant_id: str
    kind: str
    target_id: str
    name: str
    at: datetime
    from_state: str
    to_state: str
    error: str | None = None
    message: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Uptime(JsonRecord):
    """The share of checks that did not fail, 0 to 1; None where nothing was checked.

    Over 24 hours, 7, 30, 90 and 365 days, as far as they were asked for.
    """

    day: float | None = None
    week: float | None = None
    month: float | None = None
    quarter: float | None = None
    year: float | None = None


ALL_WINDOWS = ("day", "week", "month", "quarter", "year")
"""The windows of `Uptime`."""

BOARD_WINDOWS = ALL_WINDOWS[:3]
"""What a board reads unless told: a year of 500 lamps takes three times as long as all the rest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorStatus(JsonRecord):
    """Whether a monitor is at work on this database, and how it does."""

    alive: bool
    checks_per_minute: float = 0.0
    in_flight: int = 0
    offline: bool = False
    beat_age_s: float | None = None
    checks_total: int = 0
    host: str | None = None
    pid: int | None = None
    version: str | None = None
    count: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Story(JsonRecord):
    """Everything the board knows about one target.

    `checks` and `transitions` are newest first, `hours` and `latencies` oldest first;
    a latency is `(checked_at, milliseconds or None)`.
    """

    lamp: Lamp
    checks: tuple[Check, ...]
    transitions: tuple[Transition, ...]
    hours: tuple[Hour, ...]
    uptime: Uptime
    latencies: tuple[tuple[datetime, int | None], ...]
    taken_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardRow(JsonRecord):
    """A lamp on the live board, with the age of its check in seconds and its uptime."""

    lamp: Lamp
    age_s: float | None
    uptime: Uptime


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardGroup(JsonRecord):
    """The lamps of one state; `total` may be more than the rows shown."""

    state: str
    total: int
    rows: tuple[BoardRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DaySlot(JsonRecord):
    """A part of a day: the worst state in it, and how many lamps failed in it.

    `state` is None where there was no lamp yet, or where that part is still to come.
    """

    state: str | None
    failing: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DayStrip(JsonRecord):
    """A UTC day at a glance, in equal parts of `slot_s` seconds from `day` on, midnight."""

    day: datetime
    slot_s: int
    slots: tuple[DaySlot, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Board(JsonRecord):
    """The live board: groups worst first, empty ones included.

    A board as it was carries the time that it shows in `at`, and its day's strip where that was
    asked for; `taken_at` is when it was read.
    """

    groups: tuple[BoardGroup, ...]
    counts: Mapping[str, int]
    overall_health: str
    taken_at: datetime
    at: datetime | None = None
    strip: DayStrip | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview(JsonRecord):
    """One reading of all that the overview shows; `total` may be more than the lamps."""

    lamps: tuple[Lamp, ...]
    counts: Mapping[str, int]
    total: int
    overall_health: str
    transitions: tuple[Transition, ...]
    monitor: MonitorStatus
    taken_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthSummary(JsonRecord):
    """A tenant's health in numbers; `stale` counts lamps older than five minutes."""

    tenant_id: str
    counts: Mapping[str, int]
    overall_health: str
    total: int
    stale: int
    checked_at: datetime | None
    monitor: MonitorStatus
    taken_at: datetime
    failing: tuple[Lamp, ...] = field(default=())
