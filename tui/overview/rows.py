"""From an overview's reading to tiles and lines: pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui import gauges, text
from tui.health.rows import reason
from tui.health.story import transition_line
from tui.kinds import brief, count_cell
from tui.theme import Glyphs, gauge_look, look
from tui.widgets.cells import Cell, Span, between, cell, cell_width, fit
from tui.widgets.lamp_wall import Tile
from tui.widgets.meter import bar, gauge_tone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.health.model import Lamp, Overview
    from engine.limits.results import GaugeResult

BAR = 8
"""Cells of a gauge's bar."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What the overview shows at one moment: lamps, and the limits that run out first."""

    overview: Overview
    gauges: tuple[GaugeResult, ...] = ()


def tiles(overview: Overview, glyphs: Glyphs) -> tuple[Tile, ...]:
    """Return a tile for each lamp, worst first."""
    return tuple(
        Tile(
            key=lamp.id,
            glyph=glyphs.lamp(lamp.state),
            tone=look(lamp.state).tone,
            label=text.clean(lamp.name),
            note=brief(lamp.kind),
            muted=not lamp.active,
        )
        for lamp in overview.lamps
    )


def narrowed(overview: Overview) -> Overview:
    """Return a filtered reading with counts and changes of its own lamps, not of all."""
    counts = Counter(lamp.state for lamp in overview.lamps)
    shown = {lamp.id for lamp in overview.lamps}
    return replace(
        overview,
        counts={state: counts[state] for state in overview.counts},
        transitions=tuple(one for one in overview.transitions if one.target_id in shown),
    )


def kind_cell(overview: Overview) -> Cell:
    """Return how many lamps there are of each kind; of very many lamps only of those shown."""
    counts = Counter(lamp.kind for lamp in overview.lamps)
    hidden = overview.total - len(overview.lamps)
    return (*count_cell(counts), Span(f"  and {hidden:,} more" if hidden > 0 else "", "muted"))


def worst_lines(reading: Reading, width: int, now: datetime, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return the lamps that need somebody: failing and degraded, worst first."""
    lamps = [lamp for lamp in reading.overview.lamps if lamp.state in {"failing", "degraded"}]
    if not lamps:
        over = any(gauge.state == "over" for gauge in reading.gauges)
        said = " No lamp needs you now." if over else " Nothing needs you now."
        return ((Span(f" {glyphs.lamp('healthy')}", "healthy"), Span(said)),)
    return tuple(worst_line(lamp, width, now, glyphs) for lamp in lamps)


def worst_line(lamp: Lamp, width: int, now: datetime, glyphs: Glyphs) -> Cell:
    """Return one lamp that needs somebody: who, of which kind, why, for how long."""
    tone = look(lamp.state).tone
    name = max(10, min(24, width - 34))
    left = (
        Span(f" {glyphs.lamp(lamp.state)} ", tone),
        *fit(cell(lamp.name), name),
        Span(f" {brief(lamp.kind)} ", "muted"),
        Span(reason(lamp.state, lamp.error), tone),
    )
    return between(left, (Span(f"  {text.age(lamp.since, now)} ", "muted"),), width)


def latest_lines(overview: Overview, width: int, now: datetime, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return what changed lately, newest first."""
    if not overview.transitions:
        return ((Span(" No lamp has changed so far.", "muted"),),)
    return tuple(transition_line(change, now, glyphs, width) for change in overview.transitions)


def limited(found: Sequence[GaugeResult]) -> tuple[GaugeResult, ...]:
    """Return the gauges that have a limit, what runs out first first."""
    kept = [gauge for gauge in found if gauge.limit]
    return tuple(sorted(kept, key=lambda gauge: (gauge.urgency, gauge.name, gauge.measure)))


def gauge_lines(
    found: Sequence[GaugeResult], width: int, now: datetime, glyphs: Glyphs
) -> tuple[Cell, ...]:
    """Return what runs out first, a line each."""
    if not found:
        return (
            (
                Span(" Nothing here is limited. ", "muted"),
                Span("6", "accent"),
                Span(" sets limits.", "muted"),
            ),
        )
    return tuple(gauge_line(gauge, width, now, glyphs) for gauge in found)


def gauge_line(gauge: GaugeResult, width: int, now: datetime, glyphs: Glyphs) -> Cell:
    """Return one limit: whose, of what, how much of it is used, when it runs out."""
    tone = gauge_look(gauge.state).tone
    name = max(10, min(24, width - 46))
    left = (
        Span(f" {glyphs.gauge(gauge.state)} ", tone),
        *fit(cell(gauge.name), name),
        Span(f" {gauge.measure:<6} ", "muted"),
        *_level(gauge, glyphs),
    )
    out = gauges.runs_out_words(gauge, now).removesuffix(" at the end")
    said = "" if out == text.NOTHING else f"  {text.ellipsis(out, width - cell_width(left) - 3)} "
    return between(left, (Span(said, "muted" if gauge.state == "ok" else tone),), width)


def _level(gauge: GaugeResult, glyphs: Glyphs) -> Cell:
    if gauge.percent is None:
        return (Span(gauges.state_word(gauge), "muted"),)
    tone = gauge_tone(gauge)
    # So few cells have no room for warning levels: the tone says which is passed.
    drawn = bar(gauge.percent, BAR, tone, glyphs)
    return (*drawn, Span(f" {text.percent(gauge.percent):>4}", tone))
