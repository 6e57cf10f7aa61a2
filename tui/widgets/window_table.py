"""A table over any number of rows: asks its source only for those in sight and a page ahead.

Textual's own DataTable holds every row (26 s and 200 MB for 100,000); this one draws lines from a
window of rows, moves the window by anchors, and keeps cursor and marks by key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.worker import Worker, WorkerState

from tui.palette import palette
from tui.theme import UNICODE, Glyphs
from tui.widgets.cells import Cell, Span, cell
from tui.widgets.row_painter import RowPainter
from tui.widgets.row_source import Ask
from tui.widgets.window import PAGE, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events
    from textual.strip import Strip

    from tui.palette import Palette
    from tui.widgets.columns import Column
    from tui.widgets.row_source import Row, RowSource

HEADER = 1
"""Lines above the rows."""


class WindowTable(ScrollView, can_focus=True):
    """Rows of declared columns, from a `RowSource`.

    Use: `WindowTable(COLUMNS, id="rows")`, then `set_source(source)` for a new filter or order
    and `reload()` when the data changed. Read `cursor_row`, `marked`, `total`. Set `nothing` to
    what an empty list says.
    Keys: arrows, j/k, g/G, home/end, pgup/pgdn, enter opens, and with `marks=True` space marks.
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
        super().__init__(id=id, classes=classes)
        self.columns = tuple(columns)
        self.marks = marks
        self.glyphs = glyphs
        self.nothing = "Nothing here."
        self._window = Window()
        self._source: RowSource | None = None
        self._generation = 0
        self._busy = self._failed = self._fresh = self._reloading = self._recount = False
        self._cursor = 0
        self._cursor_row: Row | None = None
        self._told: Row | None = None
        self._hover = -1
        self._marked: frozenset[str] = frozenset()
        self._sort: tuple[str, bool] = ("", False)
        self._painter = RowPainter(self.columns, glyphs)

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

    @property
    def total(self) -> int:
        """How many rows the source has, as far as it is known."""
        return self._window.length

    def set_source(self, source: RowSource) -> None:
        """Show another source from its start; the old rows stay until the new ones are here."""
        self._source = source
        self._generation += 1
        self._fresh = True
        self._busy = self._failed = self._reloading = False
        self._pump()

    def reload(self, source: RowSource | None = None, *, recount: bool = True) -> None:
        """Ask for the rows in sight again; cursor, marks and scroll stay with their items.

        `source` takes the place of the one in use, where it is another reading of the same list.
        `recount=False` spares the count where only values changed and no row came or went.
        """
        self._source = source or self._source
        self._failed = False
        self._reloading = True
        self._recount = self._recount or recount
        self._pump()

    def set_sort(self, field: str, *, descending: bool = False) -> None:
        """Show the sort arrow at the column whose `sort` is `field`."""
        self._sort = (field, descending)
        self.refresh()

    def set_marked(self, keys: frozenset[str]) -> None:
        """Mark exactly these rows."""
        self._marked = keys
        self.refresh()
        self.post_message(self.Marked(self, keys))

    def clear_marks(self) -> None:
        """Unmark all rows."""
        self.set_marked(frozenset())

    def find(self, key: str) -> Row | None:
        """Return a row of the window by key."""
        index = self._window.index(key)
        return None if index is None else self._window.row(index)

    # Loading

    def _pump(self) -> None:
        """Start the next request, if one is wanted and none is under way."""
        if self._source is None or self._busy or self._failed or not self.is_attached:
            return
        ask = self._next_ask()
        if ask is not None:
            self._busy = True
            load = self._load(self._source, ask, self._generation, afresh=self._reloading)
            self._reloading = False
            self.run_worker(load, group="rows", exit_on_error=False)

    def _next_ask(self) -> Ask | None:
        if self._fresh:
            return Ask(position="start", limit=PAGE)
        if self._reloading:
            return self._window.again(self._top, self._height)
        return self._window.wanted(self._top, self._height)

    async def _load(self, source: RowSource, ask: Ask, generation: int, *, afresh: bool) -> None:
        rows = await source.fetch(ask)
        if generation != self._generation:
            return
        recount = self._fresh or (afresh and self._recount)
        complete = ask.position == "start" and len(rows) < ask.limit
        self._accept(ask, rows, afresh=afresh)
        if recount and not complete:
            # Rows are on screen already and can be paged through; a count may take longer.
            self.run_worker(self._count(source, generation), group="count", exit_on_error=False)
        elif recount:
            self.post_message(self.Loaded(self, self.total))
        self._recount = self._busy = False
        self._pump()

    async def _count(self, source: RowSource, generation: int) -> None:
        total = await source.count()
        if generation == self._generation:
            self._window.counted(total)
            self._resize()
            self.post_message(self.Loaded(self, self.total))
            self._pump()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Hand an error of the source to the screen, once."""
        event.stop()
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._busy, self._failed = False, True
            self.post_message(self.Failed(self, event.worker.error))

    def _accept(self, ask: Ask, rows: Sequence[Row], *, afresh: bool) -> None:
        before, length = self._in_sight(), self.total
        if self._fresh:
            self._start_over()
        if afresh:
            self._window.replace(ask, rows)
        else:
            shift = self._window.take(ask, rows)
            if shift:
                self._cursor = max(0, self._cursor + shift)
                self.scroll_to(y=max(0, self._top + shift), animate=False)
        self._resize()
        self._follow()
        if length != self.total:
            self.refresh()
        else:
            self._refresh_changed(before)

    def _in_sight(self) -> list[Row | None]:
        return [self._window.row(self._top + line) for line in range(self._height)]

    def _refresh_changed(self, before: Sequence[Row | None]) -> None:
        """Repaint only rows that differ: most of a live board stays as it is."""
        for line, (old, new) in enumerate(zip(before, self._in_sight(), strict=False)):
            if old != new:
                self._refresh_row(self._top + line)

    def _start_over(self) -> None:
        self._fresh = False
        self._window = Window()
        self._cursor, self._cursor_row = 0, None
        self.scroll_to(y=0, animate=False)

    def _resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self.total + HEADER)

    def _follow(self) -> None:
        """Keep the cursor on its item: find its row again, wherever it is now."""
        before = self._cursor_row
        index = self._window.index(before.key) if before is not None else None
        if index is not None and index != self._cursor:
            self._cursor = index
            self._scroll_to_cursor()
        self._cursor = max(0, min(self._cursor, self.total - 1))
        after = self._window.row(self._cursor)
        if after is not None or not self._window.rows:
            self._cursor_row = after
        self._tell()

    # Drawing

    @property
    def _top(self) -> int:
        return int(self.scroll_offset.y)

    @property
    def _height(self) -> int:
        return max(1, self.scrollable_content_region.height - HEADER)

    def notify_style_update(self) -> None:
        """Forget drawn rows: the theme or the focus changed."""
        super().notify_style_update()
        self._painter.forget()

    def on_resize(self) -> None:
        """Share the new width among the columns."""
        self._painter.resize(self.scrollable_content_region.width)
        self._resize()
        self._pump()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for what came into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._pump()

    def render_line(self, y: int) -> Strip:
        """Draw one line of what is in sight: the titles, then rows."""
        base, colors = self.rich_style, palette(self.app)
        if y == 0:
            return self._painter.titles(self._sort, colors, base)
        index = self._top + y - HEADER
        row = self._window.row(index)
        if row is None:
            return self._painter.words(self._no_row(index), colors, base)
        under = base + self._under(index, colors)
        return self._painter.row(row, colors, under, marked=row.key in self._marked)

    def _under(self, index: int, colors: Palette) -> Style:
        if index == self._cursor:
            return colors.cursor if self.has_focus else colors.cursor_blurred
        return colors.hover if index == self._hover else colors.plain

    def _no_row(self, index: int) -> Cell:
        if index < self.total:
            return (Span(self.glyphs.gap, "muted"),)
        empty = self.total == 0 and self._window.total == 0
        return cell(self.nothing, "muted") if empty and index == 1 else ()

    # Moving

    def _move_to(self, index: int) -> None:
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

    def _refresh_row(self, index: int) -> None:
        self.refresh_line(index + HEADER)

    def _scroll_to_cursor(self) -> None:
        if self._cursor < self._top:
            self.scroll_to(y=self._cursor, animate=False)
        elif self._cursor >= self._top + self._height:
            self.scroll_to(y=self._cursor - self._height + 1, animate=False)

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
        """Open the row under the cursor."""
        if self._cursor_row is not None:
            self.post_message(self.Opened(self, self._cursor_row))

    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor, and go to the next."""
        if self._cursor_row is not None:
            self.set_marked(self._marked ^ {self._cursor_row.key})
            self._move_to(self._cursor + 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Marking is there only where a screen wants it."""
        return action != "mark" or self.marks

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
