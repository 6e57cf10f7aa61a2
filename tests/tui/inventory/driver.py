"""Drives a place of things over a real workspace, and reads what is on the screen as text."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from textual.events import Paste

from engine.ids import CountingIds
from engine.workspace import Workspace
from tests.resting import quiet, rest, until
from tui.app import BoardApp
from tui.inventory.screen import InventoryScreen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from textual.pilot import Pilot

    from engine.clock import Clock
    from engine.settings import Settings

TENANT = "acme-prod"

ScreenT = TypeVar("ScreenT", bound=InventoryScreen[Any])
ChecksT = TypeVar("ChecksT")


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
        """Presses keys, one after the other, each when the last one's work is done."""
        for key in keys:
            await self.pilot.press(key)
            await self.settled()

    async def write(self, words: str) -> None:
        """Pastes into what has the focus."""
        assert self.app.focused is not None
        self.app.focused.post_message(Paste(words))
        await self.settled()

    async def settled(self) -> None:
        """Waits until no worker is at work but those that wait for the world or for a person."""
        await rest(self.app)

    async def until(self, true: Callable[[], bool]) -> None:
        """Waits for something that comes by itself."""
        await until(true)
        await quiet(self.app)

    def shown(self) -> str:
        """Everything on screen as text."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in lines)

    def names(self) -> list[str]:
        """The names of the things that are in the list, in its order."""
        return [cast("Any", row.record).name for row in self.screen.table._window.rows]


async def workspace_of(settings: Settings, clock: Clock) -> Workspace:
    """Opens a real workspace on a held clock, with its tenant in it and nothing else."""
    workspace = Workspace.open(settings, clock=clock, ids=CountingIds())
    await workspace.tenants.ensure(TENANT)
    return workspace


@asynccontextmanager
async def standing_at(
    place: str,
    workspace: Workspace,
    checks: ChecksT,
    *,
    size: tuple[int, int],
    clock: Clock | None = None,
    **changes: object,
) -> AsyncIterator[Board[Any, ChecksT]]:
    """Opens the dashboard at a place, with these settings changed; it has read its list."""
    told = replace(workspace.settings, **changes)  # type: ignore[arg-type]
    workspace.settings = told
    app = BoardApp(told, lambda _: workspace, workspace.clock)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await app.action_go(place)
        board: Board[Any, ChecksT] = Board(pilot, workspace, checks)
        await board.until(lambda: board.screen.snapshot is not None)
        await board.settled()
        yield board
