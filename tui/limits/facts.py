"""A gauge in lines: its state, its bar, what it means, and the facts behind it. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from engine.limits.preview import sentence_of
from tui import gauges, text
from tui.health.story import fact
from tui.limits.rows import bar_cell, state_cell
from tui.theme import gauge_look
from tui.widgets.cells import Cell, Span, cell, fit, wrap
from tui.widgets.meter import gauge_meter

if TYPE_CHECKING:
    from datetime import datetime

    from engine.limits.results import GaugeResult
    from tui.limits.told import Told
    from tui.theme import Glyphs

BAR = 34
"""Most cells of the bar at the story's head."""

FULL = 100
A_DAY = timedelta(days=1)


def head_lines(told: Told, width: int) -> list[Cell]:
    """Return state, bar, what it means, and the facts; nothing but the period without a gauge."""
    gauge = told.gauge
    if gauge is None:
        story = told.story
        return [_period(story.period_start, story.period_end, told.now, width)] if story else []
    sentence = sentence_of(gauge, now=told.now, busiest=told.busiest)
    return [
        _state(gauge, width, told.glyphs),
        *_bar(gauge, width, told.glyphs),
        *wrap(sentence, width, most=2),
        *fact_lines(told, gauge, width),
    ]


def _state(gauge: GaugeResult, width: int, glyphs: Glyphs) -> Cell:
    found = gauge_look(gauge.state)
    whose = f"  {gauge.measure} of {gauge.scope} {text.clean(gauge.name)}"
    head = Span(f"{glyphs.gauge(gauge.state)} {found.word}", found.tone)
    return fit((head, Span(whose, "muted")), width)


def _bar(gauge: GaugeResult, width: int, glyphs: Glyphs) -> list[Cell]:
    """Return the bar, and on the line below what it stands for."""
    limit = gauges.limit_words(gauge.measure, gauge.limit)
    words = (
        Span(gauges.used_words(gauge), "strong"),
        Span(f" of {limit}" if gauge.limit else " used", "muted"),
    )
    drawn = gauge_meter(gauge, min(BAR, width - 6), glyphs)
    if not drawn:
        return [] if gauge.used is None else [words]
    share = Span(f" {text.percent(gauge.percent)}", gauge_look(gauge.state).tone)
    return [(*drawn, share), words]


def fact_lines(told: Told, gauge: GaugeResult, width: int) -> list[Cell]:
    """Return period, pace, levels, what is reserved and what has no price, a line each."""
    glyphs = told.glyphs
    lines: list[Cell] = [_period(gauge.period_start, gauge.resets_at, told.now, width)]
    seen = gauge.forecast
    if seen is not None and seen.pace is not None:
        how = "each weekday its own" if seen.weekdays else f"from {text.plural(seen.days, 'day')}"
        pace = (Span(gauges.pace_words(gauge)), Span(f"  {how}", "muted"))
        lines.append(fact("pace", pace, width))
    if gauge.limit:
        lines.append(fact("levels", levels_cell(gauge, glyphs), width))
    if gauge.held:
        held = gauges.amount(gauge.measure, gauge.held)
        lines.append(fact("reserved", cell(f"{held} by calls under way"), width))
    if unpriced := gauges.unpriced_words(gauge):
        real = "the real cost is not known" if gauge.used is None else "the real cost is higher"
        words = f"{glyphs.gauge('warned')} {unpriced}: {real}"
        lines.append(fact("unpriced", cell(words, "degraded"), width))
    return lines


def _period(start: datetime, end: datetime, now: datetime, width: int) -> Cell:
    first = f"{start:%H:%M}" if end - start < A_DAY else f"{start:%b} {start.day}"
    left = text.seconds((end - now).total_seconds())
    said = (Span(f"{first} to {text.moment(end, now)} UTC"), Span(f"  {left} left", "muted"))
    return fact("period", said, width)


def levels_cell(gauge: GaugeResult, glyphs: Glyphs) -> Cell:
    """Return the warning levels; those that were passed stand out, by a mark as well."""
    spans: list[Span] = []
    for level in gauge.levels:
        passed = gauge.percent is not None and gauge.percent >= level
        state = "unmeasured" if not passed else "over" if level >= FULL else "warned"
        tone = gauge_look(state).tone if passed else "muted"
        spans.append(Span(f"{glyphs.gauge(state)} {level:g}%  ", tone))
    return tuple(spans)


def gauge_lines(told: Told, width: int) -> list[Cell]:
    """Return all gauges of the meter, a line each; nothing until they are read."""
    found = told.story.gauges if told.story is not None else ()
    if not found:
        return []
    return [(Span("limits", "strong"),), *(_line(one, width, told.glyphs) for one in found)]


def _line(gauge: GaugeResult, width: int, glyphs: Glyphs) -> Cell:
    limit = gauges.brief(gauge.measure, gauge.limit) if gauge.limit else ""
    used = "" if gauge.used is None else gauges.brief(gauge.measure, gauge.used)
    said = " of ".join(word for word in (used, limit) if word)
    line = (
        Span(f"{glyphs.gauge(gauge.state)} ", gauge_look(gauge.state).tone),
        Span(f"{gauge.measure:<7}", "plain"),
        *bar_cell(gauge, glyphs),
        Span(" "),
        *fit(state_cell(gauge), 13),
        Span(said, "muted"),
    )
    return fit(line, width)
