"""The pane of a day at a glance, below a board that is wound back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from tui.health.strip import MARGIN, end_of, strip_lines, strip_words
from tui.widgets.lines import Lines
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from datetime import datetime

    from textual.events import Click

    from engine.health.model import DayStrip
    from tui.theme import Glyphs

FRAME = 2


class DayPane(Lines):
    """`tell(strip, at)` shows a day; a click goes to a part of it."""

    @dataclass
    class Chosen(Message):
        """A part of the day was clicked; `at` is its last moment."""

        at: datetime

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="day", classes="panel")
        self._glyphs = glyphs
        self._strip: DayStrip | None = None

    @property
    def room(self) -> int:
        """Cells of a line, also while the pane is not in sight."""
        return self.screen.size.width - FRAME

    def tell(self, strip: DayStrip | None, at: datetime | None) -> None:
        """Show the day in which a board stands, None for none."""
        self._strip = strip
        if strip is None or at is None:
            return
        glyphs = self._glyphs
        title = f"{strip.day:%A}, {strip.day:%b} {strip.day.day}"
        set_title(self, title, strip_words(strip, at, glyphs))
        self.show(lambda _: strip_lines(strip, at, glyphs))

    def on_click(self, event: Click) -> None:
        """Go to the part under the mouse."""
        if self._strip is None:
            return
        place = event.get_content_offset_capture(self).x - MARGIN
        if 0 <= place < len(self._strip.slots):
            self.post_message(self.Chosen(at=end_of(self._strip, place)))
