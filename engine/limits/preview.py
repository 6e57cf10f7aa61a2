"""What a limit means, as one sentence: how long it lasts at the pace of the last days. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.limits.results import Forecast

if TYPE_CHECKING:
    from datetime import datetime

    from engine.limits.results import GaugeResult

_UNTOLD = {
    "unlimited": "Unlimited: nothing is warned of, and nothing is blocked.",
    "unmeasured": "Nothing was measured yet, so how long it lasts cannot be told.",
}
_TEENS = range(11, 14)
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def sentence_of(gauge: GaugeResult, *, now: datetime, busiest: int | None = None) -> str:
    """Return what a gauge's limit means, without naming its measure.

    Args:
        gauge: As it is or would be.
        now: The moment that its forecast was made.
        busiest: Requests in the busiest minute of the last hour; only for rates.
    """
    if gauge.state == "unmeasured" and gauge.unpriced:
        calls = "one call" if gauge.unpriced == 1 else f"{gauge.unpriced:,} calls"
        return f"No price is known of its {calls}, so it cannot be told."
    if gauge.state in _UNTOLD or gauge.used is None:
        return _UNTOLD[gauge.state]
    if gauge.measure == "rate":
        return _rate(gauge.limit, gauge.used if busiest is None else busiest)
    if gauge.state == "over":
        return f"It was used up already: {_percent(gauge.used, gauge.limit)} of it is used."
    return _course(gauge.forecast or Forecast(), gauge.limit, now)


def _course(forecast: Forecast, limit: int, now: datetime) -> str:
    if forecast.projected is None:
        return forecast.reason
    if forecast.runs_out_at is None:
        return _lasts(forecast, forecast.projected, limit)
    return f"At this pace it lasts until {_until(forecast, forecast.runs_out_at, now)}."


def ordinal(day: int) -> str:
    """Return a day of the month as people say it: 1st, 22nd, 13th."""
    return f"{day}{'th' if day in _TEENS else _ENDINGS.get(day % 10, 'th')}"


def _rate(limit: int, busiest: int) -> str:
    told = f"The busiest minute of the last hour had {busiest:,} of {limit:,} requests"
    return told + (", so calls would have been blocked." if busiest > limit else ".")


def _lasts(forecast: Forecast, projected: int, limit: int) -> str:
    told = f"At this pace it lasts the month, with {_percent(projected, limit)} used at its end"
    if forecast.earliest is None:
        return told + "."
    return f"{told}; it may run out from the {ordinal(forecast.earliest.day)} on."


def _until(forecast: Forecast, at: datetime, now: datetime) -> str:
    day = f"today, {at:%H:%M} UTC" if at.date() == now.date() else f"the {ordinal(at.day)}"
    return day + _range(forecast, at)


def _range(forecast: Forecast, at: datetime) -> str:
    first = (forecast.earliest or at).day
    if forecast.latest is None:
        return f" ({ordinal(first)} at the soonest; it may last the month)"
    last = forecast.latest.day
    return "" if first == last else f" ({ordinal(first)} to {ordinal(last)})"


def _percent(used: int, limit: int) -> str:
    # Rounded as on the board; what is not used up never reads 100 %.
    share = round(100 * used / limit)
    return f"{min(share, 99) if used < limit else share:,}%"
