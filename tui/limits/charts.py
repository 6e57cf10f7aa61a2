"""What a meter's story is drawn from: its month against a limit, its days, its last hour. Pure."""

from __future__ import annotations

from itertools import accumulate, zip_longest
from typing import TYPE_CHECKING

from engine.limits.preview import ordinal
from engine.limits.results import Forecast
from engine.usage.period import period_of
from tui import gauges
from tui.widgets.burndown import Burndown, burndown
from tui.widgets.cells import Cell, Span, between, fit
from tui.widgets.daybars import Bars, bar_width, bars

if TYPE_CHECKING:
    from datetime import datetime

    from engine.limits.results import MeterStory
    from engine.usage.results import UsageTotal
    from tui.limits.told import Told
    from tui.theme import Glyphs

SIDE = 26
"""Cells of what stands in words beside the days."""

DAY_S = 86_400.0


def used_of(day: UsageTotal, measure: str) -> int:
    """Return what a sum has of a measure: nano-dollars, tokens, or calls for a rate."""
    if measure == "budget":
        return day.cost_nanos
    return day.tokens if measure == "tokens" else day.calls


def month_of(told: Told, story: MeterStory) -> Burndown:
    """Return the month of a meter against its gauge's limit, with the forecast where there is one.

    Corrections can make a day negative; what is used up to it then falls.
    """
    start, gauge = story.period_start, told.gauge
    seen = gauge.forecast if gauge is not None else None
    over = gauge is not None and gauge.state == "over"
    known = seen if seen is not None and seen.projected is not None else Forecast()
    return Burndown(
        used=tuple(accumulate(used_of(day, told.measure) for day in story.days)),
        days=len(period_of(start).days),
        now=max(0.0, _days(start, min(told.now, story.period_end)) or 0.0),
        limit=gauge.limit if gauge is not None else 0,
        levels=gauge.levels if gauge is not None else (),
        expected=known.projected,
        low=known.projected_low or 0,
        high=known.projected_high or 0,
        out=None if over else _days(start, known.runs_out_at),
    )


def _days(start: datetime, moment: datetime | None) -> float | None:
    return None if moment is None else (moment - start).total_seconds() / DAY_S


def month_lines(told: Told, width: int, height: int) -> list[Cell]:
    """Return the month under its title; `height` lines below it."""
    story, measure, glyphs = told.story, told.measure, told.glyphs
    if story is None:
        return []
    chart = month_of(told, story)
    plotted = burndown(chart, width, height, glyphs, lambda value: gauges.brief(measure, value))
    title = (Span(f"{measure} in {story.period_start:%B}", "strong"),)
    return [between(title, _legend(chart, glyphs), width), *plotted] if plotted else []


def _legend(chart: Burndown, glyphs: Glyphs) -> Cell:
    spans = [Span(glyphs.spark[-1], "accent"), Span(" used", "muted")]
    if chart.expected is not None:
        spans += [Span(f"  {glyphs.held}{glyphs.shade} expected", "muted")]
    if chart.limit:
        spans += [Span(f"  {glyphs.dash * 2}", "failing"), Span(" limit", "muted")]
    return tuple(spans)


def day_lines(told: Told, width: int, height: int) -> list[Cell]:
    """Return each day of the month as a bar, and beside them what they come to."""
    story = told.story
    if story is None or not story.days:
        return []
    values: list[float | None] = [float(used_of(day, told.measure)) for day in story.days]
    days = len(period_of(story.period_start).days)
    coming: list[float | None] = [None] * max(0, days - len(values))
    chart = Bars(values=[*values, *coming], lit=len(values) - 1)
    drawn = bars(chart, max(days, width - SIDE), height, told.glyphs)
    words = _sums(told, story)
    lines = [(*line, Span("  "), *word) for line, word in zip_longest(drawn, words, fillvalue=())]
    noun = {"budget": "cost", "tokens": "tokens"}.get(told.measure, "requests")
    return [(Span(f"{noun} each day", "strong"),), *(fit(line, width) for line in lines)]


def _sums(told: Told, story: MeterStory) -> list[Cell]:
    """Return today, the busiest day, and the month before, a line each."""
    found = [used_of(day, told.measure) for day in story.days]
    before = [used_of(day, told.measure) for day in story.previous_days]
    busiest = max(range(len(found)), key=found.__getitem__)
    parts = [
        ("today", found[-1], ""),
        ("most", found[busiest], f" on the {ordinal(int(story.days[busiest].key[-2:]))}"),
        (f"{story.period_start:%b}", sum(found), ""),
    ]
    if any(before):
        parts.append((f"{period_of(story.period_start).previous().start:%b}", sum(before), ""))
    return [
        (
            Span(f"{name:<6}", "muted"),
            Span(gauges.brief(told.measure, value)),
            Span(more, "muted"),
        )
        for name, value, more in parts
    ]


def hour_lines(told: Told, width: int, height: int) -> list[Cell]:
    """Return the requests of the last 60 minutes, against the limit of a minute."""
    minutes = told.story.minutes if told.story is not None else ()
    if not minutes:
        return []
    limit = told.rate_limit
    said = f"most {max(minutes):,}{f' of {limit:,}' if limit else ''}, now {minutes[-1]:,}"
    head = between((Span("requests a minute", "strong"),), (Span(said, "muted"),), width)
    drawn = bars(
        Bars(values=minutes, limit=limit, lit=len(minutes) - 1), width, height, told.glyphs
    )
    across = min(width, len(minutes) * max(1, bar_width(len(minutes), width)))
    scale = between((Span("1 h ago", "muted"),), (Span("now", "muted"),), across)
    return [head, *drawn, scale]
