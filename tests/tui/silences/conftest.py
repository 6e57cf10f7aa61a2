"""The form of a silence over a real workspace on a held clock."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine.clock import FixedClock
from tests.tui.inventory.driver import Board, standing_at, workspace_of
from tui.silences.form import SilenceForm

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from engine.settings import Settings
    from tui.silences.entries import SilenceEntry

    Opened = Callable[..., AbstractAsyncContextManager["FormBoard"]]

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)  # a Friday


class FormBoard(Board[Any, FixedClock]):
    """Drives the form, which answers into `saved`."""

    saved: SilenceEntry | None = None

    async def open(self, *args: Any, **more: Any) -> None:
        """Opens the form over whatever is shown."""
        self.saved = None
        self.app.push_screen(SilenceForm(self.screen.desk, *args, **more), self._keep)
        await self.settled()

    def _keep(self, saved: SilenceEntry | None) -> None:
        self.saved = saved

    @property
    def form(self) -> SilenceForm:
        assert isinstance(self.app.screen, SilenceForm)
        return self.app.screen

    async def fill(self, **texts: str) -> None:
        """Types into fields by their names; choices are made the same way."""
        for name, value in texts.items():
            self.form.form.set_value(name.rstrip("_"), value)
            await self.settled()


@pytest.fixture
def opened(settings: Settings) -> Opened:
    """Opens the dashboard, over which the form can be opened."""

    @asynccontextmanager
    async def opening(*, size: tuple[int, int] = (120, 40)) -> AsyncIterator[FormBoard]:
        clock = FixedClock(NOW)
        workspace = await workspace_of(settings, clock)
        async with standing_at("activity", workspace, clock, size=size) as board:
            yield FormBoard(board.pilot, workspace, clock)

    return opening
