"""Lines of cells on one widget: detail panes, stories, bars. Redrawn without a layout pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView

from tui.palette import palette
from tui.widgets import painting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.strip import Strip

    from tui.widgets.cells import Cell

    Build = Callable[[int], Sequence[Cell]]


class Lines(ScrollView, can_focus=False):
    """Shows what a pure function makes of the width: `show(lambda width: story(record, width))`."""

    DEFAULT_CSS = """
    Lines {
        background: $background;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._build: Build | None = None
        self._lines: tuple[Cell, ...] = ()

    @property
    def lines(self) -> tuple[Cell, ...]:
        """What is shown, line by line."""
        return self._lines

    def show(self, build: Build) -> None:
        """Show the lines that `build(width)` returns, now and after each resize."""
        self._build = build
        self._rebuild()

    def on_resize(self) -> None:
        """Make the lines anew for the new width."""
        self._rebuild()

    def watch_show_vertical_scrollbar(self) -> None:
        """Make the lines anew: the bar came or went, with it the width that they are made for."""
        self.call_after_refresh(self._rebuild)

    def _rebuild(self) -> None:
        width = self.scrollable_content_region.width
        if self._build is None or width <= 0:
            return
        lines = tuple(self._build(width))
        if lines == self._lines:
            return
        before, self._lines = self._lines, lines
        if len(before) != len(lines):
            self.virtual_size = Size(width, len(lines))
            self.refresh()
            return
        top = self.scroll_offset.y
        for index, (old, new) in enumerate(zip(before, lines, strict=True)):
            if old != new and index >= top:
                self.refresh_line(index)

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width = self.scrollable_content_region.width
        index = int(self.scroll_offset.y) + y
        value = self._lines[index] if index < len(self._lines) else ()
        return painting.line(value, width, palette(self.app), self.rich_style)


class ReadLines(Lines, can_focus=True):
    """Lines that take the focus and scroll by keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_down", "Down", show=False),
        Binding("k,up", "scroll_up", "Up", show=False),
    ]
