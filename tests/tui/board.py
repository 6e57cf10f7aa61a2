"""Drives the dashboard over the fake world, and reads what is on the screen as text."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

from tests.resting import rest, until
from tests.tui.fakes import FakeWorkspace, opener, settings_for
from tui import pulse
from tui.app import BoardApp
from tui.widgets import screen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.pilot import Pilot


class Driver:
    """One dashboard under test: `await board.press("3")`, then `"..." in board.text`."""

    def __init__(self, app: BoardApp, pilot: Pilot[None], world: FakeWorkspace) -> None:
        self.app = app
        self.pilot = pilot
        self.world = world

    @property
    def lines(self) -> list[str]:
        """What is on the screen, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(part.text for part in strip) for strip in strips]

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self.lines)

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other, each when the last one's work is done."""
        for key in keys:
            await self.pilot.press(key)
            await self.settled()

    async def settled(self) -> None:
        """Wait until no request is under way but those that wait for changes or for a person."""
        await rest(self.app)

    async def shows(self, words: str) -> None:
        """Wait until the words are on the screen."""
        await until(lambda: words in self.text)

    async def change(self, *concepts: str) -> None:
        """Let the world change, and wait until the board has looked."""
        self.world.change(*concepts)
        await self.app.pulse.look()
        await self.settled()


@asynccontextmanager
async def board(
    world: FakeWorkspace | None = None, size: tuple[int, int] = (120, 40), **settings: object
) -> AsyncIterator[Driver]:
    """Open a dashboard over a world and wait for its first reading.

    It looks for changes only when it is told to, and then takes them at once.
    """
    found = world or FakeWorkspace()
    app = BoardApp(settings_for(**settings), opener(found), found.clock)
    with (
        patch.object(screen, "LOOKS_A_RELOAD", 0),
        patch.object(screen, "KEYS_REST_S", 0),
        patch.object(pulse, "COUNT_EVERY_S", 0),
    ):
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot, found)
            await driver.settled()
            yield driver
