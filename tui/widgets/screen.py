"""The base of every screen: one load, one immutable snapshot, five states, the same frame.

A subclass says what it loads, shows and watches; this class runs the worker, handles its errors
once, keeps the last snapshot while a reload fails, and shows the data's age.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from tui import crash, text
from tui.problem import Problem, problem
from tui.status import BoardStatus
from tui.widgets.bars import Hint, KeyBar, Masthead, ModeBar
from tui.widgets.cells import Cell, Span
from tui.widgets.held_keys import HeldKeys
from tui.widgets.lines import Lines
from tui.widgets.notice import Notice, stale
from tui.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime

    from textual import events
    from textual.app import ComposeResult

    from tui.desk import Desk

SnapshotT = TypeVar("SnapshotT")

WIDE = 100
"""Columns from which a screen has room for a pane beside its list."""

LOOKS_A_RELOAD = 2
"""Looks for changes between two reloads: at 1,000 lamps something changes at every look."""

KEYS_REST_S = 0.3
"""Seconds after a key in which nothing reloads that nobody asked for: keys go first."""

KEYS_HOLD_S = 5.0
"""Seconds since the last reload after which it comes all the same, however fast one types."""

STALE_AFTER_S = 15.0
"""Seconds without a word from the database after which a screen calls its data stale."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Empty:
    """What an empty screen says: what is not there, and what to do next."""

    title: str
    text: str


