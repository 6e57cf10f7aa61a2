"""The overview: the lamp wall, the counts, what needs somebody, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from engine.filters import parse_filter
from tui import kinds, text
from tui.governed import notice_lines
from tui.health.pane import StoryPane
from tui.health.story import count_lines
from tui.overview.rows import (
    Reading,
    gauge_lines,
    kind_cell,
    latest_lines,
    limited,
    narrowed,
    tiles,
    worst_lines,
)
from tui.widgets.filter_bar import FilterBar
from tui.widgets.lamp_wall import LampWall
from tui.widgets.lines import Lines
from tui.widgets.screen import BoardScreen, Empty
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from engine.health.model import Lamp
    from tui.desk import Desk
    from tui.widgets.lines import Build

GAUGES = 8
"""Limits that are read; what shows them has room for fewer."""

FILTERED = 100
"""Lamps of a filtered view whose limits are looked at."""

EXAMPLES = "kind:source  !state:healthy  tag:prod"


class OverviewScreen(BoardScreen[Reading]):
    """All lamps of the tenant in one view; moving over one tells its story."""

    MODE = "overview"
    CSS_PATH = "screen.tcss"
    WATCHES: ClassVar[frozenset[str]] = frozenset(
        {"health", "sources", "connectors", "integrations", "limits"}
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", tooltip="Show only what matches"),
        Binding("escape", "back", "Back", show=False, tooltip="Show all again"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._filter = desk.take_filter()

    def compose_body(self) -> ComposeResult:
        """Yield counts, wall and story above; worst, limits and changes below."""
        yield FilterBar(self._filter, examples=EXAMPLES)
        yield Lines(id="counts")
        yield Lines(id="governed")
        yield Lines(id="first")
        with Horizontal(id="upper"):
            yield LampWall(id="wall", classes="panel")
            yield StoryPane(self.desk)
        with Horizontal(id="lower"):
            with Vertical(id="needs"):
                yield Lines(id="worst", classes="panel")
                yield Lines(id="limits", classes="panel")
            yield Lines(id="changes", classes="panel")

    def on_mount(self) -> None:
        """Name the panels."""
        self.query_one("#worst").border_title = "Needs you"
        self.query_one("#limits").border_title = "Runs out first"
        self.query_one("#changes").border_title = "What changed"

    async def load(self) -> Reading:
        """Read lamps, counts, changes and the most urgent limits."""
        workspace = await self.desk.workspace()
        tenant, terms = self.desk.tenant_id, parse_filter(self._filter)
        found = await workspace.health.overview(tenant, terms=terms)
        if not terms:
            urgent, _ = await workspace.limits.page_gauges(tenant, limit=GAUGES)
            return Reading(overview=found, gauges=limited(urgent))
        # A filter is about lamps: their own limits stay beside them.
        shown = [lamp.id for lamp in found.lamps if lamp.kind == "integration"][:FILTERED]
        own = await workspace.limits.gauges_of_integrations(tenant, shown)
        every = [gauge for gauges in own.values() for gauge in gauges]
        return Reading(overview=narrowed(found), gauges=limited(every)[:GAUGES])

    def nothing_in(self, snapshot: Reading) -> bool:
        """Whether the tenant has no lamp at all."""
        return not self._filter and not snapshot.overview.total

    def empty(self) -> Empty:
        """Say how the first lamp comes here."""
        return Empty(
            title=f"No lamps yet for {text.clean(self.desk.tenant_id)}",
            text=f"Each source, connector and integration gets one. {kinds.BEGIN}",
        )

    def show(self, snapshot: Reading) -> None:
        """Put a reading on the wall and around it."""
        wall, seen = self.query_one(LampWall), snapshot.overview
        hidden = seen.total - len(seen.lamps)
        more = f", {hidden:,} not shown" if hidden > 0 else ""
        query = f"  /{self._filter}" if self._filter else ""
        wall.nothing = f"No lamp matches {self._filter}. esc shows all."
        lamps = text.plural(len(seen.lamps), "lamp")
        set_title(wall, f"{lamps}{more}{query}", "worst first")
        wall.show(tiles(seen, self.desk.glyphs))
        self._tell(wall.cursor_key)
        self.tick()

    def tick(self) -> None:
        """Renew what shows an age."""
        snapshot = self.snapshot
        if snapshot is None:
            return
        now, glyphs, seen = self.desk.now(), self.desk.glyphs, snapshot.overview
        by_kind = kind_cell(seen)
        self._lines("counts", lambda width: count_lines(seen.counts, by_kind, width, glyphs))
        self._lines("worst", lambda width: worst_lines(snapshot, width, now, glyphs))
        self._lines("changes", lambda width: latest_lines(seen, width, now, glyphs))
        self._lines("limits", lambda width: gauge_lines(snapshot.gauges, width, now, glyphs))
        governed = self._status.governed
        warned = self.query_one("#governed")
        warned.styles.height = governed.broken + bool(governed.due)
        warned.display = governed.broken or bool(governed.due)
        self._lines("governed", lambda width: notice_lines(governed, width, now, glyphs))
        # Where there is no room for a panel, the first one has a line of its own.
        first = snapshot.gauges[:1]
        self.query_one("#first").set_class(not first, "-none")
        self._lines("first", lambda width: gauge_lines(first, width, now, glyphs))
        self.query_one(StoryPane).renew()

    def _lines(self, name: str, build: Build) -> None:
        self.query_one(f"#{name}", Lines).show(build)

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
        lamps = self.snapshot.overview.lamps if self.snapshot is not None else ()
        return next((lamp for lamp in lamps if lamp.id == key), None)
