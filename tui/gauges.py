"""Gauges in words: amounts in the measure's unit, when one runs out, what is not known. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui import text
from tui.theme import gauge_look

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.limits.results import Forecast, GaugeResult

PER: Final[Mapping[str, str]] = {"budget": "a month", "tokens": "a month", "rate": "a minute"}
"""What a limit holds for."""

NOUN: Final[Mapping[str, str]] = {"budget": "", "tokens": "tokens", "rate": "requests"}

UNIT: Final[Mapping[str, str]] = {
    "budget": "billionths of a dollar",
    "tokens": "tokens",
    "rate": "requests",
}
"""What the whole numbers of exported gauges count."""


def amount(measure: str, value: float | None) -> str:
    """Return an amount exactly, without its unit's word: `$412.20`, `1,204,500`."""
    if value is None:
        return text.NOTHING
    return text.cost(round(value)) if measure == "budget" else f"{round(value):,}"


def brief(measure: str, value: float | None) -> str:
    """Return an amount in a few cells: `$1.2k`, `1.2M`."""
    return text.short_cost(value) if measure == "budget" else text.short(value)


def limit_words(measure: str, limit: int) -> str:
    """Return a limit: `$500.00 a month`, `2,000,000 tokens a month`, `unlimited`."""
    if not limit:
        return "unlimited"
    return " ".join(word for word in (amount(measure, limit), NOUN[measure], PER[measure]) if word)


def used_words(gauge: GaugeResult) -> str:
    """Return what is used; what was never measured says so instead of 0."""
    if gauge.used is None:
        return "unpriced" if priceless(gauge) else "not measured"
    return amount(gauge.measure, gauge.used)


def unpriced_words(gauge: GaugeResult) -> str:
    """Return how many calls a budget does not know the price of; nothing where it knows all."""
    if gauge.measure != "budget" or not gauge.unpriced:
        return ""
    more = "" if priceless(gauge) else "+ "
    return f"{more}{text.plural(gauge.unpriced, 'call')} unpriced"


def priceless(gauge: GaugeResult) -> bool:
    """Return whether a budget knows the price of none of its calls, so that 0 says nothing."""
    return gauge.measure == "budget" and bool(gauge.unpriced) and not gauge.used


def pace_words(gauge: GaugeResult, *, short: bool = False) -> str:
    """Return the expected use a day: `$23.10/day`; a dash where there is no forecast."""
    seen = gauge.forecast
    if seen is None or seen.pace is None:
        return text.NOTHING
    said = brief if short else amount
    return f"{said(gauge.measure, seen.pace)}/day"


def runs_out_words(gauge: GaugeResult, now: datetime) -> str:
    """Return when it runs out, in a few words: `Mar 27 (26 to 29)`, `lasts, 62%`, `is over`."""
    if gauge.limit and priceless(gauge):
        return "not known: unpriced"
    if gauge.state in {"unlimited", "unmeasured"}:
        return text.NOTHING
    if gauge.state == "over":
        return f"over until {text.day(gauge.resets_at, now)}"
    seen = gauge.forecast
    if seen is None or seen.projected is None:
        return text.NOTHING if seen is None else "no forecast yet"
    if seen.runs_out_at is None:
        return lasts_words(gauge, seen)
    return f"{text.day(seen.runs_out_at, now)}{_range(seen)}"


def outlook_words(gauge: GaugeResult, now: datetime) -> str:
    """Return the same to stand in a sentence: `runs out Mar 27 (26 to 29)`; nothing for nothing."""
    said = runs_out_words(gauge, now)
    if said == text.NOTHING:
        return ""
    runs_out = gauge.forecast is not None and gauge.forecast.runs_out_at is not None
    return f"runs out {said}" if runs_out and gauge.state != "over" else said


def lasts_words(gauge: GaugeResult, seen: Forecast) -> str:
    """Return with how much of its limit used the month is expected to end, at least."""
    if seen.projected is None or not gauge.limit:
        return "lasts"
    more = "+" if unpriced_words(gauge) else ""
    return f"lasts, {text.percent(100 * seen.projected / gauge.limit)}{more} at the end"


def _range(seen: Forecast) -> str:
    """Return the range of days in brackets; an open end says so."""
    if seen.runs_out_at is None or seen.earliest is None:
        return ""
    first = f"{seen.earliest.day}"
    if seen.latest is None:
        return f" ({first} or later)"
    last = f"{seen.latest.day}"
    return "" if first == last else f" ({first} to {last})"


def exported(gauge: GaugeResult, *, flat: bool = False) -> dict[str, Any]:
    """Return a gauge as JSON-ready values with the unit of its amounts.

    `flat` is for tables of values: the forecast's become columns of their own, such as
    `forecast_runs_out_at`, the same for every gauge.
    """
    # The overview tells of gauges, too: what it shows first waits for no facade's modules.
    from engine.limits.results import Forecast

    told = gauge.to_dict() | {"unit": UNIT[gauge.measure]}
    if flat:
        seen = (gauge.forecast or Forecast()).to_dict()
        if gauge.forecast is None:
            seen = dict.fromkeys(seen)
        del told["forecast"]
        told |= {f"forecast_{name}": value for name, value in seen.items()}
    return told


def state_word(gauge: GaugeResult) -> str:
    """Return the word of a gauge's state; of a budget without any price, that."""
    if gauge.state == "unmeasured" and priceless(gauge):
        return "unpriced"
    return gauge_look(gauge.state).word
