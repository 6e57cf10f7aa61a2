"""What headlines are made of: counts by state, and a second part where there is room. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.widgets.cells import Cell, Span, between, cell_width

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.theme import Look


def counted(
    looks: Mapping[str, Look], counts: Mapping[str, int], glyph: Callable[[str], str]
) -> Cell:
    """Return each state's glyph, count and word, in the order of the looks."""
    spans = [Span(" ")]
    for state, look in looks.items():
        count = counts.get(state, 0)
        said = f"{glyph(state)} {count:,} {look.word}"
        spans += [Span(said, look.tone if count else "muted"), Span("   ")]
    return tuple(spans)


def headline(left: Cell, right: Cell, width: int) -> Cell:
    """Return both parts on one line; the right one goes where there is no room for it."""
    fits = cell_width((*left, *right)) <= width
    return between(left, right if fits else (), width)
