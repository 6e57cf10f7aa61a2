"""A table over any number of rows: asks its source only for those in sight and a page ahead.

Textual's own DataTable holds every row (26 s and 200 MB for 100,000); this one draws lines from a
window of rows, moves the window by anchors, and keeps cursor and marks by key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.scroll_view import ScrollView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.widgets.columns import Column
    from tui.widgets.row_source import Row, RowSource


class WindowTable(ScrollView, can_focus=True):
    """Rows of declared columns, from a `RowSource`.

    Use: `WindowTable(COLUMNS, id="rows")`, then `set_source(source)` for a new filter or order
    and `reload()` when the data changed. Read `cursor_row`, `marked`, `total`.
    Keys: arrows, j/k, g/G, home/end, pgup/pgdn, enter opens, and with `marks=True` space marks.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("enter", "open", "Open", tooltip="Open what the cursor is on"),
        Binding("space", "mark", "Mark", tooltip="Mark for a bulk action"),
    ]

    class Moved(Message):
        """The cursor is on another item, or the item's row was refreshed; None: no rows."""

        def __init__(self, table: WindowTable, row: Row | None) -> None:
            super().__init__()
            self.table = table
            self.row = row

    class Opened(Message):
        """Enter or a second click on a row."""

        def __init__(self, table: WindowTable, row: Row) -> None:
            super().__init__()
            self.table = table
            self.row = row

    class Marked(Message):
        """Other rows are marked; `keys` are all that are."""

        def __init__(self, table: WindowTable, keys: frozenset[str]) -> None:
            super().__init__()
            self.table = table
            self.keys = keys

    class SortAsked(Message):
        """A click on a column's title; the screen answers with `set_sort` and `set_source`."""

        def __init__(self, table: WindowTable, field: str) -> None:
            super().__init__()
            self.table = table
            self.field = field

    class Loaded(Message):
        """The first rows or a reload of a source are on screen; `total` counts all rows."""

        def __init__(self, table: WindowTable, total: int) -> None:
            super().__init__()
            self.table = table
            self.total = total

    class Failed(Message):
        """The source raised; BoardScreen handles it like an error of its own load."""

        def __init__(self, table: WindowTable, error: BaseException) -> None:
            super().__init__()
            self.table = table
            self.error = error

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        marks: bool = False,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.marks = marks

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor, None while there is none."""
        raise NotImplementedError

    @property
    def marked(self) -> frozenset[str]:
        """The keys of the marked rows, whether in sight or not."""
        raise NotImplementedError

    @property
    def total(self) -> int:
        """How many rows the source has."""
        raise NotImplementedError

    def set_source(self, source: RowSource) -> None:
        """Show another source from its start; the cursor goes to the first row."""
        raise NotImplementedError

    def reload(self) -> None:
        """Ask for the rows in sight again; cursor, marks and scroll stay with their items."""
        raise NotImplementedError

    def set_sort(self, field: str, *, descending: bool = False) -> None:
        """Show the sort arrow at the column whose `sort` is `field`."""
        raise NotImplementedError

    def clear_marks(self) -> None:
        """Unmark all rows."""
        raise NotImplementedError

    def find(self, key: str) -> Row | None:
        """Return a row of the window by key."""
        raise NotImplementedError
