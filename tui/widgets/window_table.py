"""A table over any number of rows: asks its source only for those in sight and a page ahead.

Textual's own DataTable holds every row (26 s and 200 MB for 100,000); this one draws lines from a
window of rows, moves the window by anchors, and keeps cursor and marks by key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.worker import Worker, WorkerState

from tui.palette import palette
from tui.theme import UNICODE, Glyphs
from tui.widgets import painting
from tui.widgets.cells import Cell, Span, cell
from tui.widgets.columns import Placed, place
from tui.widgets.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events

    from tui.widgets.columns import Column
    from tui.widgets.row_source import Ask, Row, RowSource

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

    class Moved(Message):
        """The cursor is on another item, or the item's row was refreshed; None: no rows."""

        def __init__(self, table: WindowTable, row: Row | None) -> None:
            super().__init__()
            self.table = table
            self.row = row

        def can_replace(self, message: Message) -> bool:
            """Only the last of many moves counts."""
            return isinstance(message, WindowTable.Moved) and message.table is self.table

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
        self._busy = self._failed = self._reloading = False
        self._cursor = 0
        self._cursor_row: Row | None = None
        self._told: Row | None = None
        self._hover = -1
        self._marked: frozenset[str] = frozenset()
        self._sort: tuple[str, bool] = ("", False)
        self._placed: tuple[Placed, ...] = ()
        self._strips: LRUCache[tuple[int, str, Style], Strip] = LRUCache(256)

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
        """Show another source from its start; the cursor goes to the first row."""
        self._source = source
        self._generation += 1
        self._window = Window()
        self._cursor, self._cursor_row = 0, None
        self._busy = self._failed = self._reloading = False
        self.scroll_to(y=0, animate=False)
        self._pump()

    def reload(self) -> None:
        """Ask for the rows in sight again; cursor, marks and scroll stay with their items."""
        self._failed = False
        self._reloading = True
        self._pump()

    def set_sort(self, field: str, *, descending: bool = False) -> None:
        """Show the sort arrow at the column whose `sort` is `field`."""
        self._sort = (field, descending)
        self.refresh()

    def set_marked(self, keys: frozenset[str]) -> None:
        """Mark exactly these rows."""
        self._marked = keys
        self._repaint()
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
        ask = (
            self._window.again(self._top, self._height)
            if self._reloading
            else self._window.wanted(self._top, self._height)
        )
        if ask is not None:
            self._busy = True
            load = self._load(self._source, ask, self._generation, afresh=self._reloading)
            self._reloading = False
            self.run_worker(load, group="rows", exit_on_error=False)

    async def _load(self, source: RowSource, ask: Ask, generation: int, *, afresh: bool) -> None:
        first = self._window.total is None
        rows = await source.fetch(ask)
        if generation != self._generation:
            return
        self._accept(ask, rows, afresh=afresh)
        if first or afresh:
            # The rows are on screen already; a count may take longer.
            total = (
                await source.count() if len(rows) >= ask.limit or ask.position != "start" else None
            )
            if generation != self._generation:
                return
            self._window.counted(total)
            self._resize()
            self.post_message(self.Loaded(self, self.total))
        self._busy = False
        self._pump()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Hand an error of the source to the screen, once."""
        event.stop()
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._busy, self._failed = False, True
            self.post_message(self.Failed(self, event.worker.error))

    def _accept(self, ask: Ask, rows: Sequence[Row], *, afresh: bool) -> None:
        if afresh:
            self._window.replace(ask, rows)
        else:
            shift = self._window.take(ask, rows)
            if shift:
                self._cursor = max(0, self._cursor + shift)
                self.scroll_to(y=max(0, self._top + shift), animate=False)
        self._resize()
        self._follow()
        self._repaint()

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

    def _repaint(self) -> None:
        self._strips.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget drawn rows: the theme or the focus changed."""
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self) -> None:
        """Share the new width among the columns."""
        self._placed = place(self.columns, max(0, self.scrollable_content_region.width - 2))
        self._resize()
        self._strips.clear()
        self._pump()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for what came into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._pump()

    def render_line(self, y: int) -> Strip:
        """Draw one line of what is in sight: the titles, then rows."""
        width = self.scrollable_content_region.width
        base = self.rich_style
        if y == 0:
            return self._titles(width, base)
        index = self._top + y - HEADER
        row = self._window.row(index)
        if row is None:
            return self._blank(index, width, base)
        under = base + self._under(index)
        key = (width, row.key, under)
        found = self._strips.get(key)
        if found is None:
            found = self._draw(row, width, under)
            self._strips[key] = found
        return found

    def _under(self, index: int) -> Style:
        colors = palette(self.app)
        if index == self._cursor:
            return colors.cursor if self.has_focus else colors.cursor_blurred
        return colors.hover if index == self._hover else colors.plain

    def _draw(self, row: Row, width: int, under: Style) -> Strip:
        colors = palette(self.app)
        mark = Span(self.glyphs.mark, "accent") if row.key in self._marked else Span(" ")
        cells = [_muted(value) for value in row.cells] if row.muted else row.cells
        inner = painting.row(cells, self._placed, max(0, width - 1), colors, under)
        return Strip.join([painting.line((mark,), 1, colors, under), inner])

    def _titles(self, width: int, base: Style) -> Strip:
        colors = palette(self.app)
        titles = [self._title(column) for column in self.columns]
        inner = painting.row(titles, self._placed, max(0, width - 1), colors, base)
        return Strip.join([painting.line((Span(" "),), 1, colors, base), inner])

    def _title(self, column: Column) -> Cell:
        field, descending = self._sort
        if column.sort and column.sort == field:
            arrow = self.glyphs.descending if descending else self.glyphs.ascending
            return (Span(f"{column.title}{arrow}", "accent"),)
        return (Span(column.title, "muted"),)

    def _blank(self, index: int, width: int, base: Style) -> Strip:
        """Draw a line without a row: not there, not loaded yet, or what an empty list says."""
        if index == 1 and self.total == 0 and self._source is not None and not self._busy:
            value: Cell = (Span("  "), *cell(self.nothing, "muted"))
        elif index < self.total:
            value = (Span(f"  {self.glyphs.gap}", "muted"),)
        else:
            value = ()
        return painting.line(value, width, palette(self.app), base)

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
            self._click_title(offset.x)
            return
        index = self._top + offset.y - HEADER
        if index < self.total:
            again = index == self._cursor and event.chain > 1
            self._move_to(index)
            if again:
                self.action_open()

    def _click_title(self, x: int) -> None:
        for placed in self._placed:
            if placed.x <= x - 1 <= placed.x + placed.width and placed.column.sort:
                self.post_message(self.SortAsked(self, placed.column.sort))

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


def _muted(value: Cell) -> Cell:
    return tuple(Span(span.text, "muted") for span in value)
