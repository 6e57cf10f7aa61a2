"""The overview: the lamp wall, the counts, what needs somebody, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal

from tui import text
from tui.health.pane import StoryPane
from tui.health.story import count_lines
from tui.overview.rows import latest_lines, tiles, worst_lines
from tui.widgets.lamp_wall import LampWall
from tui.widgets.lines import Lines
from tui.widgets.screen import BoardScreen, Empty
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from engine.health.model import Lamp, Overview


class OverviewScreen(BoardScreen["Overview"]):
    """All lamps of the tenant in one view; moving over one tells its story."""

    MODE = "overview"
    CSS_PATH = "screen.tcss"
    WATCHES: ClassVar[frozenset[str]] = frozenset({"health", "sources", "integrations"})

    def compose_body(self) -> ComposeResult:
        """Yield counts, wall and story above, worst and changes below."""
        yield Lines(id="counts")
        with Horizontal(id="upper"):
            yield LampWall(id="wall", classes="panel")
            yield StoryPane(self.desk)
        with Horizontal(id="lower"):
            yield Lines(id="worst", classes="panel")
            yield Lines(id="changes", classes="panel")

    def on_mount(self) -> None:
        """Name the panels."""
        self.query_one("#worst").border_title = "Needs you"
        self.query_one("#changes").border_title = "What changed"

    async def load(self) -> Overview:
        """Read lamps, counts, changes and monitor in one go."""
        workspace = await self.desk.workspace()
        return await workspace.health.overview(self.desk.tenant_id)

    def nothing_in(self, snapshot: Overview) -> bool:
        """Whether the tenant has no lamp at all."""
        return not snapshot.total

    def empty(self) -> Empty:
        """Say how the first lamp comes here."""
        return Empty(
            title=f"No lamps yet for {text.clean(self.desk.tenant_id)}",
            text="Each source and integration gets one. Press 2 or 4, then n to add the first.",
        )

    def show(self, snapshot: Overview) -> None:
        """Put a reading on the wall and around it."""
        wall = self.query_one(LampWall)
        hidden = snapshot.total - len(snapshot.lamps)
        more = f", {hidden:,} not shown" if hidden > 0 else ""
        set_title(wall, f"{text.plural(len(snapshot.lamps), 'lamp')}{more}", "worst first")
        wall.show(tiles(snapshot, self.desk.glyphs))
        self._tell(wall.cursor_key)
        self.tick()

    def tick(self) -> None:
        """Renew what shows an age."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        now, glyphs = self.desk.now(), self.desk.glyphs
        self.query_one("#counts", Lines).show(
            lambda width: count_lines(snapshot.counts, width, glyphs)
        )
        self.query_one("#worst", Lines).show(
            lambda width: worst_lines(snapshot, width, now, glyphs)
        )
        self.query_one("#changes", Lines).show(
            lambda width: latest_lines(snapshot, width, now, glyphs)
        )
        self.query_one(StoryPane).renew()

    def on_lamp_wall_pointed(self, event: LampWall.Pointed) -> None:
        """Tell the story of the lamp one moves over."""
        self._tell(event.key)

    async def on_lamp_wall_opened(self, event: LampWall.Opened) -> None:
        """Go to the place of what the lamp stands for."""
        lamp = self._lamp(event.key)
        if lamp is not None:
            self.desk.wanted = lamp.id
            await self.run_action(f"app.go('{lamp.kind}s')")

    def _tell(self, key: str | None) -> None:
        self.query_one(StoryPane).tell(self._lamp(key))

    def _lamp(self, key: str | None) -> Lamp | None:
        lamps = self.snapshot.lamps if self.snapshot is not None else ()
        return next((lamp for lamp in lamps if lamp.id == key), None)
