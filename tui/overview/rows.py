"""From an overview's reading to tiles and lines: pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from tui import text
from tui.health.rows import reason
from tui.health.story import transition_line
from tui.kinds import brief, count_cell
from tui.theme import Glyphs, look
from tui.widgets.cells import Cell, Span, between, cell, fit
from tui.widgets.lamp_wall import Tile

if TYPE_CHECKING:
    from datetime import datetime

    from engine.health.model import Lamp, Overview


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


def worst_lines(overview: Overview, width: int, now: datetime, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return the lamps that need somebody: failing and degraded, worst first."""
    lamps = [lamp for lamp in overview.lamps if lamp.state in {"failing", "degraded"}]
    if not lamps:
        return ((Span(f" {glyphs.lamp('healthy')}", "healthy"), Span(" Nothing needs you now.")),)
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
