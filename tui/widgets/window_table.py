"""A table over any number of rows: asks its source only for those in sight and a page ahead.

Textual's own DataTable holds every row (26 s and 200 MB for 100,000); this one draws lines from a
window of rows, moves the window by anchors, and keeps cursor and marks by key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.keys import EVERYWHERE
from tui.theme import UNICODE, Glyphs
from tui.widgets.window_view import HEADER, WindowView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events

    from tui.palette import Palette
    from tui.widgets.columns import Column
    from tui.widgets.row_source import Row


class WindowTable(WindowView, can_focus=True):
    """Rows of declared columns, from a `RowSource`.

    Use: `WindowTable(COLUMNS, id="rows")`, then `set_source(source)` for a new filter or order
    and `reload()` when the data changed. Read `cursor_row`, `marked`, `total`. Set `nothing` to
    what an empty list says, and `aside` to keys of the screen that mean no row.
    Keys: arrows, j/k, g/G, home/end, pgup/pgdn, enter opens, and with `marks=True` space and
    ctrl+a mark.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "move_page(-1)", "Page up", show=False),
        Binding("pagedown", "move_page(1)", "Page down", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
        Binding("enter", "open", "Open", tooltip="Open what the cursor is on"),
        Binding("space", "mark", "Mark", tooltip="Mark for a bulk action"),
        # Two keys: GNU screen keeps ctrl+a to itself.
        Binding(
            "ctrl+a,asterisk", "mark_all", "Mark all", show=False, tooltip="Mark all; again unmarks"
        ),
    ]
    DEFAULT_CSS = """
    WindowTable {
        background: $background;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    """

    @dataclass
    class Moved(Message):
        """The cursor is on another item, or the item's row was refreshed; None: no rows."""

        table: WindowTable
        row: Row | None

        def can_replace(self, message: Message) -> bool:
            """Only the last of many moves counts."""
            return isinstance(message, WindowTable.Moved) and message.table is self.table

    @dataclass
    class Opened(Message):
        """Enter or a second click on a row."""

        table: WindowTable
        row: Row

    @dataclass
    class Marked(Message):
        """Other rows are marked; `keys` are all that are."""

        table: WindowTable
        keys: frozenset[str]

    @dataclass
    class SortAsked(Message):
        """A click on a column's title; the screen answers with `set_sort` and `set_source`."""

        table: WindowTable
        field: str

    @dataclass
    class Began(Message):
        """The first rows of a source are here; they may not have been counted yet."""

        table: WindowTable

    @dataclass
    class Loaded(Message):
        """The first rows or a reload of a source are on screen; `total` counts all rows."""

        table: WindowTable
        total: int

    @dataclass
    class Failed(Message):
        """The source raised; BoardScreen handles it like an error of its own load."""

        table: WindowTable
        error: BaseException

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        marks: bool = False,
        glyphs: Glyphs = UNICODE,
        id: str | None = None,  # noqa: A002 - Textual's own word
        classes: str | None = None,
    ) -> None:
        super().__init__(columns, glyphs, id=id, classes=classes)
        self.marks = marks
        self.aside: frozenset[str] = frozenset()
        self._cursor = 0
        self._cursor_row: Row | None = None
        self._chosen = False
        self._open_once_read = self._mark_all_once_read = False
        self._told: Row | None = None
        self._hover = -1
        self._marked: frozenset[str] = frozenset()

    # What others read and call

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor, None while there is none."""
        return self._cursor_row

    @property
    def cursor(self) -> int:
        """The number of the row under the cursor."""
        return self._cursor

    @property
    def marked(self) -> frozenset[str]:
        """The keys of the marked rows, whether in sight or not."""
        return self._marked

    def set_marked(self, keys: frozenset[str]) -> None:
        """Mark exactly these rows."""
        self._marked = keys
        self.refresh()
        self.post_message(self.Marked(self, keys))

    def clear_marks(self) -> None:
        """Unmark all rows."""
        self.set_marked(frozenset())

    # What the window tells

    def _began(self) -> None:
        self.post_message(self.Began(self))
        if self._mark_all_once_read:
            self.action_mark_all()

    def _loaded(self) -> None:
        self.post_message(self.Loaded(self, self.total))

    def _refused(self, error: BaseException) -> None:
        self.post_message(self.Failed(self, error))

    def _shifted(self, rows: int) -> None:
        self._cursor = max(0, self._cursor + rows)

    def _started_over(self) -> None:
        self._cursor, self._cursor_row, self._chosen = 0, None, False

    def _is_marked(self, row: Row) -> bool:
        return row.key in self._marked

    def _under(self, index: int, colors: Palette) -> Style:
        if index == self._cursor:
            return colors.cursor if self.has_focus else colors.cursor_blurred
        return colors.hover if index == self._hover else colors.plain

    def _follow(self) -> None:
        """Keep the cursor on its item: find its row again, wherever it is now.

        Until a key or the mouse comes it stays on the first row, on what the order puts first.
        """
        before = self._cursor_row if self._chosen else None
        index = self._window.index(before.key) if before is not None else None
        if index is not None and index != self._cursor:
            self._cursor = index
            self._scroll_to_cursor()
        self._cursor = max(0, min(self._cursor, self.total - 1))
        after = self._window.row(self._cursor)
        if after is not None or not self._window.rows:
            self._cursor_row = after
        self._tell()
        if self._open_once_read and after is not None:
            self.action_open()

    # Moving

    def on_key(self, event: events.Key) -> None:
        """Hold on to the row that is meant, whatever the key does with it.

        Whoever only goes somewhere else has meant none.
        """
        self._chosen = self._chosen or event.key not in EVERYWHERE | self.aside
        self._open_once_read = self._mark_all_once_read = False

    def _move_to(self, index: int) -> None:
        self._chosen = True
        index = max(0, min(index, self.total - 1))
        if index == self._cursor and self._cursor_row is not None:
            return
        self._refresh_row(self._cursor)
        self._cursor = index
        self._cursor_row = self._window.row(index)
        self._refresh_row(index)
        self._scroll_to_cursor()
        if self._cursor_row is not None:
            self._tell()

    def _tell(self) -> None:
        if self._cursor_row != self._told:
            self._told = self._cursor_row
            self.post_message(self.Moved(self, self._cursor_row))

    def _scroll_to_cursor(self) -> None:
        if self._cursor < self._top:
            self.scroll_to(y=self._cursor, animate=False)
        elif self._cursor >= self._top + self._height:
            self.scroll_to(y=self._cursor - self._height + 1, animate=False)

    def go_to(self, key: str) -> bool:
        """Put the cursor on a row by its key; False when the window does not hold it."""
        index = self._window.index(key)
        if index is not None:
            self._move_to(index)
        return index is not None

    def action_move(self, rows: int) -> None:
        """Move the cursor by so many rows."""
        self._move_to(self._cursor + rows)

    def action_move_page(self, pages: int) -> None:
        """Move the cursor by so many screens."""
        self._move_to(self._cursor + pages * self._height)

    def action_first(self) -> None:
        """Move to the first row."""
        self._move_to(0)

    def action_last(self) -> None:
        """Move to the last row."""
        self._move_to(self.total - 1)

    def action_open(self) -> None:
        """Open the row under the cursor; one that is still being read once it is there."""
        self._open_once_read = self._cursor_row is None
        if self._cursor_row is not None:
            self.post_message(self.Opened(self, self._cursor_row))

    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor, and go to the next."""
        if self._cursor_row is not None:
            self.set_marked(self._marked ^ {self._cursor_row.key})
            self._move_to(self._cursor + 1)

    def action_mark_all(self) -> None:
        """Mark all rows that are held, or unmark them where all are; says where there are more.

        Of a list that is still being read once its first rows are there: the old ones go.
        """
        self._mark_all_once_read = self.is_starting
        held = frozenset(row.key for row in self._window.rows)
        if self._mark_all_once_read or not held:
            return
        if held <= self._marked:
            self.set_marked(self._marked - held)
            return
        self.set_marked(self._marked | held)
        if not self._window.is_whole:
            self.notify(self._partly(len(held)), severity="warning", markup=False)

    def _partly(self, held: int) -> str:
        said = f"{held:,} rows are marked, those that were read so far"
        of = f", of {self.total:,}" if self.total > held else ""
        return f"{said}{of}: filter for fewer to mark all of them."

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Marking is there only where a screen wants it."""
        return action not in {"mark", "mark_all"} or self.marks

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """A title sorts; a row takes the cursor; a second click on it opens it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            field = self._painter.field_at(offset.x)
            if field:
                self.post_message(self.SortAsked(self, field))
            return
        index = self._top + offset.y - HEADER
        if index < self.total:
            again = index == self._cursor and event.chain > 1
            self._move_to(index)
            if again:
                self.action_open()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Light the row under the mouse."""
        self._hover_at(self._top + event.y - HEADER)

    def on_leave(self) -> None:
        """Put the light out."""
        self._hover_at(-1)

    def _hover_at(self, index: int) -> None:
        if index != self._hover:
            before, self._hover = self._hover, index
            self._refresh_row(before)
            self._refresh_row(index)
