"""The dashboard: places, theme, global keys. Nothing else."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.command import CommandPalette
from textual.scrollbar import ScrollBar
from textual.worker import Worker, WorkerState

from tui import commands, hangup, keys, stops, text, themes
from tui.alerts.ringing import Ringer
from tui.desk import Desk
from tui.keeper import Keeper
from tui.modes import MODES
from tui.pulse import Pulse
from tui.safe_app import SafeApp
from tui.widgets.screen import BoardScreen
from tui.widgets.scrollbar import WholeCells

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import App, SystemCommand
    from textual.binding import Binding, BindingType
    from textual.screen import Screen

    from engine.clock import Clock
    from engine.monitor.supervisor import SupervisorStatus
    from engine.settings import Settings
    from tui.desk import Opener
    from tui.status import BoardStatus

PULSE_AGAIN_S = 10.0
LOOK_FOR_TERMINAL_S = 2.0


class BoardApp(SafeApp):
    """One desk, one screen a place. The first frame is painted before the workspace opens."""

    TITLE = "Lampboard"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    DEFAULT_MODE = MODES[0].name
    ALLOW_SELECT = False

    BINDINGS: ClassVar[list[BindingType]] = keys.GLOBAL

    def __init__(
        self, settings: Settings, opener: Opener | None = None, clock: Clock | None = None
    ) -> None:
        self.desk = Desk(settings, opener, clock)
        if settings.screen in {mode.name for mode in MODES}:
            # Textual reads it while it is made; a class for each place would be no clearer.
            self.DEFAULT_MODE = settings.screen  # type: ignore[misc]
        super().__init__(self.desk.log_file)
        self.animation_level = "none"
        ScrollBar.renderer = WholeCells
        self.ringer = Ringer(self.desk, self)
        self.pulse = Pulse(self.desk, changed=self.changed, status=self.set_status)
        self.keeper = Keeper(self.desk, changed=self.tell_keeper)
        for theme in themes.OWN.values():
            self.register_theme(theme)
        self.theme = themes.known(settings.theme)
        for mode in MODES:
            self.add_mode(mode.name, partial(mode.open, self.desk))

    def on_mount(self) -> None:
        """Paint first, open after."""
        self.set_class(self.desk.glyphs.ascii, "-ascii")
        if not self.is_headless:
            # Before anything is seen: one stop that is not looked after leaves two readers of keys.
            stops.go_on_after_stops(self._driver, lambda: self._exit)
        self.call_after_refresh(self.begin)

    def begin(self) -> None:
        """Let the desk open the workspace, and start the pulse and the clock."""
        self.desk.painted.set()
        self.pulse.repeat()
        self.follow()
        self.set_interval(1.0, self.pulse.repeat)
        if not self.is_headless:
            hangup.leave_on_signals(lambda code: self.exit(return_code=code))
            self.set_interval(LOOK_FOR_TERMINAL_S, self.leave_if_alone)
        self.run_worker(self.keeper.start(), name="keeper", exit_on_error=False)
        self.run_worker(self.ringer.listen(), name="ring", exit_on_error=False)

    def leave_if_alone(self) -> None:
        """End when the terminal is gone."""
        if hangup.is_gone():
            self.exit(return_code=hangup.EXIT_HANGUP)

    async def on_unmount(self) -> None:
        """End the monitor that was started, close the workspace that was opened."""
        await self.keeper.stop()
        await self.desk.aclose()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what went wrong; a pulse that stopped is started again after a while."""
        event.stop()
        if event.state is not WorkerState.ERROR or event.worker.error is None:
            return
        if self.board is not None:
            self.board.report(event.worker.error)
        if event.worker.name == "pulse":
            self.set_timer(PULSE_AGAIN_S, self.follow)

    def follow(self) -> None:
        """Follow what changes in the database."""
        self.run_worker(self.pulse.run(), name="pulse", exit_on_error=False)

    # What is typed before a form is there

    async def on_event(self, event: events.Event) -> None:
        """Hold back what is typed for a form that is on its way."""
        if not (isinstance(event, events.Key) and self.desk.typed_ahead.take(event)):
            await super().on_event(event)

    async def on_descendant_focus(self) -> None:
        """Give a form what was typed for it, as soon as something in it has the focus."""
        if not self.desk.typed_ahead.waits or isinstance(self.screen, BoardScreen):
            return
        for key in self.desk.typed_ahead.end():
            # At once, for the next key is meant for the field that has the focus then.
            if key.key == "tab":
                self.screen.focus_next()
            elif key.key == "shift+tab":
                self.screen.focus_previous()
            else:
                await super().on_event(key.set_sender(self))

    # What the pulse and the keeper tell

    def tell_keeper(self, status: SupervisorStatus) -> None:
        """Say in the header what happens to the monitor; say aloud that it died."""
        self.pulse.note(status.state.value)
        if status.message:
            said = text.clean(status.message)
            self.notify(said, title="Monitor", severity="warning", markup=False)

    @property
    def board(self) -> BoardScreen[object] | None:
        """The board screen in sight, also when a dialog lies over it."""
        stack = self._screen_stacks.get(self.current_mode, [])
        boards = [screen for screen in stack if isinstance(screen, BoardScreen)]
        return boards[0] if boards and boards[0].is_mounted else None

    def changed(self, concepts: frozenset[str]) -> None:
        """Tell every place what changed; the one in sight reloads, and bells are rung."""
        if "alerts" in concepts:
            self.run_worker(self.ringer.look(), name="ring", exit_on_error=False)
        for screen in self.boards():
            screen.changed(concepts)

    def set_status(self, status: BoardStatus) -> None:
        """Renew the header in sight."""
        if self.board is not None:
            self.board.set_status(status)

    def boards(self) -> list[BoardScreen[object]]:
        """Return the places that were visited so far."""
        stacks = self._screen_stacks.values()
        return [screen for stack in stacks for screen in stack if isinstance(screen, BoardScreen)]

    def on_key(self, event: events.Key) -> None:
        """Give letters that were typed faster than the focus moved to the input that has it now.

        Over a slow line `/gpt` arrives in one piece, and its letters are sent to the list before
        the list has opened the filter. No input lets a letter that it took come up to here.
        """
        from textual.widgets import Input

        if event.is_printable and event.character and isinstance(self.focused, Input):
            event.prevent_default()
            self.focused.insert_text_at_cursor(event.character)

    # Actions

    async def action_go(self, name: str) -> None:
        """Go to a place."""
        if len(self.screen_stack) == 1 and name != self.current_mode:
            await self.switch_mode(name)
            self.pulse.repeat()

    def asking(self, words: str) -> str:
        """Return what stands in an input while nothing is typed: the words, trailing off."""
        return f"{words}{self.desk.glyphs.more}"

    def action_command_palette(self) -> None:
        """Ask for any command by name."""
        if not CommandPalette.is_open(cast("App[object]", self)):
            self.push_screen(CommandPalette(placeholder=self.asking("Search for commands")))

    def action_go_to(self) -> None:
        """Ask for a place by name."""
        self.search_commands(commands.places(self), self.asking("Go to"))

    async def action_help(self) -> None:
        """Show the keys of the place in sight."""
        from tui.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            await self.push_screen(HelpScreen(self.screen, self.desk.glyphs))

    def action_choose_tenant(self) -> None:
        """Ask for a tenant by name."""
        self.run_worker(commands.choose_tenant(self), name="tenants", exit_on_error=False)

    def action_change_theme(self) -> None:
        """Ask for a theme by name."""
        self.search_commands(commands.theme_choices(self), self.asking("Theme"))

    def action_pause(self) -> None:
        """Stop refreshing, or go on and catch up."""
        self.desk.paused = not self.desk.paused
        self.pulse.repeat()
        if not self.desk.paused and self.board is not None:
            self.board.reload()

    def show_tenant(self, tenant_id: str) -> None:
        """Make another tenant the one that all screens show."""
        self.desk.tenant_id = tenant_id
        for screen in self.boards():
            screen.tenant_changed()
        self.run_worker(self.pulse.count(), name="count", exit_on_error=False)
        self.run_worker(self.ringer.listen(), name="ring", exit_on_error=False)

    def get_key_display(self, binding: Binding) -> str:
        """Return a key as people write it: `enter`, `ctrl+p`, `?`."""
        return binding.key_display or keys.NAMES.get(binding.key, binding.key)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Return what the command palette offers."""
        return commands.palette(self, screen)


def run_dashboard(settings: Settings, opener: Opener | None = None) -> int:
    """Run the dashboard until it is left; return the process's exit code."""
    app = BoardApp(settings, opener)
    app.run()
    return app.return_code or 0
