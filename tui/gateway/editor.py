"""SQL that is typed, in its colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.gateway.highlight import sql_lines
from tui.widgets.editor import LinesEditor

if TYPE_CHECKING:
    from tui.widgets.cells import Cell


class SqlEditor(LinesEditor):
    """SQL of a dialect that may change."""

    dialect: str | None = None

    def speak(self, dialect: str | None) -> None:
        """Colour it as another dialect."""
        if dialect != self.dialect:
            self.dialect = dialect
            self.notify_style_update()
            self.refresh()

    def toned(self, line_index: int) -> Cell:
        """Return a line's spans."""
        lines = sql_lines(self.text, self.dialect)
        return lines[line_index] if line_index < len(lines) else ()

    def on_text_area_changed(self) -> None:
        """Draw all lines anew: an opened comment or quote colours what stands below."""
        self.notify_style_update()
        self.refresh()
