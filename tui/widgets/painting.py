"""From cells to strips: the one place where tones become styled segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from tui.theme import ascii_marks
from tui.widgets.cells import Span, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style

    from tui.palette import Palette
    from tui.widgets.cells import Cell
    from tui.widgets.columns import Placed


def segments(spans: Sequence[Span], palette: Palette, under: Style) -> list[Segment]:
    """Return styled segments; `under` is the style that lies beneath all of them."""
    if palette.ascii:
        spans = [Span(ascii_marks(span.text), span.tone) for span in spans]
    if under.reverse:
        # Sixteen colours: a reversed row in many tones would be a row of coloured blocks.
        return [Segment(span.text, under) for span in spans if span.text]
    tones = palette.tones
    return [Segment(span.text, under + tones[span.tone]) for span in spans if span.text]


def line(value: Cell, width: int, palette: Palette, under: Style) -> Strip:
    """Return one line of exactly `width` cells."""
    return Strip(segments(fit(value, width), palette, under), width)


def row(
    cells: Sequence[Cell], columns: Sequence[Placed], width: int, palette: Palette, under: Style
) -> Strip:
    """Return a table's row: one fitted cell a shown column, the rest of the line blank."""
    made: list[Segment] = []
    x = 0
    for placed in columns:
        if placed.x > x:
            made.append(Segment(" " * (placed.x - x), under))
        fitted = fit(cells[placed.index], placed.width, right=placed.column.right)
        made.extend(segments(fitted, palette, under))
        x = placed.x + placed.width
    if x < width:
        made.append(Segment(" " * (width - x), under))
    return Strip(made).crop(0, width)
