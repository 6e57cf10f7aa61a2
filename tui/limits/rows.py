"""From gauges and sums of usage to cells of the list: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import gauges, text
from tui.integrations.rows import PROVIDERS
from tui.theme import gauge_look
from tui.widgets.cells import Cell, Span, cell
from tui.widgets.columns import Column
from tui.widgets.meter import bar, gauge_meter
from tui.widgets.row_source import Row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.limits.results import GaugeResult
    from engine.usage.results import UsageTotal
    from tui.limits.entries import Entry
    from tui.theme import Glyphs, Tone

KIND = "gauge"
BAR, AMOUNT = 12, 9
"""Cells of a bar, and those that an amount must do with."""

MANY = 10_000
"""Tokens and requests from which a column says thousands and millions: they are compared there."""

COLUMNS = (
    Column(name="state", title="", width=1),
    Column(name="name", title="NAME", width=14, grow=1, sort="name"),
    Column(name="of", title="OF", width=9, drop=2),
    Column(name="measure", title="MEASURE", width=7),
    Column(name="bar", title="USED OF LIMIT", width=13),
    Column(name="percent", title="    % STATE", width=12, sort="percent"),
    Column(name="used", title="USED", width=AMOUNT + 1, right=True, sort="used", drop=4),
    Column(name="limit", title="LIMIT", width=AMOUNT, right=True, sort="limit", drop=3),
    Column(name="pace", title="PACE", width=9, right=True, drop=1),
    Column(name="out", title="RUNS OUT", width=18, sort="urgency"),
)
"""111 cells: all of it in 120 columns, above the story; 70 never go, which fit into 80."""

SORTS: Mapping[str, tuple[str, bool]] = {
    "urgency": ("What runs out first", False),
    "name": ("Name", False),
    "percent": ("Percent of the limit, highest first", True),
    "used": ("Used, most first", True),
    "limit": ("Limit, highest first", True),
}
"""What gauges can be sorted by: the words of the menu, and whether it begins descending."""

TOTAL_COLUMNS = (
    Column(name="state", title="", width=1),
    Column(name="name", title="NAME", width=16, grow=1, sort="name"),
    Column(name="calls", title="CALLS", width=9, right=True, sort="calls"),
    Column(name="errors", title="ERRORS", width=7, right=True, drop=3),
    Column(name="tokens", title="TOKENS", width=8, right=True, sort="tokens", drop=1),
    Column(name="in", title="IN", width=8, right=True, drop=5),
    Column(name="cached", title="CACHED", width=8, right=True, drop=7),
    Column(name="out", title="OUT", width=8, right=True, drop=6),
    Column(name="unpriced", title="UNPRICED", width=8, right=True, drop=4),
    Column(name="cost", title="COST", width=12, right=True, sort="cost"),
    Column(name="share", title="SHARE", width=18),
)

"""113 cells in 120 columns; 73 in 80: who, how many calls and tokens, what it cost."""

TOTAL_SORTS: Mapping[str, tuple[str, bool]] = {
    "cost": ("Cost, highest first", True),
    "calls": ("Calls, most first", True),
    "tokens": ("Tokens, most first", True),
    "name": ("Name", False),
}

LITTLE = ("unmeasured", "unlimited")
"""States of gauges that stand back: nothing is drawn of them."""


def gauge_row(entry: Entry, gauge: GaugeResult, anchor: object, now: datetime, g: Glyphs) -> Row:
    """Return a gauge as a row; `anchor` is its page key."""
    found = gauge_look(gauge.state)
    cells = (
        (Span(g.gauge(gauge.state), found.tone),),
        cell(gauge.name),
        cell(of_words(gauge), "muted"),
        cell(gauge.measure, "muted"),
        bar_cell(gauge, g),
        state_cell(gauge),
        used_cell(gauge),
        limit_cell(gauge),
        cell(_pace(gauge), "muted"),
        out_cell(gauge, now),
    )
    return Row(
        key=entry.id, cells=cells, anchor=anchor, record=entry, muted=gauge.state == "unlimited"
    )


def of_words(gauge: GaugeResult) -> str:
    """Return whose account an integration is at, of all else what it is."""
    if gauge.scope != "integration" or not gauge.provider:
        return gauge.scope
    return PROVIDERS.get(gauge.provider, gauge.provider)


def bar_cell(gauge: GaugeResult, glyphs: Glyphs) -> Cell:
    """Return the bar with its warning levels; a line of dots where there is nothing to draw."""
    return gauge_meter(gauge, BAR, glyphs) or (Span(glyphs.gap * BAR, "muted"),)


def state_cell(gauge: GaugeResult) -> Cell:
    """Return per cent and the state's word: ` 82% warned`, `not measured`."""
    found = gauge_look(gauge.state)
    if gauge.state in LITTLE or gauge.percent is None:
        return (Span(gauges.state_word(gauge), found.tone),)
    tone: Tone = "muted" if gauge.state == "ok" else found.tone
    return (
        Span(f"{text.percent(gauge.percent):>5}", "plain" if gauge.state == "ok" else found.tone),
        Span(f" {found.word}", tone),
    )


