"""Lines that are as high as what they say: in dialogs and forms, where nothing gives a height."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from textual.geometry import Size

    from tui.widgets.lines import Build


class Block(Lines):
    """Like `Lines`, but its height follows its text; it needs a layout pass where that changes."""

    DEFAULT_CSS = """
    Block { height: auto; background: transparent; }
    """

    _wanted: Build | None = None

    def show(self, build: Build) -> None:
        """Show the lines that `build(width)` returns, and take the height they need."""
        self._wanted = build
        super().show(build)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines there are at this width."""
        del container, viewport
        return 0 if self._wanted is None or width <= 0 else len(self._wanted(width))
