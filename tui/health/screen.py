"""The live board of health: every target by state, and the story of the one in focus."""

from __future__ import annotations

from asyncio import gather
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from engine.filters import parse_filter
from tui import kinds, text
from tui.health.pane import StoryPane
from tui.health.rows import COLUMNS, BoardSource
from tui.health.story import answer_words
from tui.widgets.filter_bar import FilterBar
from tui.widgets.screen import WIDE, BoardScreen, Empty
from tui.widgets.titles import set_title
from tui.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.notifications import SeverityLevel

    from engine.health.checker import CheckedThing
    from engine.health.model import Board, BoardGroup, Lamp
    from tui.desk import Desk
    from tui.widgets.row_source import Row

EXAMPLES = "kind:source  !state:healthy  error:slow"
AGES_EVERY_S = 5.0
"""Seconds between two renewals of the table's ages, where nothing else renews them."""

NEEDS_LAMPS = frozenset({"test", "test_all", "filter", "go_to_thing"})

SEVERITY: dict[str, SeverityLevel] = {"healthy": "information", "failing": "error"}


class HealthScreen(BoardScreen["Board"]):
    """Groups worst first; enter folds a group, or goes to what a lamp stands for.

    Where board and story don't fit side by side, the first enter opens the story.
    """

    MODE = "health"
    CSS_PATH = "screen.tcss"
    WATCHES: ClassVar[frozenset[str]] = frozenset(
        {"health", "sources", "connectors", "integrations"}
    )
    WRITING: ClassVar[frozenset[str]] = frozenset({"test", "test_all"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "test", "Test", tooltip="Check this lamp now, whatever its schedule"),
        Binding("T", "test_all", "Test all", tooltip="Check all lamps shown here now"),
        Binding("enter", "go_to_thing", "Go to it", tooltip="Open it in its own place"),
        Binding("slash", "filter", "Filter", tooltip="Show only what matches; ! inverts"),
        Binding("escape", "back", "Back", show=False, tooltip="From the story, then the filter"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._folded: frozenset[str] = frozenset()
        self._shown: str | None = None
        self._under_way = ""
        self._aged_at = desk.now()
        self._filter = desk.take_filter()

    def compose_body(self) -> ComposeResult:
        """Yield the board and the story beside it."""
        yield FilterBar(self._filter, examples=EXAMPLES)
        with Horizontal(id="board"):
            table = WindowTable(COLUMNS, glyphs=self.desk.glyphs, id="lamps", classes="panel")
            table.border_title = "Health"
            yield table
            yield StoryPane(self.desk, plot_height=5)

    async def load(self) -> Board:
        """Read the board in one go."""
        workspace = await self.desk.workspace()
        terms = parse_filter(self._filter)
        return await workspace.health.board(self.desk.tenant_id, terms=terms)

    def nothing_in(self, snapshot: Board) -> bool:
        """Whether the tenant has no lamp at all."""
        return not self._filter and not any(group.total for group in snapshot.groups)

    def empty(self) -> Empty:
        """Say how the first lamp comes here."""
        return Empty(
            title=f"Nothing to watch yet for {text.clean(self.desk.tenant_id)}",
            text=f"Each source, connector and integration gets a lamp. {kinds.BEGIN}",
        )

    def show(self, snapshot: Board) -> None:
        """Put a reading into the table; a new tenant's starts at its top."""
        table = self.query_one(WindowTable)
        self._draw_title()
        table.nothing = f"No lamp matches {self._filter}. esc shows all."
        self._aged_at = self.desk.now()
        source = BoardSource(snapshot, self.desk.glyphs, self.desk.now, self._folded)
        if self._shown == self.desk.tenant_id:
            table.reload(source)
        else:
            self._shown = self.desk.tenant_id
            table.set_source(source)

    def tick(self) -> None:
        """Renew the ages, in the story and now and then in the table."""
        self.query_one(StoryPane).renew()
        since = (self.desk.now() - self._aged_at).total_seconds()
        if self.snapshot is not None and since >= AGES_EVERY_S:
            self.show(self.snapshot)

    @property
    def lamp(self) -> Lamp | None:
        """The lamp under the cursor, None on a heading."""
        row = self.query_one(WindowTable).cursor_row
        return None if row is None or row.key.startswith("group:") else _lamp(row)

    def on_window_table_moved(self, event: WindowTable.Moved) -> None:
        """Tell the story of the lamp under the cursor, at a heading of the first one below."""
        if event.row is None:
            self.query_one(StoryPane).tell(None)
        elif not event.row.key.startswith("group:"):
            self.query_one(StoryPane).tell(_lamp(event.row))
        elif _group(event.row).rows:
            self.query_one(StoryPane).tell(_group(event.row).rows[0].lamp)

    async def on_window_table_opened(self, event: WindowTable.Opened) -> None:
        """Fold or unfold a group; go to a thing, by way of its story where that is not shown."""
        if event.row.key.startswith("group:"):
            self._folded ^= {_group(event.row).state}
            if self.snapshot is not None:
                self.show(self.snapshot)
        elif self.size.width < WIDE:
            self.add_class("-story")
            self.query_one(StoryPane).focus()
        else:
            await self.action_go_to_thing()

    async def action_go_to_thing(self) -> None:
        """Open the thing under the cursor in its own place."""
        lamp = self.lamp
        place = "" if lamp is None else kinds.place_of(lamp.kind)
        if lamp is not None and place:
            self.desk.wanted = lamp.id
            await self.run_action(f"app.go({place!r})")

    def action_back(self) -> None:
        """Go back from the story to the board, then from the filter to everything."""
        if self.has_class("-story"):
            self.remove_class("-story")
            self.query_one(WindowTable).focus()
        elif self._filter:
            self.query_one(FilterBar).clear()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done: nothing to lamps where there are none."""
        if action in NEEDS_LAMPS and self.state in {"loading", "error", "empty"}:
            return False
        return super().check_action(action, parameters)

    def action_filter(self) -> None:
        """Type what is to be shown."""
        self.query_one(FilterBar).open()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Show what matches."""
        self._filter = event.text
        self.reload()

    def on_filter_bar_closed(self) -> None:
        """Go on in the table."""
        self.query_one(WindowTable).focus()

    def action_test(self) -> None:
        """Check the lamp under the cursor now."""
        lamp = self.lamp
        if lamp is not None:
            self.notify(f"Checking {text.clean(lamp.name)}", markup=False, timeout=2)
            self.run_worker(self._test(lamp), name="test", exit_on_error=False)

    async def _test(self, lamp: Lamp) -> None:
        checks, roles = (await self.desk.workspace()).checks, self.desk.settings.roles
        checked = await checks.check(lamp.kind, lamp.tenant_id, lamp.id, force=True, roles=roles)
        self.notify(
            answer_words(checked),
            title=text.clean(lamp.name),
            severity=SEVERITY.get(checked.result.state, "warning"),
            markup=False,
        )
        self.reload()

    def action_test_all(self) -> None:
        """Check all lamps that match; those checked within a minute keep their result."""
        self.run_worker(self._test_all(), name="test", exit_on_error=False)

    async def _test_all(self) -> None:
        checks, roles = (await self.desk.workspace()).checks, self.desk.settings.roles
        terms, done = parse_filter(self._filter), 0

        def told(_: CheckedThing) -> None:
            nonlocal done
            done += 1
            self._say_under_way(f"Test all {done:,}")

        self._say_under_way("Test all")
        try:
            several = [
                checks.check_all(kind, self.desk.tenant_id, terms=terms, roles=roles, told=told)
                for kind in kinds.KINDS
            ]
            found = [thing for things in await gather(*several) for thing in things]
        finally:
            self._say_under_way("")
        fine = sum(thing.checked.result.ok for thing in found)
        self.notify(f"{fine:,} of {text.plural(len(found), 'lamp')} healthy", markup=False)
        self.reload()

    def _say_under_way(self, words: str) -> None:
        self._under_way = words
        self._draw_title()

    def _draw_title(self) -> None:
        groups = self.snapshot.groups if self.snapshot is not None else ()
        total = text.number(sum(group.total for group in groups))
        query = f"  /{self._filter}" if self._filter else ""
        set_title(self.query_one(WindowTable), f"Health {total}{query}", self._under_way)


def _lamp(row: Row) -> Lamp:
    return cast("Lamp", row.record)


def _group(row: Row) -> BoardGroup:
    return cast("BoardGroup", row.record)
