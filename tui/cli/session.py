"""What one run of the command line holds: what was told, the settings, the way to a workspace."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from tui.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.settings import Settings
    from engine.workspace import Workspace

T = TypeVar("T")

# Options that are not settings: they shape this one run of the command line.
NOT_SETTINGS = frozenset({"output", "config", "no_input"})


@dataclass(kw_only=True, slots=True)
class Session:
    """One run: `flags` are the global options as told, by their setting's name."""

    dashboard: Callable[[Settings], int]
    flags: dict[str, object] = field(default_factory=dict)
    _settings: Settings | None = None
    _asked: bool = False

    @property
    def output(self) -> Output:
        """The way data gets printed, in the format that was asked for."""
        return Output(format=str(self.flags.get("output") or "table"), stream=sys.stdout)

    @property
    def no_input(self) -> bool:
        """Whether nothing may be asked: told so, or there is nobody to ask."""
        from tui.cli.streams import is_terminal

        return bool(self.flags.get("no_input")) or not is_terminal(sys.stdin)

    @property
    def settings(self) -> Settings:
        """The settings of this run; raises InvalidInput."""
        if self._settings is None:
            from engine.settings import Settings

            told = {name: value for name, value in self.flags.items() if name not in NOT_SETTINGS}
            config = self.flags.get("config")
            self._settings = Settings.load(told, config_file=str(config) if config else None)
        return self._settings

    def require_terminal(self) -> None:
        """Raise InvalidInput where a dashboard has nowhere to be."""
        from engine.errors import InvalidInput
        from tui.cli.streams import is_terminal

        if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
            raise InvalidInput(
                "The dashboard needs a terminal, and this is not one.",
                hint="Run a command instead, such as `lampboard health summary`; see --help.",
            )

    def open_dashboard(self, settings: Settings | None = None) -> int:
        """Open the dashboard and return its exit code; raises InvalidInput without a terminal."""
        from tui.cli import log

        self.require_terminal()
        told = log.in_a_file(self._unlocked(settings or self.settings))
        log.configure(told)
        return self.dashboard(told)

    def run(self, work: Callable[[Workspace], Awaitable[T]]) -> T:
        """Open the workspace, do `work` with it, close it; raises what the engine raises."""
        import asyncio

        from engine.workspace import Workspace
        from tui import swift
        from tui.cli import log

        settings = self.settings
        if not self._asked:
            self._asked, self._settings = True, self._unlocked(settings)
            settings = self._settings
        log.configure(settings)

        async def session() -> T:
            workspace = Workspace.open(settings, origin="cli")
            swift.settle()
            try:
                return await work(workspace)
            finally:
                await workspace.aclose()

        return asyncio.run(session())

    def _unlocked(self, settings: Settings) -> Settings:
        """Ask for the passphrase of a locked key file, where somebody can be asked."""
        if self.no_input:
            return settings
        from tui.cli.unlocking import unlocked

        return unlocked(settings)

    async def tenant(self, workspace: Workspace) -> str:
        """Return whose things are meant: as told, else the only tenant there is.

        Raises:
            InvalidInput: There is more than one, or none.
        """
        if self.settings.tenant:
            return self.settings.tenant
        known = [tenant.id for tenant in await workspace.tenants.list_tenants()]
        if len(known) == 1:
            return known[0]
        from engine.errors import InvalidInput

        hint = "There is none yet: `lampboard tenants add ID`."
        if known:
            hint = "Give --tenant with one of: " + ", ".join(known[:10])
        raise InvalidInput("No tenant was named.", hint=hint, field="tenant")


def narrate(text: str) -> None:
    """Say something to the person, beside the data: on stderr."""
    from tui.text import clean

    sys.stderr.write(clean(text) + "\n")
    sys.stderr.flush()