class BoardScreen(Screen[None], Generic[SnapshotT]):
    """Header, places, body, keys; subclasses fill in the body.

    A subclass sets `MODE` (its place's name), `WATCHES` (the revisions that make it reload) and
    `WRITING` (the actions that read-only mode takes away), and says what stands below.
    """

    MODE: ClassVar[str] = ""
    WATCHES: ClassVar[frozenset[str]] = frozenset()
    WRITING: ClassVar[frozenset[str]] = frozenset()

    # Textual would focus the first input, also inside a filter bar that is not shown.
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - typed so by Textual

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "refresh", "Refresh", show=False, tooltip="Load everything here again"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.snapshot: SnapshotT | None = None
        self.problem: Problem | None = None
        self._loaded_at: datetime | None = None
        self._unanswered_since: datetime | None = None
        self._loading = self._again = self._dirty = self._waiting = False
        self._started = self._typed = 0.0
        self._held, self._focusing = HeldKeys(), False
        self._status = BoardStatus()

    # What a subclass says

    def compose_body(self) -> ComposeResult:
        """Yield the widgets between places and keys."""
        raise NotImplementedError

    async def load(self) -> SnapshotT:
        """Fetch everything the screen shows, as one immutable snapshot; runs in a worker."""
        raise NotImplementedError

    def show(self, snapshot: SnapshotT) -> None:
        """Put a snapshot on screen; called on the event loop, must not wait."""
        raise NotImplementedError

    def nothing_in(self, snapshot: SnapshotT) -> bool:  # noqa: ARG002 - for subclasses
        """Whether there is nothing to show; then `empty()` is said in place of the body."""
        return False

    def empty(self) -> Empty:
        """Return what the empty state says."""
        return Empty(title="Nothing here yet", text="")

    def tick(self) -> None:
        """Called each second while in sight, to renew what shows an age."""

    # What others call

    def reload(self) -> None:
        """Load again now; at most one load runs and one waits."""
        if self._loading:
            self._again = True
            return
        self._loading, self._dirty = True, False
        self._started = monotonic()
        self.run_worker(self._load(), name="load", group="load", exit_on_error=False)

    def changed(self, concepts: frozenset[str]) -> None:
        """Reload if this screen shows one of the concepts and is in sight, else when it is."""
        if not concepts & self.WATCHES:
            return
        self._dirty = True
        if self.is_current and not self.desk.paused:
            self._reload_soon()

    def _reload_soon(self) -> None:
        """Reload, yet not more often than one can read: a sweep changes the board all the time."""
        if self._waiting:
            return
        pause = self._reload_at() - monotonic()
        if pause <= 0:
            self.reload()
            return
        self._waiting = True
        self.set_timer(pause, self._reload_late)

    def _reload_at(self) -> float:
        readable = self._started + LOOKS_A_RELOAD * self.desk.settings.refresh_s
        rested = min(self._typed + KEYS_REST_S, self._started + KEYS_HOLD_S)
        return max(readable, rested)

    def _reload_late(self) -> None:
        self._waiting = False
        if self._dirty and self.is_current and not self.desk.paused:
            self._reload_soon()

    def open_form(self, work: Coroutine[Any, Any, None]) -> None:
        """Open a form in a worker; what is typed until it is there is typed into it."""
        self.desk.typed_ahead.begin()
        self.run_worker(work, name="form", exit_on_error=False)

    def tenant_changed(self) -> None:
        """Forget the old tenant's snapshot; load the new one's when in sight."""
        self.snapshot, self.problem = None, None
        self._dirty = True
        if self.is_current:
            self._draw_state()
            self.reload()

    def report(self, error: BaseException) -> None:
        """Show an error of an action as one clear sentence; log what was not expected."""
        found = self._explain(error)
        self.notify(found.sentence, title=found.title, severity="error", timeout=10, markup=False)

    def set_status(self, status: BoardStatus) -> None:
        """Take what holds for the whole board; renews the header and the ages."""
        self._status = status
        if not self.query(Masthead):
            return  # the screen is being put together or taken apart
        self.query_one(Masthead).set_status(status)
        self.query_one(KeyBar).set_age(self._age_cell())
        self._draw_stale()
        if self.snapshot is not None:
            self.tick()
        if self._is_answered_again() and self.is_current and not self.desk.paused:
            self._reload_soon()

    # The frame

    def compose(self) -> ComposeResult:
        """Yield header, places, body, the notice in its place, and keys."""
        yield Masthead(self.desk.glyphs, self.desk.now)
        yield ModeBar(self.MODE)
        yield Lines(id="stale")
        with Container(id="body"):
            yield from self.compose_body()
        yield Notice(id="notice")
        yield KeyBar()

    def on_mount(self) -> None:
        """Listen to the keys that hold here; the first load comes with the first sight."""
        known = BoardStatus(tenant=self.desk.tenant_id, read_only=self.desk.read_only)
        self.query_one(Masthead).set_status(known)
        self.bindings_updated_signal.subscribe(self, self._show_keys)
        self._dirty = True

    def on_key(self, event: events.Key) -> None:
        """Note when somebody types; hold back what is meant for a list that is still read."""
        self._typed = monotonic()
        if self.is_early() and self._held.take(event):
            event.stop()

    def is_early(self) -> bool:
        """Whether a key typed now is meant for a list whose first rows are still to come."""
        if self.state == "loading" or self._focusing:
            return True
        at_list = isinstance(self.focused, WindowTable)
        return at_list and any(table.is_starting for table in self.query(WindowTable))

    def give_keys_back(self) -> None:
        """Let keys act that were typed too early, once they can."""
        if not self.is_early():
            self.desk.shown.set()
            self._held.give_back(self.app)

    def on_window_table_began(self) -> None:
        """Let keys act that waited for a table's first rows."""
        self.give_keys_back()

    def on_screen_suspend(self) -> None:
        """Forget keys that this screen did not get to: they were meant for what was in sight."""
        self._held.drop()

    def on_screen_resume(self) -> None:
        """Load what changed while another screen was in sight."""
        self._draw_state()
        if self._dirty:
            self.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Take writing keys away in read-only mode."""
        return not (self.desk.read_only and action in self.WRITING)

    def action_refresh(self) -> None:
        """Load everything here again, tables included."""
        for table in self.query(WindowTable):
            table.reload()
        self.reload()

    def _show_keys(self, _screen: Screen[object]) -> None:
        # The signal may come while the screen is being taken apart.
        for bar in self.query(KeyBar):
            bar.set_hints(self._hints())

    def _hints(self) -> list[Hint]:
        hints: dict[str, Hint] = {}
        for active in self.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled and binding.action not in hints:
                shown = self.app.get_key_display(binding)
                hints[binding.action] = Hint(shown, binding.description.lower(), binding.key)
        return list(hints.values())

    # Loading

    async def _load(self) -> SnapshotT:
        await self.desk.choose_tenant()
        return await self.load()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Take a load's snapshot or its error; the one place where a worker's error is handled."""
        event.stop()
        worker = event.worker
        if event.state is WorkerState.ERROR and worker.error is not None:
            if worker.name == "load":
                self._failed(worker.error)
            else:
                self.report(worker.error)
        elif event.state is WorkerState.SUCCESS and worker.name == "load":
            self._took(cast("SnapshotT", worker.result))
        if worker.name == "load" and worker.is_finished:
            self._finished()
        elif worker.name == "form" and worker.is_finished:
            # It may have come to no form at all.
            self.desk.typed_ahead.end()

    def on_window_table_failed(self, event: WindowTable.Failed) -> None:
        """Treat a table's failed request like a failed load."""
        self._failed(event.error)

    def _took(self, snapshot: SnapshotT) -> None:
        self.snapshot, self.problem, self._unanswered_since = snapshot, None, None
        self._loaded_at = self.desk.now()
        self._draw_state()
        if not self.nothing_in(snapshot):
            self.show(snapshot)
        self.query_one(KeyBar).set_age(self._age_cell())
        self.give_keys_back()

    def _failed(self, error: BaseException) -> None:
        self.problem = self._explain(error)
        # What changes nothing in the database would else stay as it is for ever.
        temporary = getattr(error, "temporary", False)
        self._unanswered_since = self.desk.now() if temporary else None
        self._dirty = self._dirty or temporary
        self.desk.shown.set()
        self._held.drop()
        self._draw_state()

    def _finished(self) -> None:
        self._loading = False
        if self._again:
            self._again = False
            self.reload()

    def _explain(self, error: BaseException) -> Problem:
        found = problem(error, log_file=self.desk.log_file)
        if not found.expected:
            crash.write(error, self.desk.log_file)
        return found

    # The five states

    @property
    def state(self) -> str:
        """Which of the five states this is: loading, empty, error, stale or normal."""
        if self.snapshot is None:
            return "error" if self.problem else "loading"
        if self.nothing_in(self.snapshot):
            return "empty"
        return "stale" if self.problem or self._silent() else "normal"

    def _draw_state(self) -> None:
        state = self.state
        shows_body = state in {"normal", "stale"}
        body, notice = self.query_one("#body"), self.query_one(Notice)
        body.display, notice.display = shows_body, not shows_body
        if not shows_body:
            self.set_focus(None)
            # The notice centres itself in the place it gets by this refresh.
            self.call_after_refresh(self._say, notice, state)
        elif self.focused is None:
            self._focusing = True
            self.call_after_refresh(self._focus_body)
        self._draw_stale()
        # Which keys hold depends on the state: an empty list has nothing to delete.
        self.refresh_bindings()

    def _focus_body(self) -> None:
        self._focusing = False
        if self.focused is None and self.is_current:
            self.focus_next("#body *")
        self.give_keys_back()

    def _say(self, notice: Notice, state: str) -> None:
        glyphs = self.desk.glyphs
        if state == "loading":
            notice.say(glyphs.lamp("unknown"), "Loading", "The board is being read.")
        elif state == "empty":
            said = self.empty()
            notice.say(glyphs.lamp("unknown"), said.title, said.text)
        elif (found := self.problem) is not None:
            told = (found.title, found.message, found.hint, "R tries again, ctrl+q quits.")
            notice.say(glyphs.lamp("failing"), *told, tone="failing")

    def _draw_stale(self) -> None:
        line = self.query_one("#stale", Lines)
        shown = self.state == "stale"
        if line.display != shown:
            line.display = shown
        if shown:
            why = self.problem.message if self.problem else "The database has not answered."
            age = text.age(self._fresh_at(), self.desk.now())
            value = stale(self.desk.glyphs.lamp("degraded"), age, why)
            line.show(lambda _: (value,))

    def _is_answered_again(self) -> bool:
        """Whether the database has answered since a load failed that may be tried again."""
        since, confirmed = self._unanswered_since, self._status.confirmed_at
        return since is not None and confirmed is not None and confirmed > since

    def _silent(self) -> bool:
        fresh = self._fresh_at()
        if fresh is None or self.desk.paused or self._status.confirmed_at is None:
            return False
        return (self.desk.now() - fresh).total_seconds() > STALE_AFTER_S

    def _fresh_at(self) -> datetime | None:
        """When what is shown was last known to be so: loaded, or confirmed unchanged since."""
        confirmed = self._status.confirmed_at
        if self.problem or self._dirty or confirmed is None or self._loaded_at is None:
            return self._loaded_at
        return max(self._loaded_at, confirmed)

    def _age_cell(self) -> Cell:
        word = text.age(self._fresh_at(), self.desk.now())
        return (Span(f"data {word} old ", "muted"),) if self._loaded_at else ()
