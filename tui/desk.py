"""The desk: what every screen shares. One workspace, one tenant, one clock, read-only or not.

The dashboard paints before the workspace exists; screens wait for it here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from engine.settings import Settings
    from engine.workspace import Workspace
    from tui.theme import Glyphs


class Desk:
    """Shared by all screens of one dashboard; made by `BoardApp`, given to each screen."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tenant_id: str = settings.tenant or ""
        self.paused = False
        self._opened: asyncio.Future[Workspace] | None = None

    @property
    def read_only(self) -> bool:
        """Whether writing keys are taken away."""
        return bool(self.settings.read_only)

    @property
    def glyphs(self) -> Glyphs:
        """The characters this terminal shows."""
        raise NotImplementedError

    def now(self) -> datetime:
        """Return the time by the workspace's clock (UTC)."""
        raise NotImplementedError

    async def workspace(self) -> Workspace:
        """Return the workspace; waits until it is open, raises what opening it raised."""
        raise NotImplementedError
