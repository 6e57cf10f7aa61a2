"""The overview: the lamp wall, the counts, what needs somebody, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from engine.filters import parse_filter
from tui import kinds, text
from tui.health.pane import StoryPane
from tui.health.story import count_lines
from tui.overview.rows import kind_cell, latest_lines, narrowed, tiles, worst_lines
from tui.widgets.filter_bar import FilterBar
from tui.widgets.lamp_wall import LampWall
from tui.widgets.lines import Lines
from tui.widgets.screen import BoardScreen, Empty
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from engine.health.model import Lamp, Overview
    from tui.desk import Desk

EXAMPLES = "kind:source  !state:healthy  tag:prod"


class OverviewScreen(BoardScreen["Overview"]):
    """All lamps of the tenant in one view; moving over one tells its story."""

    MODE = "overview"
    CSS_PATH = "screen.tcss"
    WATCHES: ClassVar[frozenset[str]] = frozenset(
        {"health", "sources", "connectors", "integrations"}
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", tooltip="Show only what matches"),
        Binding("escape", "back", "Back", show=False, tooltip="Show all again"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._filter = desk.take_filter()

    def compose_body(self) -> ComposeResult:
        """Yield counts, wall and story above, worst and changes below."""
        yield FilterBar(self._filter, examples=EXAMPLES)
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
        terms = parse_filter(self._filter)
        found = await workspace.health.overview(self.desk.tenant_id, terms=terms)
        return narrowed(found) if terms else found

    def nothing_in(self, snapshot: Overview) -> bool:
        """Whether the tenant has no lamp at all."""
        return not self._filter and not snapshot.total

    def empty(self) -> Empty:
        """Say how the first lamp comes here."""
        return Empty(
            title=f"No lamps yet for {text.clean(self.desk.tenant_id)}",
            text=f"Each source, connector and integration gets one. {kinds.BEGIN}",
        )

    def show(self, snapshot: Overview) -> None:
        """Put a reading on the wall and around it."""
        wall = self.query_one(LampWall)
        hidden = snapshot.total - len(snapshot.lamps)
        more = f", {hidden:,} not shown" if hidden > 0 else ""
        query = f"  /{self._filter}" if self._filter else ""
        wall.nothing = f"No lamp matches {self._filter}. esc shows all."
        lamps = text.plural(len(snapshot.lamps), "lamp")
        set_title(wall, f"{lamps}{more}{query}", "worst first")
        wall.show(tiles(snapshot, self.desk.glyphs))
        self._tell(wall.cursor_key)
        self.tick()

    def tick(self) -> None:
        """Renew what shows an age."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        now, glyphs = self.desk.now(), self.desk.glyphs
        by_kind = kind_cell(snapshot)
        self.query_one("#counts", Lines).show(
            lambda width: count_lines(snapshot.counts, by_kind, width, glyphs)
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
        place = "" if lamp is None else kinds.place_of(lamp.kind)
        if lamp is not None and place:
            self.desk.wanted = lamp.id
            await self.run_action(f"app.go({place!r})")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the filter only where there are lamps."""
        if action == "filter" and self.state in {"loading", "error", "empty"}:
            return False
        return super().check_action(action, parameters)

    def action_filter(self) -> None:
        """Type what is to be shown."""
        self.query_one(FilterBar).open()

    def action_back(self) -> None:
        """Show all again."""
        if self._filter:
            self.query_one(FilterBar).clear()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Show what matches."""
        self._filter = event.text
        self.reload()

    def on_filter_bar_closed(self) -> None:
        """Go on at the wall."""
        self.query_one(LampWall).focus()

    def _tell(self, key: str | None) -> None:
        self.query_one(StoryPane).tell(self._lamp(key))

    def _lamp(self, key: str | None) -> Lamp | None:
        lamps = self.snapshot.lamps if self.snapshot is not None else ()
        return next((lamp for lamp in lamps if lamp.id == key), None)
