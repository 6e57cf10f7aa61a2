"""The live board of health: every target by state, and the story of the one in focus."""

from __future__ import annotations

from asyncio import gather
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from engine.filters import parse_filter
from engine.silences import SilenceDraft
from tui import kinds, text
from tui.health.ahead import PastBoards, View
from tui.health.answering import tell_answer
from tui.health.day import DayPane
from tui.health.pane import StoryPane
from tui.health.rows import COLUMNS, BoardSource, windows_in
from tui.health.strip import parts_for
from tui.health.winding import WINDING, WINDING_KEYS, Winding
from tui.silences.asking import keep_quiet
from tui.widgets.filter_bar import FilterBar
from tui.widgets.screen import WIDE, BoardScreen, Empty
from tui.widgets.titles import set_title
from tui.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult

    from engine.health.checker import CheckedThing
    from engine.health.model import Board, BoardGroup, Lamp, Uptime
    from tui.desk import Desk
    from tui.widgets.row_source import Row

EXAMPLES = "kind:source  !state:healthy  error:slow"
AGES_EVERY_S = 5.0
"""Seconds between two renewals of the table's ages, where nothing else renews them."""

NEEDS_LAMPS = frozenset(
    {"test", "test_all", "silence", "filter", "go_to_thing", "earlier_change", "wind"}
)
NEEDS_PRESENT = frozenset({"test", "test_all", "silence"})
NEEDS_PAST = frozenset({"now", "later_change"})


