"""A bar of usage against a limit, as one cell: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import text
from tui.theme import UNICODE, Glyphs
from tui.widgets.cells import Cell, Span

if TYPE_CHECKING:
    from tui.theme import Tone

WARN = 80.0
"""Per cent from which a gauge is degraded; from 100 on it is failing."""

FULL = 100.0


def meter(percent: float | None, width: int, glyphs: Glyphs = UNICODE) -> Cell:
    """Return a bar of `width` cells and its percentage; None is not measured, which is not 0."""
    if percent is None:
        return (Span("not measured", "muted"),)
    filled = max(0, min(width, round(width * percent / FULL)))
    return (
        Span(glyphs.full * filled, tone(percent)),
        Span(glyphs.empty * (width - filled), "muted"),
        Span(f" {text.percent(percent):>4}", tone(percent)),
    )


def tone(percent: float) -> Tone:
    """Return the tone of a gauge: accent, degraded from 80 %, failing from 100 %."""
    if percent >= FULL:
        return "failing"
    return "degraded" if percent >= WARN else "accent"
