"""Text of several lines that is typed, with what is wrong in it marked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.style import Style
from textual.widgets import TextArea

from tui import text
from tui.palette import palette

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text
    from textual import events
    from textual.widgets.text_area import Edit, EditResult

    from tui.widgets.cells import Cell, Mark

MAX_PASTED = 262_144
"""Characters taken by one paste: more than any statement that is registered."""


class LinesEditor(TextArea):
    """Several lines that take in no control characters, pasted or loaded ones included.

    Tab goes on to the next field, as in every form. `mark(places)` underlines what is wrong.
    """

    # The app's own sheet knows no text areas; theirs has borders and a ground of its own.
    DEFAULT_CSS = """
    LinesEditor, LinesEditor:focus { background: $panel; border: none; padding: 0;
        scrollbar-size-vertical: 1; }
    LinesEditor:focus { background: $panel; }
    LinesEditor .text-area--placeholder { color: $foreground 45%; }
    """

    def __init__(self, value: str, *, numbers: bool = True, placeholder: str = "", id: str) -> None:  # noqa: A002 - Textual's own word
        super().__init__(
            cleaned(value),
            soft_wrap=True,
            show_line_numbers=numbers,
            placeholder=placeholder,
            id=id,
            compact=True,
            # The cursor's line would lose its colours.
            highlight_cursor_line=False,
        )
        self.marks: tuple[Mark, ...] = ()

    def edit(self, edit: Edit) -> EditResult:
        """Make a change, of clean text."""
        return super().edit(replace(edit, text=cleaned(edit.text[:MAX_PASTED])))

    def _on_paste(self, event: events.Paste) -> None:  # type: ignore[override]
        # Textual's own puts it in after this; passed on, it would come here once more.
        event.stop()

    def mark(self, places: Sequence[Mark]) -> None:
        """Underline these places and no others."""
        if self.marks != tuple(places):
            self.marks = tuple(places)
            self.notify_style_update()  # lines that were drawn are kept until then
            self.refresh()

    def go_to(self, line: int, column: int) -> None:
        """Put the cursor at a place, as near as there is one, and take the focus."""
        self.focus()
        self.move_cursor((line, column), center=True)

    def get_line(self, line_index: int) -> Text:
        """Return one line in its styles."""
        line = super().get_line(line_index)
        tones = palette(self.app).tones
        place = 0
        for span in self.toned(line_index):
            line.stylize(tones[span.tone], place, place + len(span.text))
            place += len(span.text)
        wrong = tones["failing"] + Style(underline=True)
        for mark in self.marks:
            if mark.line == line_index:
                line.stylize(wrong, mark.column, mark.column + mark.length)
        return line

    def toned(self, line_index: int) -> Cell:  # noqa: ARG002 - for subclasses
        """Return a line's spans, in all as long as the line; none where it has one tone."""
        return ()


def cleaned(value: str) -> str:
    """Return lines of clean text."""
    return "\n".join(text.lines(value.replace("\r\n", "\n").replace("\r", "\n")))