class HealthScreen(BoardScreen["Board"]):
    """Groups worst first; enter folds a group, or goes to what a lamp stands for.

    Where board and story don't fit side by side, the first enter opens the story. Wound back, the
    whole board shows as it was, and nothing that happens meanwhile disturbs it.
    """

    MODE = "health"
    CSS_PATH = "screen.tcss"
    WATCHES: ClassVar[frozenset[str]] = frozenset(
        {"health", "sources", "connectors", "integrations"}
    )
    WRITING: ClassVar[frozenset[str]] = frozenset({"test", "test_all", "silence"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "test", "Test", tooltip="Check this lamp now, whatever its schedule"),
        Binding("T", "test_all", "Test all", tooltip="Check all lamps shown here now"),
        Binding("m", "silence", "Silence", tooltip="Keep alerts of this lamp back for a while"),
        Binding("enter", "go_to_thing", "Go to it", tooltip="Open it in its own place"),
        Binding("slash", "filter", "Filter", tooltip="Show only what matches; ! inverts"),
        *WINDING,
        Binding("escape", "back", "Back", show=False, tooltip="From the story, then the filter"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._folded: frozenset[str] = frozenset()
        self._shown: str | None = None
        self._under_way = ""
        self._aged_at = desk.now()
        self._filter = desk.take_filter()
        self._winding = Winding()
        self._past = PastBoards(desk)

    def compose_body(self) -> ComposeResult:
        """Yield the board and the story beside it."""
        yield FilterBar(self._filter, examples=EXAMPLES)
        with Horizontal(id="board"):
            table = WindowTable(COLUMNS, glyphs=self.desk.glyphs, id="lamps", classes="panel")
            table.border_title, table.aside = "Health", WINDING_KEYS
            yield table
            yield StoryPane(self.desk, plot_height=5)
        yield DayPane(self.desk.glyphs)

    async def load(self) -> Board:
        """Read the board in one go, as it is or as it was."""
        at = self._winding.at
        if at is not None:
            return await self._past.board(self._view(), at)
        health, terms = (await self.desk.workspace()).health, parse_filter(self._filter)
        return await health.board(self.desk.tenant_id, terms=terms, windows=())

    def _view(self) -> View:
        table = self.query_one(WindowTable)
        return View(
            tenant_id=self.desk.tenant_id,
            filter=self._filter,
            slots=parts_for(self.query_one(DayPane).room),
            windows=windows_in(table.size.width),
            lamps=table.reach,
        )

    async def _uptimes(self, numbers: Sequence[int]) -> Mapping[int, Uptime]:
        health = (await self.desk.workspace()).health
        at = None if self.snapshot is None else self.snapshot.at
        windows = windows_in(self.query_one(WindowTable).size.width)
        return await health.uptimes(self.desk.tenant_id, numbers, at=at, windows=windows)

    def nothing_in(self, snapshot: Board) -> bool:
        """Whether the tenant has no lamp at all."""
        wanted = not self._filter and snapshot.at is None
        return wanted and not any(group.total for group in snapshot.groups)

    def changed(self, concepts: frozenset[str]) -> None:
        """Reload what is live; what was does not change any more."""
        if self._winding.at is None:
            super().changed(concepts)

    def tenant_changed(self) -> None:
        """Begin in the other tenant's present."""
        self._return()
        super().tenant_changed()

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
        table.nothing = self._nothing(snapshot)
        self._aged_at = self.desk.now()
        at = snapshot.at
        self.query_one(DayPane).tell(snapshot.strip, at)
        now = self.desk.now if at is None else lambda: at
        source = BoardSource(
            snapshot,
            self.desk.glyphs,
            now,
            self._folded,
            self._uptimes,
            known=self._past.uptimes(snapshot),
        )
        if self._shown == self.desk.tenant_id:
            table.reload(source)
        else:
            self._shown = self.desk.tenant_id
            table.set_source(source)

    def _nothing(self, snapshot: Board) -> str:
        if self._filter:
            return f"No lamp matches {self._filter}. esc shows all."
        return "" if snapshot.at is None else "There was no lamp yet. esc returns to now."

    def tick(self) -> None:
        """Renew the ages, in the story and now and then in the table."""
        self.query_one(StoryPane).renew()
        since = (self.desk.now() - self._aged_at).total_seconds()
        is_live = self.snapshot is not None and self.snapshot.at is None
        if self.snapshot is not None and is_live and since >= AGES_EVERY_S:
            self.show(self.snapshot)

    @property
    def lamp(self) -> Lamp | None:
        """The lamp under the cursor, None on a heading."""
        row = self.query_one(WindowTable).cursor_row
        return None if row is None or row.key.startswith("group:") else _lamp(row)

    def on_window_table_moved(self, event: WindowTable.Moved) -> None:
        """Tell the story of the lamp under the cursor, at a heading of the first one below."""
        story, at = self.query_one(StoryPane), None if self.snapshot is None else self.snapshot.at
        if event.row is None:
            story.tell(None)
        elif not event.row.key.startswith("group:"):
            story.tell(_lamp(event.row), at)
        elif _group(event.row).rows:
            story.tell(_group(event.row).rows[0].lamp, at)

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
        """Go back from the story to the board, from the past, from the filter to everything."""
        if self.has_class("-story"):
            self.remove_class("-story")
            self.query_one(WindowTable).focus()
        elif self._filter:
            self.query_one(FilterBar).clear()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done: nothing to lamps where there are none."""
        if action in NEEDS_LAMPS and self.state in {"loading", "error", "empty"}:
            return False
        is_past = self.snapshot is not None and self.snapshot.at is not None
        if action in (NEEDS_PRESENT if is_past else NEEDS_PAST):
            return False
        if action == "now" and self.has_class("-story"):
            return False  # escape leads to the board first
        return super().check_action(action, parameters)

    # Winding back

    def action_earlier_change(self) -> None:
        """Step to the change of state before."""
        self._wind(-1)

    def action_later_change(self) -> None:
        """Step to the change of state after; after the last one is the present."""
        self._wind(1)

    def action_wind(self, hours: int) -> None:
        """Move by some hours; the present is the end."""
        self._wind(timedelta(hours=hours))

    def action_now(self) -> None:
        """Return to the present."""
        self._return()
        self.reload()

    def _return(self) -> None:
        self._winding.stay()
        self._forget()

    def on_screen_suspend(self) -> None:
        """Forget what was read for keys that will not come here now."""
        self._forget()

    def _forget(self) -> None:
        self.workers.cancel_group(self, "ahead")
        self._past.forget()

    def on_day_pane_chosen(self, event: DayPane.Chosen) -> None:
        """Go to a part of the day that was clicked."""
        self._wind(event.at - (self._winding.at or self.desk.now()))

    def _wind(self, move: timedelta | int) -> None:
        if self._winding.note(move):
            self.run_worker(self._move(), name="wind", exit_on_error=False)

    async def _move(self) -> None:
        if not await self._winding.make(partial(self._past.step, self._view()), self.desk.now()):
            self.notify("Nothing changed before that.", timeout=2)
        self.reload()

    def on_window_table_loaded(self) -> None:
        """Read the next board in the direction of travel, if the keys pause at this one."""
        at, back = None if self.snapshot is None else self.snapshot.at, self._winding.back
        if at is not None and back is not None and self.is_current:
            rests = partial(self._winding.rests_at, at)
            work = self._past.read_ahead(self._view(), at, back=back, wanted=rests)
            self.run_worker(work, name="ahead", group="ahead", exclusive=True, exit_on_error=False)

    def on_resize(self) -> None:
        """Read a past board again, for the parts of its day and the uptimes that fit now."""
        if self._winding.at is not None:
            self.call_after_refresh(self.reload)

    def action_filter(self) -> None:
        """Type what is to be shown."""
        self.query_one(FilterBar).open()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Show what matches."""
        self._filter = event.text
        self._forget()
        self.reload()

    def on_filter_bar_closed(self) -> None:
        """Go on in the table."""
        self.query_one(WindowTable).focus()

    def action_silence(self) -> None:
        """Ask for how long alerts of the lamp are to be kept back."""
        lamp = self.lamp
        if lamp is not None:
            about = SilenceDraft(tenant_id=lamp.tenant_id, kind=lamp.kind, thing_id=lamp.id)
            self.open_form(self._keep_quiet(about, lamp.name))

    async def _keep_quiet(self, about: SilenceDraft, name: str) -> None:
        await keep_quiet(self, about, name)

    def action_test(self) -> None:
        """Check the lamp under the cursor now."""
        lamp = self.lamp
        if lamp is not None:
            self.notify(f"Checking {text.clean(lamp.name)}", markup=False, timeout=2)
            self.run_worker(self._test(lamp), name="test", exit_on_error=False)

    async def _test(self, lamp: Lamp) -> None:
        checks, roles = (await self.desk.workspace()).checks, self.desk.settings.roles
        checked = await checks.check(lamp.kind, lamp.tenant_id, lamp.id, force=True, roles=roles)
        tell_answer(self, lamp.name, checked)
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
        at = None if self.snapshot is None else self.snapshot.at
        then = "" if at is None else f" as it was at {text.exact(at, self.desk.now())}"
        set_title(self.query_one(WindowTable), f"Health {total}{query}{then}", self._under_way)
        self.set_class(at is not None, "-past")


def _lamp(row: Row) -> Lamp:
    return cast("Lamp", row.record)


def _group(row: Row) -> BoardGroup:
    return cast("BoardGroup", row.record)
