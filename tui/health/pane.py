"""The pane that tells one lamp's story: at once from the lamp, then with its history."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui import text
from tui.health.story import story_lines
from tui.widgets.lines import ReadLines
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from datetime import datetime

    from engine.health.model import Lamp, Story
    from tui.desk import Desk

PAUSE_S = 0.12
"""A cursor that only passes over a thing asks the database nothing."""


class StoryPane(ReadLines):
    """`tell(lamp)` shows a lamp; `plot_height` is the latency plot's, 1 is a sparkline.

    `tell(lamp, at)` shows it as it was then, with what was known of it then.
    """

    def __init__(self, desk: Desk, *, plot_height: int = 1, id: str = "story") -> None:  # noqa: A002
        super().__init__(id=id, classes="panel")
        self._desk = desk
        self._plot_height = plot_height
        self._lamp: Lamp | None = None
        self._story: Story | None = None
        self._at: datetime | None = None

    def tell(self, lamp: Lamp | None, at: datetime | None = None) -> None:
        """Show a lamp (None: none) and fetch its history, once the cursor rests on it."""
        same = lamp is not None and self._lamp is not None and lamp.number == self._lamp.number
        news = lamp != self._lamp or at != self._at
        self._lamp, self._at = lamp, at
        self._story = self._story if same else None
        set_title(self, "" if lamp is None else text.clean(lamp.name) or text.NOTHING)
        if not same:
            self.scroll_to(y=0, animate=False)
        self.renew()
        if lamp is not None and news:
            self.screen.run_worker(
                self._fetch(lamp), name="story", group="story", exclusive=True, exit_on_error=False
            )

    def renew(self) -> None:
        """Write the story again, its ages as of now."""
        lamp, story, height = self._lamp, self._story, self._plot_height
        now, glyphs = self._at or self._desk.now(), self._desk.glyphs
        if lamp is None:
            self.show(lambda _: ())
        else:
            self.show(lambda width: story_lines(lamp, story, width, now, glyphs, height=height))

    async def _fetch(self, lamp: Lamp) -> None:
        await asyncio.sleep(PAUSE_S)
        health, at = (await self._desk.workspace()).health, self._at
        of = (lamp.tenant_id, lamp.kind, lamp.id)
        story = await (health.story(*of) if at is None else health.story_at(*of, at))
        if self._lamp is not None and self._lamp.number == lamp.number and self._at == at:
            self._story = story
            self.renew()
