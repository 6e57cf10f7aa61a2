"""Draws a table's titles and rows as strips, and keeps those it has drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.cache import LRUCache
from textual.strip import Strip

from tui.widgets import painting
from tui.widgets.cells import Cell, Span
from tui.widgets.columns import Placed, place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style

    from tui.palette import Palette
    from tui.theme import Glyphs
    from tui.widgets.columns import Column
    from tui.widgets.row_source import Row

DRAWN = 256
"""Strips kept: some screens of rows in more than one state (cursor, hover)."""


class RowPainter:
    """Knows the columns' places at a width; `forget()` when the colours changed."""

    def __init__(self, columns: Sequence[Column], glyphs: Glyphs) -> None:
        self._columns = tuple(columns)
        self._glyphs = glyphs
        self._placed: tuple[Placed, ...] = ()
        self._width = 0
        self._drawn: LRUCache[tuple[str, bool, Style], tuple[Row | None, Strip | None]] = LRUCache(
            DRAWN
        )

    def resize(self, width: int) -> None:
        """Share a width among the columns; one cell is for the mark, one stays free."""
        self._width = width
        self._placed = place(self._columns, max(0, width - 2))
        self.forget()

    def forget(self) -> None:
        """Draw everything anew when it is asked for next."""
        self._drawn.clear()

    def field_at(self, x: int) -> str:
        """Return the field that the title at column `x` sorts by, empty if none."""
        for placed in self._placed:
            if placed.x <= x - 1 <= placed.x + placed.width:
                return placed.column.sort
        return ""

    def titles(self, sort: tuple[str, bool], colors: Palette, under: Style) -> Strip:
        """Return the line of titles, with the arrow at the one that is sorted by."""
        cells = [self._title(column, sort) for column in self._columns]
        return self._line(Span(" "), cells, colors, under)

    def _title(self, column: Column, sort: tuple[str, bool]) -> Cell:
        field, descending = sort
        if column.sort and column.sort == field:
            arrow = self._glyphs.descending if descending else self._glyphs.ascending
            return (Span(f"{column.title}{arrow}", "accent"),)
        return (Span(column.title, "muted"),)

    def row(self, row: Row, colors: Palette, under: Style, *, marked: bool) -> Strip:
        """Return a row's line."""
        place = (row.key, marked, under)
        known, found = self._drawn.get(place, (None, None))
        if found is None or known != row:
            mark = Span(self._glyphs.mark, "accent") if marked else Span(" ")
            cells = [_muted(value) for value in row.cells] if row.muted else row.cells
            found = self._line(mark, cells, colors, under)
            self._drawn[place] = (row, found)
        return found

    def words(self, value: Cell, colors: Palette, under: Style) -> Strip:
        """Return a line that is no row: what an empty list says, or that a row is coming."""
        return painting.line((Span("  "), *value) if value else (), self._width, colors, under)

    def _line(self, mark: Span, cells: Sequence[Cell], colors: Palette, under: Style) -> Strip:
        first = painting.line((mark,), 1, colors, under)
        rest = painting.row(cells, self._placed, max(0, self._width - 1), colors, under)
        return Strip.join([first, rest])


def _muted(value: Cell) -> Cell:
    return tuple(Span(span.text, "muted") for span in value)