def used_cell(gauge: GaugeResult) -> Cell:
    """Return what is used; a plus says that there are calls whose price nobody knows."""
    if gauge.used is None:
        return cell(None)
    more = "+" if gauges.unpriced_words(gauge) else " "
    return (Span(fitted(gauge.measure, gauge.used, AMOUNT), "plain"), Span(more, "degraded"))


def limit_cell(gauge: GaugeResult) -> Cell:
    """Return the limit; a dash where there is none."""
    if not gauge.limit:
        return cell(None)
    per = "/min" if gauge.measure == "rate" else ""
    said = fitted(gauge.measure, gauge.limit, AMOUNT - len(per))
    return (Span(said, "muted"), *((Span(per, "muted"),) if per else ()))


def fitted(measure: str, value: int, width: int) -> str:
    """Return dollars exactly where they fit, counts where they are small, else in a few cells."""
    exact = gauges.amount(measure, value)
    fits = len(exact) <= width if measure == "budget" else value < MANY
    return exact if fits else gauges.brief(measure, value)


def _pace(gauge: GaugeResult) -> str:
    return gauges.pace_words(gauge, short=True).replace("/day", "/d")


def out_cell(gauge: GaugeResult, now: datetime) -> Cell:
    """Return when it runs out: `Mar 27 (26 to 29)`, `lasts, 62%`, `over until Apr 1`."""
    seen = gauge.forecast
    if gauge.state == "over":
        return (Span(gauges.runs_out_words(gauge, now), "failing"),)
    if seen is None or gauge.state in LITTLE:
        return cell(None)
    if seen.runs_out_at is not None:
        return (Span(gauges.runs_out_words(gauge, now), "degraded"),)
    if seen.projected is None:
        return (Span("no forecast yet", "muted"),)
    if seen.earliest is not None:
        return (Span(f"lasts, or {text.day(seen.earliest, now)}", "plain"),)
    return (Span(f"lasts, {text.percent(100 * seen.projected / gauge.limit)}", "muted"),)


def total_row(entry: Entry, total: UsageTotal, anchor: object, g: Glyphs) -> Row:
    """Return a sum of this month's usage as a row."""
    cells = (
        (Span(g.gap, "muted"),),
        cell(entry.name),
        (Span(text.number(total.calls), "plain"),),
        count_cell(total.errors, "failing"),
        (Span(text.short(total.tokens), "plain"),),
        (Span(text.short(total.tokens_in), "muted"),),
        (Span(text.short(total.tokens_cached), "muted"),),
        (Span(text.short(total.tokens_out), "muted"),),
        count_cell(total.unpriced, "degraded"),
        cost_cell(total),
        (
            *bar(100 * entry.share, BAR, "accent", g),
            Span(f" {text.percent(100 * entry.share):>5}", "muted"),
        ),
    )
    return Row(key=entry.id, cells=cells, anchor=anchor, record=entry)


def count_cell(count: int, tone: Tone) -> Cell:
    """Return a count that stands out when it is not 0."""
    return (Span(text.number(count), tone if count else "muted"),)


def cost_cell(total: UsageTotal) -> Cell:
    """Return what calls cost; where the price of none is known, that instead of 0."""
    if total.calls and total.unpriced >= total.calls:
        return (Span("unpriced", "degraded"),)
    return (Span(text.cost(total.cost_nanos), "plain"),)
