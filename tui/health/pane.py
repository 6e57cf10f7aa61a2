"""The pane that tells one lamp's story: at once from the lamp, then with its history."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui import text
from tui.health.story import story_lines
from tui.widgets.lines import ReadLines
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from engine.health.model import Lamp, Story
    from tui.desk import Desk

PAUSE_S = 0.12
"""A cursor that only passes over a thing asks the database nothing."""


class StoryPane(ReadLines):
    """`tell(lamp)` shows a lamp; `plot_height` is the latency plot's, 1 is a sparkline."""

    def __init__(self, desk: Desk, *, plot_height: int = 1, id: str = "story") -> None:  # noqa: A002
        super().__init__(id=id, classes="panel")
        self._desk = desk
        self._plot_height = plot_height
        self._lamp: Lamp | None = None
        self._story: Story | None = None

    def tell(self, lamp: Lamp | None) -> None:
        """Show a lamp (None: none) and fetch its history, once the cursor rests on it."""
        same = lamp is not None and self._lamp is not None and lamp.number == self._lamp.number
        news = lamp != self._lamp
        self._lamp = lamp
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
        now, glyphs = self._desk.now(), self._desk.glyphs
        if lamp is None:
            self.show(lambda _: ())
        else:
            self.show(lambda width: story_lines(lamp, story, width, now, glyphs, height=height))

    async def _fetch(self, lamp: Lamp) -> None:
        await asyncio.sleep(PAUSE_S)
        workspace = await self._desk.workspace()
        story = await workspace.health.story(lamp.tenant_id, lamp.kind, lamp.id)
        if self._lamp is not None and self._lamp.number == lamp.number:
            self._story = story
            self.renew()
