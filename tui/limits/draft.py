"""A meter's limits as the texts of a form, and back: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.limits.results import DEFAULT_LEVELS
from engine.usage.records import NANOS_PER_CENT
from tui import amounts, text
from tui.inventory.draft import ReadSpec
from tui.widgets.form import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.limits.results import GaugeResult, MeterStory


_DEFAULT_LEVELS = ", ".join(f"{level:g}" for level in DEFAULT_LEVELS)


BUDGET = ReadSpec(
    name="budget_limit_cents",
    label="Budget a month",
    read=amounts.cents,
    help="Dollars a calendar month in UTC, such as 500, 500.50 or 2k; empty is unlimited.",
    placeholder="unlimited",
)
TOKENS = ReadSpec(
    name="token_limit_month",
    label="Tokens a month",
    read=amounts.count,
    help="Tokens in and out a calendar month, such as 2M or 1.5B; empty is unlimited.",
    placeholder="unlimited",
)
RATE = ReadSpec(
    name="rate_limit_rpm",
    label="Requests a minute",
    read=amounts.rate,
    help="Requests in each minute; empty is unlimited.",
    placeholder="unlimited",
)
LEVELS = ReadSpec(
    name="warning_levels",
    label="Warning levels",
    read=amounts.levels,
    empty=(),
    help=f"Per cents of each limit that warn once a period; empty for {_DEFAULT_LEVELS}.",
    placeholder=_DEFAULT_LEVELS,
)
SPECS = (BUDGET, TOKENS, RATE, LEVELS)
SECTIONS = (Section(title="", fields=SPECS),)


def texts(story: MeterStory) -> dict[str, str]:
    """Return the limits that hold as texts; what is unlimited is empty."""
    limits = {gauge.measure: gauge for gauge in story.gauges}
    levels = story.gauges[0].levels if story.gauges else ()
    return {
        BUDGET.name: _dollars(_limit(limits.get("budget")) // NANOS_PER_CENT),
        TOKENS.name: text.number(_limit(limits.get("tokens")) or None).removeprefix(text.NOTHING),
        RATE.name: text.number(_limit(limits.get("rate")) or None).removeprefix(text.NOTHING),
        LEVELS.name: ", ".join(f"{level:g}" for level in levels),
    }


def _limit(gauge: GaugeResult | None) -> int:
    return gauge.limit if gauge is not None else 0


def _dollars(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}".removesuffix(".00") if cents else ""


def limits(values: Mapping[str, str]) -> dict[str, Any]:
    """Return texts as what the facade sets, by its own names.

    Raises:
        InvalidInput: One cannot be used.
    """
    return {spec.name: spec.value(values[spec.name]) for spec in SPECS if spec.name in values}
