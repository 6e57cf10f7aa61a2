"""A window of rows on one line-API widget: asks for what is in sight, draws it, nothing more.

What has a cursor, marks and messages is `WindowTable`, its subclass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.worker import Worker, WorkerState

from tui.palette import palette
from tui.widgets.cells import Cell, Span, cell
from tui.widgets.row_painter import RowPainter
from tui.widgets.row_source import Ask
from tui.widgets.window import PAGE, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual.strip import Strip

    from tui.palette import Palette
    from tui.theme import Glyphs
    from tui.widgets.columns import Column
    from tui.widgets.row_source import Row, RowSource

HEADER = 1
"""Lines above the rows."""


class WindowView(ScrollView):
    """Rows of declared columns from a source; a subclass says what lies under and follows them."""

    def __init__(
        self,
        columns: Sequence[Column],
        glyphs: Glyphs,
        id: str | None = None,  # noqa: A002 - Textual's own word
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = tuple(columns)
        self.glyphs = glyphs
        self.nothing = "Nothing here."
        self._window = Window()
        self._source: RowSource | None = None
        self._generation = 0
        self._busy = self._failed = self._fresh = self._reloading = self._recount = False
        self._sort: tuple[str, bool] = ("", False)
        self._painter = RowPainter(self.columns, glyphs)

    @property
    def total(self) -> int:
        """How many rows the source has, as far as it is known."""
        return self._window.length

    @property
    def reach(self) -> int:
        """How many rows from the first on hold all that a reload would ask for."""
        return self._window.reach(self._top, self._height)

    @property
    def is_starting(self) -> bool:
        """Whether the first rows of a source are still to come; a refusal ends the wait."""
        return self._fresh and not self._failed

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

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns from the next source on, which makes its rows for them."""
        self.columns = tuple(columns)
        self._painter = RowPainter(self.columns, self.glyphs)
        self._painter.resize(self.scrollable_content_region.width)
        self._window = Window()
        self.refresh()

    def set_sort(self, field: str, *, descending: bool = False) -> None:
        """Show the sort arrow at the column whose `sort` is `field`."""
        self._sort = (field, descending)
        self.refresh()

    def find(self, key: str) -> Row | None:
        """Return a row of the window by key."""
        index = self._window.index(key)
        return None if index is None else self._window.row(index)

    # What a subclass says

    def _under(self, index: int, colors: Palette) -> Style:  # noqa: ARG002 - for subclasses
        return colors.plain

    def _is_marked(self, row: Row) -> bool:  # noqa: ARG002 - for subclasses
        return False

    def _follow(self) -> None:
        """Other rows are in the window."""

    def _shifted(self, rows: int) -> None:
        """Row numbers moved."""

    def _started_over(self) -> None:
        """Another list is shown from its start."""

    def _began(self) -> None:
        """A source's first rows are here."""

    def _loaded(self) -> None:
        """A source's first rows or a reload are on screen, and counted."""

    def _refused(self, error: BaseException) -> None:
        """The source raised."""

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
            self._loaded()
        self._recount = self._busy = False
        self._pump()

    async def _count(self, source: RowSource, generation: int) -> None:
        total = await source.count()
        if generation == self._generation:
            self._window.counted(total)
            self._resize()
            self._loaded()
            self._pump()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Hand an error of the source to the screen, once."""
        event.stop()
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._busy, self._failed = False, True
            self._refused(event.worker.error)

    def _accept(self, ask: Ask, rows: Sequence[Row], *, afresh: bool) -> None:
        before, length, begins = self._in_sight(), self.total, self._fresh
        if begins:
            self._start_over()
        if afresh:
            self._window.replace(ask, rows)
        else:
            shift = self._window.take(ask, rows)
            if shift:
                self._shifted(shift)
                self.scroll_to(y=max(0, self._top + shift), animate=False)
        self._resize()
        self._follow()
        if length != self.total or (begins and not rows):
            # Another list that is empty as well has other words for it.
            self.refresh()
        else:
            self._refresh_changed(before)
        if begins:
            self._began()

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
        self._started_over()
        self.scroll_to(y=0, animate=False)

    def _resize(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self.total + HEADER)

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

    def watch_show_vertical_scrollbar(self) -> None:
        """Share the width anew: the scrollbar takes of it, and no resize event tells of that."""
        self._painter.resize(self.scrollable_content_region.width)
        self.refresh()

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
        return self._painter.row(row, colors, under, marked=self._is_marked(row))

    def _no_row(self, index: int) -> Cell:
        if index < self.total:
            return (Span(self.glyphs.gap, "muted"),)
        empty = self.total == 0 and self._window.total == 0
        return cell(self.nothing, "muted") if empty and index == 1 else ()

    def _refresh_row(self, index: int) -> None:
        self.refresh_line(index + HEADER)
