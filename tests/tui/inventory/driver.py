"""Drives a place of things over a real workspace, and reads what is on the screen as text."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from textual.events import Paste

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from engine.workspace import Workspace

from tui.inventory.screen import InventoryScreen

ScreenT = TypeVar("ScreenT", bound=InventoryScreen[Any])
ChecksT = TypeVar("ChecksT")

# A form's own worker ends with the form, so nobody waits for it here.
WORK = {"load", "story", "deed", "test", "save", "statistics", ""}


class Board(Generic[ScreenT, ChecksT]):
    """Drives the screen of a place, so that a test reads as a story."""

    def __init__(self, pilot: Pilot[None], workspace: Workspace, checks: ChecksT) -> None:
        self.pilot = pilot
        self.app = pilot.app
        self.workspace = workspace
        self.checks = checks

    @property
    def screen(self) -> ScreenT:
        """The place, whatever stands over it."""
        return cast("ScreenT", self.app.screen_stack[0])

    async def press(self, *keys: str) -> None:
        """Presses keys and lets what they started come to rest."""
        await self.pilot.press(*keys)
        await self.settled()

    async def write(self, words: str) -> None:
        """Pastes into what has the focus."""
        assert self.app.focused is not None
        self.app.focused.post_message(Paste(words))
        await self.settled()

    async def settled(self) -> None:
        """Waits until no worker is at work but the pulse, which never ends."""
        await self.pilot.pause()
        async with asyncio.timeout(20):
            while busy := [w for w in self.app.workers if not w.is_finished and w.name in WORK]:
                await self.app.workers.wait_for_complete(busy)
                await self.pilot.pause()
        await self.pilot.pause()

    async def until(self, true: Callable[[], bool]) -> None:
        """Waits for something that comes by itself."""
        async with asyncio.timeout(20):
            while not true():
                await self.pilot.pause()

    def shown(self) -> str:
        """Everything on screen as text."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in lines)

    def names(self) -> list[str]:
        """The names of the things that are in the list, in its order."""
        return [cast("Any", row.record).name for row in self.screen.table._window.rows]
