"""The desk: what every screen shares. One workspace, one tenant, one clock, read-only or not.

The dashboard paints before the workspace exists; screens wait for it here.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.theme import glyphs
from tui.widgets.held_keys import TypedAhead

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.clock import Clock
    from engine.settings import Settings
    from engine.workspace import Workspace

    Opener = Callable[[Settings], Workspace]


class Desk:
    """Shared by all screens of one dashboard; made by `BoardApp`, given to each screen."""

    def __init__(
        self, settings: Settings, opener: Opener | None = None, clock: Clock | None = None
    ) -> None:
        self.settings = settings
        self.glyphs = glyphs(ascii_only=settings.ascii)
        self.tenant_id: str = settings.tenant or ""
        self.paused = False
        self.wanted: str | None = None
        """The id of the thing that the next screen should put its cursor on, once."""
        self.typed_ahead = TypedAhead()
        self._opening_filter = settings.filter
        self.painted = asyncio.Event()
        """The first frame is there."""
        self.shown = asyncio.Event()
        """The first screen shows what it is for, or why it cannot."""
        self._clock = clock
        self._opener = opener or open_workspace
        self._opening: asyncio.Task[Workspace] | None = None
        self._workspace: Workspace | None = None

    @property
    def read_only(self) -> bool:
        """Whether writing keys are taken away."""
        return self.settings.read_only

    @property
    def log_file(self) -> str:
        """Where details of a failure are written."""
        return self.settings.log_file or default_log_file()

    def take_filter(self) -> str:
        """Return what the first list is to be filtered by; asked again, nothing."""
        told, self._opening_filter = self._opening_filter, ""
        return told

    def now(self) -> datetime:
        """Return the time by the workspace's clock; before it is open, by the machine's (UTC)."""
        clock = self._clock or (self._workspace.clock if self._workspace else None)
        return datetime.now(UTC) if clock is None else clock.now()

    @property
    def opened(self) -> Workspace | None:
        """The workspace if it is open already."""
        return self._workspace

    async def workspace(self) -> Workspace:
        """Return the workspace; opens it if needed, raises what opening it raised.

        Opening blocks and imports SQLAlchemy, so it happens in a thread. One failed attempt is
        shared by all that wait for it; the next call tries again.
        """
        if self._workspace is not None:
            return self._workspace
        # Importing SQLAlchemy beside the first frame would delay it: threads share one interpreter.
        await self.painted.wait()
        if self._opening is None or (self._opening.done() and self._opening.exception()):
            self._opening = asyncio.create_task(asyncio.to_thread(self._opener, self.settings))
        self._workspace = await asyncio.shield(self._opening)
        return self._workspace

    async def choose_tenant(self) -> str:
        """Return the tenant to show: the one that was set, else the first there is, else none."""
        workspace = await self.workspace()
        if not self.tenant_id:
            tenants = await workspace.tenants.list_tenants()
            self.tenant_id = tenants[0].id if tenants else "default"
        return self.tenant_id

    async def aclose(self) -> None:
        """Close the workspace, if it was opened here."""
        if self._workspace is not None:
            await self._workspace.aclose()


def open_workspace(settings: Settings) -> Workspace:
    """Open the workspace that the settings name; the slow imports happen here."""
    from engine.workspace import Workspace

    return Workspace.open(settings, origin="dashboard")


def default_log_file() -> str:
    """Return the log file's path where none was set."""
    from platformdirs import user_log_path

    return str(user_log_path("lampboard", appauthor=False) / "lampboard.log")
