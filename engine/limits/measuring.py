"""From what meters used to their gauges: pure. The one place that says what a gauge shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from engine.limits.forecast import WEEKDAYS_FROM, forecast
from engine.limits.gauge import passed, percent_of, state_of
from engine.limits.results import DEFAULT_LEVELS, Forecast, GaugeResult
from engine.limits.urgency import urgency_of
from engine.usage.period import Period, day_of, minute_end, minute_of, period_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from storage.limits.rows import GaugeRow
    from storage.usage.windows import DayUse

_NONE: Mapping[int, int] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When gauges are read, with what follows from it."""

    now: datetime
    period: Period
    today: int
    minute: int

    @classmethod
    def of(cls, now: datetime) -> Moment:
        """Return the moment `now`, which is aware."""
        utc = now.astimezone(UTC)
        return cls(now=utc, period=period_of(utc), today=day_of(utc), minute=minute_of(utc))

    @property
    def days(self) -> range:
        """The days that gauges are made of: this month's, and those that forecasts look back."""
        days = self.period.days
        return range(min(days.start, self.today - WEEKDAYS_FROM), days.stop)


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """What one meter used.

    Attributes:
        days: Amounts by day, for budget and tokens.
        used: This month's, by measure; of a rate this minute's calls, those held with them.
        held: Likewise, what callers have reserved.
        unpriced: Calls of this month without a price.
        first_day: The first day that was ever measured; None when nothing was.
    """

    days: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    unpriced: int = 0
    first_day: int | None = None

    def known(self, measure: str) -> int | None:
        """Return what was used; None when nothing was ever measured, or no call has a price."""
        used = self.used.get(measure, 0)
        priceless = measure == "budget" and not used and self.unpriced
        return None if self.first_day is None or priceless else used

    def complete_days(self, measure: str, today: int) -> list[int]:
        """Return what was used on the complete days since the first, days without use included."""
        if self.first_day is None:
            return []
        by_day = self.days.get(measure, _NONE)
        first = max(self.first_day, today - WEEKDAYS_FROM)
        return [by_day.get(day, 0) for day in range(first, today)]


def use_of(
    rows: Sequence[DayUse], *, calls: int, held_calls: int, first_day: int | None, month: range
) -> Use:
    """Return what a meter used, from its days and this minute's calls."""
    inside = [row for row in rows if row.day in month]
    return Use(
        days={
            "budget": {row.day: row.cost_nanos for row in rows},
            "tokens": {row.day: row.tokens for row in rows},
        },
        used={
            "budget": sum(row.cost_nanos for row in inside),
            "tokens": sum(row.tokens for row in inside),
            "rate": calls + held_calls,
        },
        held={
            "budget": sum(row.held_nanos for row in inside),
            "tokens": sum(row.held_tokens for row in inside),
            "rate": held_calls,
        },
        unpriced=sum(row.unpriced for row in inside),
        first_day=first_day,
    )


def levels_of(levels: Sequence[float] | None) -> tuple[float, ...]:
    """Return a meter's warning levels; the board's own where it has none."""
    return tuple(float(level) for level in levels) if levels else DEFAULT_LEVELS


def gauge_of(row: GaugeRow, use: Use, moment: Moment) -> GaugeResult:
    """Return a gauge as of now; of its row, only what and how much is limited counts."""
    used = use.known(row.measure)
    limit, levels = row.limit_value, levels_of(row.warning_levels)
    state, told = state_of(used, limit, levels), _forecast(row, use, used, moment)
    rate = row.measure == "rate"
    return GaugeResult(
        id=str(row.number),
        tenant_id=row.tenant_id,
        scope=row.scope,
        subject=row.subject,
        name=row.name,
        provider=row.provider,
        measure=row.measure,
        state=state,
        limit=limit,
        used=used,
        held=use.held.get(row.measure, 0),
        percent=percent_of(used, limit),
        levels=levels,
        reached=max(passed(used, limit, levels), default=None),
        unpriced=use.unpriced if row.measure == "budget" else 0,
        forecast=told,
        period_start=_minute_start(moment.now) if rate else moment.period.start,
        resets_at=minute_end(moment.now) if rate else moment.period.end,
        urgency=urgency_of(state=state, used=used, limit=limit, forecast=told),
    )


def _forecast(row: GaugeRow, use: Use, used: int | None, moment: Moment) -> Forecast | None:
    if used is None or not row.limit_value or row.measure == "rate":
        return None
    days = use.complete_days(row.measure, moment.today)
    return forecast(days, used=used, limit=row.limit_value, now=moment.now, period=moment.period)


def _minute_start(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)
