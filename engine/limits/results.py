"""What the facade of limits answers with: frozen, JSON-ready records.

Amounts are whole numbers in the unit of their measure: billionths of a dollar for a budget,
tokens, requests. `engine.usage.records` has the units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.jsonable import JsonRecord
from storage.limits import rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.usage.results import UsageTotal

SCOPES = rows.SCOPES
"""What usage is summed up by and can be limited."""

MEASURES = rows.MEASURES
"""What is limited: money a month, tokens a month, requests a minute."""

STATES = ("over", "warned", "ok", "unmeasured", "unlimited")
"""Of a gauge, worst first: at its limit or over it; past a warning level; below all of them;
limited, but no usage was ever recorded, or no price of it is known; not limited."""

MOST_GROUPS = 10_000
"""Sums of usage that are told at once, the costliest first."""

MAX_LEVELS = 20
"""Warning levels that one meter can have."""

MAX_LEVEL = 1000
"""The highest of them, in per cent of a limit."""

DEFAULT_LEVELS = (50.0, 80.0, 95.0, 100.0)
"""Per cent of a limit at which it warns, where nothing else was said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast(JsonRecord):
    """When a month's limit runs out at the pace of the last days.

    Attributes:
        days: Complete days that it is made of.
        weekdays: Whether each weekday counts as its own, which takes four weeks.
        pace: Expected use on the average of the days that are left, in the measure's unit.
        runs_out_at: When it is expected to run out; None when it lasts the month.
        earliest: When it may run out at the soonest (9 of 10 times later); None when even
            that is not in this month.
        latest: The other end of the range; None when it may well last the month.
        projected: Expected use at the month's end.
        projected_low: The lower end of its range (8 of 10 times between both).
        projected_high: The upper end.
        reason: Why there is no forecast, as a sentence; all else is then empty.
    """

    days: int = 0
    weekdays: bool = False
    pace: float | None = None
    runs_out_at: datetime | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    projected: int | None = None
    projected_low: int | None = None
    projected_high: int | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GaugeResult(JsonRecord):
    """One measure of a meter against its limit, as of now.

    Attributes:
        id: The number of the gauge, as text.
        scope: One of SCOPES; `subject` is what of it: an integration's id, a provider's, model's
            or agent's name, the tenant's id. `name` is what people call it.
        measure: One of MEASURES.
        state: One of STATES.
        limit: In the measure's unit; 0 is unlimited.
        used: In this month, or this minute; None when nothing was ever measured, which is not 0,
            and of a budget when the price of no call is known.
        held: Reserved by callers and not used yet.
        percent: Of the limit, not capped at 100; None when unlimited or not measured.
        levels: Warning levels in per cent, ascending; `reached` is the highest one passed.
        unpriced: Calls of the period whose price is unknown: the budget's real use is higher.
        forecast: None for rates and for what is unlimited.
        resets_at: The exact end of the period: of the month, or of the minute.
        urgency: What runs out first has the lowest.
    """

    id: str
    tenant_id: str
    scope: str
    subject: str
    name: str
    provider: str
    measure: str
    state: str
    limit: int
    used: int | None
    held: int
    percent: float | None
    levels: tuple[float, ...]
    reached: float | None
    unpriced: int
    forecast: Forecast | None
    period_start: datetime
    resets_at: datetime
    urgency: int

    @property
    def status(self) -> str:
        """The state, by the name that all lists have for it."""
        return self.state


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterStory(JsonRecord):
    """Everything about one meter: its gauges, its month day by day, who used it, its last hour.

    Attributes:
        days: One for each day of the period up to today, in order; key is the date (ISO).
        previous_days: Likewise of the month before.
        models: The most used, by cost and then by tokens; likewise `agents` and (of a tenant or
            provider) `integrations`, whose keys are ids.
        minutes: Requests in each of the last 60 minutes, oldest first; the last is this one.
        transitions: Warning levels that were reached, newest first.
        version: For editing: what is expected to be there still.
    """

    tenant_id: str
    scope: str
    subject: str
    name: str
    gauges: tuple[GaugeResult, ...]
    days: tuple[UsageTotal, ...]
    previous_days: tuple[UsageTotal, ...]
    models: tuple[UsageTotal, ...]
    agents: tuple[UsageTotal, ...]
    integrations: tuple[UsageTotal, ...]
    minutes: tuple[int, ...]
    transitions: tuple[LimitTransition, ...]
    period_start: datetime
    period_end: datetime
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitTransition(JsonRecord):
    """A warning level that was reached: once in a period."""

    id: int
    tenant_id: str
    scope: str
    subject: str
    name: str
    measure: str
    level: float
    period_start: datetime
    at: datetime
    used: int
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LimitsHeadline(JsonRecord):
    """What the header says: gauges in each state, and the one that runs out first."""

    states: Mapping[str, int]
    first: GaugeResult | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision(JsonRecord):
    """What limits say of a call before it is made.

    Attributes:
        outcome: allowed, warned or blocked.
        reason: One sentence.
        measure: Of the limit that decided; empty when none did. `scope` and `subject` likewise.
        resets_at: When that limit begins anew; None when none decided.
        reservation_id: What a usage record names to settle it; None when blocked.
        expires_at: When it is given up if no record comes.
    """

    outcome: str
    reason: str
    measure: str = ""
    scope: str = ""
    subject: str = ""
    resets_at: datetime | None = None
    reservation_id: str | None = None
    expires_at: datetime | None = None
    percent: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview(JsonRecord):
    """What a limit would mean before it is set: its gauge as it would be, and a sentence."""

    gauge: GaugeResult
    sentence: str
