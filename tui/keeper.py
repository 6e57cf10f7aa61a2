"""Keeps a monitor running while the dashboard is open, in a process of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.monitor.supervisor import MonitorSupervisor, SupervisorStatus
    from engine.workspace import Workspace
    from tui.desk import Desk

AGAIN_S = 5.0

PRIVATE = {"sqlite://", "sqlite:///:memory:"}
"""Databases inside this process, which no other process could watch."""


class Keeper:
    """Starts the supervisor once the workspace is open, and ends it with the dashboard."""

    def __init__(self, desk: Desk, changed: Callable[[SupervisorStatus], None]) -> None:
        self._desk = desk
        self._changed = changed
        self._supervisor: MonitorSupervisor | None = None

    async def start(self) -> None:
        """Keep a monitor running, unless the settings say that none is wanted."""
        settings = self._desk.settings
        workspace = await self._opened()
        if settings.monitor == "off" or settings.database in PRIVATE:
            return
        from engine.monitor.supervisor import MonitorSupervisor

        # It knows its own dead from their processes; by heartbeats alone it would wait for 10 s.
        self._supervisor = MonitorSupervisor.over(workspace, changed=self._changed)
        self._supervisor.start()

    async def _opened(self) -> Workspace:
        """Return the workspace, as soon as it opens; the screens say why it does not."""
        from engine.errors import LampboardError

        while True:
            try:
                return await self._desk.workspace()
            except LampboardError:
                await asyncio.sleep(AGAIN_S)

    async def stop(self) -> None:
        """End the monitor, if it is this dashboard's own."""
        if self._supervisor is not None:
            await self._supervisor.stop()
