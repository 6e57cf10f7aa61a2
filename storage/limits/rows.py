"""The rows of limits: meters and gauges. Amounts are in the unit of their measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

SCOPES = ("integration", "provider", "model", "agent", "tenant")
"""What usage is summed up by."""

MEASURES = ("budget", "tokens", "rate")
LIMITS = {
    "budget": "budget_limit_cents",
    "tokens": "token_limit_month",
    "rate": "rate_limit_rpm",
}
"""Which column of a meter limits a measure."""

NANOS_PER_CENT = 10_000_000
UNITS = {"budget": NANOS_PER_CENT, "tokens": 1, "rate": 1}
"""How much of a measure one of its limit's column is: budgets are limited in cents."""

MAX_STORED = 2**63 - 1
"""More than this no column holds; a limit that is more in its measure's unit is cut to it."""

MAX_TTL_S = 86_400
"""The longest that a reservation may be open, in seconds: a day."""

UNMEASURED = 8_000_000_000_000_000_000
UNLIMITED = 9_000_000_000_000_000_000
"""The urgency of a gauge that nothing was measured of yet, and of one without a limit."""

Sort: TypeAlias = Literal["urgency", "name", "percent", "used", "limit"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MeterRow:
    """What usage is summed up by, and how much of it there may be. Limits of 0 are unlimited.

    `warning_levels` is None where the board's own hold; those given are per cent, ascending.
    """

    number: int
    tenant_id: str
    scope: str
    subject: str
    name: str
    provider: str
    budget_limit_cents: int
    token_limit_month: int
    rate_limit_rpm: int
    warning_levels: tuple[float, ...] | None
    created_at: datetime
    updated_at: datetime | None
    retired_at: datetime | None
    version: int

    def limit(self, measure: str) -> int:
        """The limit of a measure in the measure's own unit: a budget's in nano-dollars."""
        return limit_value(measure, getattr(self, LIMITS[measure]))


@dataclass(frozen=True, kw_only=True, slots=True)
class GaugeRow:
    """A meter's measure against its limit, as of the last reckoning; `percent` is -1 for none.

    `subject`, the limits' `version` and the rest of the meter come with it, so that a page needs
    no second question.
    """

    number: int
    meter_number: int
    tenant_id: str
    scope: str
    subject: str
    measure: str
    name: str
    provider: str
    limit_value: int
    state: str
    used: int
    percent: float
    urgency: int
    reckoned_at: datetime | None
    warning_levels: tuple[float, ...] | None
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TransitionRow:
    """A warning level that was reached; `level` is in per cent of the limit then."""

    id: int
    tenant_id: str
    meter_number: int
    scope: str
    subject: str
    name: str
    measure: str
    period_start: datetime
    level: float
    at: datetime
    used: int
    limit_value: int


class IntegrationKey(NamedTuple):
    """The integration that somebody named, by its id, and the provider that it is at."""

    integration_id: str
    provider: str


def limit_value(measure: str, limit: int) -> int:
    """Gives a stored limit in its measure's unit, cut to what a column holds."""
    return min(limit * UNITS[measure], MAX_STORED)


def gauge_start(measure: str, limit: int) -> dict[str, object]:
    """Gives what a gauge holds before it was ever reckoned."""
    return {
        "measure": measure,
        "limit_value": limit_value(measure, limit),
        "state": "unmeasured" if limit else "unlimited",
        "urgency": UNMEASURED if limit else UNLIMITED,
    }
