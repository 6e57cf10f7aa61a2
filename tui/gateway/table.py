"""The table of a result: its rows are in memory, its columns as wide as what is in them.

What is wider than the screen is walked through column by column; the one in question stands out.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.message import Message

from tui import text
from tui.gateway.values import is_right, value_cell
from tui.widgets.cells import Cell, Span, cell_width
from tui.widgets.columns import GAP, Column, Placed
from tui.widgets.row_painter import RowPainter
from tui.widgets.row_source import Ask, Row, slice_for
from tui.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual.strip import Strip

    from engine.gateway.model import SqlQueryResult
    from tui.palette import Palette
    from tui.theme import Glyphs

WIDEST: Final = 48
"""Most cells of a column; `enter` shows a row whole."""

NARROWEST: Final = 3
PART: Final = 10
"""Least cells for a column that does not fit whole."""

TITLE: Final = 28
"""Most cells that a column takes only for its name and type."""

SIZED: Final = 60_000
"""Values that are measured for the widths: of many columns the first rows must do."""


def columns_of(result: SqlQueryResult) -> tuple[Column, ...]:
    """Return a column for each of a result, sized to its contents: pure."""
    count = max(1, len(result.columns))
    rows = list(islice(result.rows, max(1, SIZED // count)))
    return tuple(
        _column(place, column.name, column.type, [row[place] for row in rows])
        for place, column in enumerate(result.columns)
    )


def _column(place: int, name: str, kind: str, values: Sequence[object]) -> Column:
    widest = max((cell_width(value_cell(value)) for value in values), default=0)
    shown = text.clean(name)
    title = min(TITLE, text.width(f"{shown} {text.clean(kind)}"))
    told = [value for value in values if value is not None]
    return Column(
        name=str(place),
        title=shown,
        width=max(NARROWEST, min(WIDEST, max(widest, title))),
        right=bool(told) and all(map(is_right, told)),
    )


class ResultSource:
    """The rows of a result as a table asks for them; a row's key and anchor are its number."""

    def __init__(self, result: SqlQueryResult) -> None:
        self._result = result

    async def fetch(self, ask: Ask) -> Sequence[Row]:
        """Return the rows asked for."""
        anchored = ask.anchor if isinstance(ask.anchor, int) else -1
        rows = self._result.rows
        part = range(*slice_for(ask, len(rows), anchored).indices(len(rows)))
        return [self._row(number) for number in part]

    def _row(self, number: int) -> Row:
        values = self._result.rows[number]
        cells = tuple(map(value_cell, values))
        return Row(key=str(number), cells=cells, anchor=number, record=values)

    async def count(self) -> int | None:
        """Return how many rows there are."""
        return len(self._result.rows)


class SidewaysPainter(RowPainter):
    """Draws columns from one of them on, each with its type behind its name."""

    def __init__(self, columns: Sequence[Column], types: Sequence[str], glyphs: Glyphs) -> None:
        super().__init__(columns, glyphs)
        self._types = tuple(text.clean(kind) for kind in types)
        self.first = 0
        self.at = 0

    @property
    def shown(self) -> range:
        """The columns that are wholly in sight; the first always is."""
        whole = [one.index for one in self._placed if one.width == one.column.width]
        return range(self.first, max([self.first, *whole]) + 1)

    def resize(self, width: int) -> None:
        """Place the columns from the first on, as many as begin within a width."""
        placed: list[Placed] = []
        x = 0
        for index in range(self.first, len(self._columns)):
            if x >= width - 2:
                break
            column, left = self._columns[index], width - 2 - x
            # A number that lost its end would be another number.
            if column.width > left and index > self.first and (column.right or left < PART):
                break
            room = max(1, min(column.width, left))
            placed.append(Placed(column=column, index=index, x=x, width=room))
            x += room + GAP
        self._width = width
        self._placed = tuple(placed)
        self.forget()

    def titles(self, sort: tuple[str, bool], colors: Palette, under: Style) -> Strip:  # noqa: ARG002
        """Return the line of names and types; the column in question stands out."""
        cells = [self._head(index, column) for index, column in enumerate(self._columns)]
        return self._line(Span(" "), cells, colors, under)

    def _head(self, index: int, column: Column) -> Cell:
        kind = self._types[index]
        name = Span(column.title, "accent" if index == self.at else "strong")
        return (name, Span(f" {kind}", "muted")) if kind else (name,)


class ResultTable(WindowTable):
    """A result; read `column` for the one in question and `values` for the row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "column(-1)", "Column left", show=False, tooltip="The column before"),
        Binding("right,l", "column(1)", "Column right", show=False, tooltip="The next column"),
    ]

    class ColumnChanged(Message):
        """Another column is in question."""

    def __init__(self, result: SqlQueryResult, glyphs: Glyphs, *, id: str) -> None:  # noqa: A002
        super().__init__(columns_of(result), glyphs=glyphs, id=id, classes="panel")
        self.nothing = "No rows: nothing matches these values."
        kinds = [column.type for column in result.columns]
        self._sideways = SidewaysPainter(self.columns, kinds, glyphs)
        self._painter = self._sideways

    @property
    def column(self) -> int:
        """The number of the column in question."""
        return self._sideways.at

    @property
    def shown(self) -> range:
        """The columns in sight."""
        return self._sideways.shown

    def action_column(self, by: int) -> None:
        """Go to the column beside; what is out of sight comes into it."""
        painter = self._sideways
        at = max(0, min(painter.at + by, len(self.columns) - 1))
        if at == painter.at:
            return
        painter.at = at
        self._keep_in_sight()

    def on_resize(self) -> None:
        """Keep the column in question in sight: its place is known after the base has resized."""
        self.call_after_refresh(self._keep_in_sight)

    def _keep_in_sight(self) -> None:
        painter, width = self._sideways, self.scrollable_content_region.width
        painter.first = min(painter.first, painter.at)
        painter.resize(width)
        while painter.at not in painter.shown and painter.first < painter.at:
            painter.first += 1
            painter.resize(width)
        self.refresh()
        self.post_message(self.ColumnChanged())
