"""A bar of usage against a limit, its warning levels marked on it, as one cell: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.theme import Glyphs, gauge_look
from tui.widgets.cells import Cell, Span, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.limits.results import GaugeResult
    from tui.theme import Tone

FULL = 100.0


def gauge_meter(gauge: GaugeResult, width: int, glyphs: Glyphs) -> Cell:
    """Return a gauge's bar alone: used, reserved, left, and its warning levels; empty without one.

    What is unlimited has nothing to be drawn against, what is not measured nothing to draw.
    """
    if gauge.percent is None or not gauge.limit:
        return ()
    held = FULL * gauge.held / gauge.limit
    return bar(gauge.percent, width, gauge_tone(gauge), glyphs, held=held, levels=gauge.levels)


def gauge_tone(gauge: GaugeResult) -> Tone:
    """Return the tone of what is used: the accent where all is well, so that bars stay calm."""
    return "accent" if gauge.state == "ok" else gauge_look(gauge.state).tone


def bar(  # noqa: PLR0913 - what a bar may show, the last two by name
    percent: float,
    width: int,
    tone: Tone,
    glyphs: Glyphs,
    *,
    held: float = 0.0,
    levels: Sequence[float] = (),
) -> Cell:
    """Return a bar of `width` cells.

    Args:
        percent: Of the limit; beyond 100 the bar is full.
        width: Cells of the bar.
        tone: Of what is used.
        glyphs: What it is drawn with.
        held: Reserved and not used yet, in per cent of the limit.
        levels: Per cent to mark; 100 is the bar's own end.
    """
    filled = _cells(percent, width)
    reserved = max(filled, _cells(percent + held, width))
    drawn = [
        *[Span(glyphs.full, tone)] * filled,
        *[Span(glyphs.held, "muted")] * (reserved - filled),
        *[Span(glyphs.empty, "muted")] * (width - reserved),
    ]
    for level in levels:
        if 0 < level < FULL and width:
            passed = percent >= level
            mark = Span(glyphs.passed, tone) if passed else Span(glyphs.level, "muted")
            drawn[_place(level, width)] = mark
    return joined(drawn)


def _cells(percent: float, width: int) -> int:
    """Return how many cells are filled; what is used at all fills one, a limit not reached none."""
    cells = round(width * percent / FULL)
    least, most = int(percent > 0), width if percent >= FULL else width - 1
    return max(0, min(width, most, max(least, cells)))


def _place(level: float, width: int) -> int:
    """Return the cell that begins a level: it is filled as soon as the level is passed."""
    return min(width - 1, max(0, round(width * level / FULL) - 1))
