"""A real workspace on a held clock with references to secrets, here and elsewhere."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from tests.tui.inventory.driver import TENANT, standing_at, workspace_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from engine.settings import Settings
    from engine.workspace import Workspace
    from tests.tui.inventory import driver
    from tui.credentials.screen import CredentialsScreen

    Board = driver.Board[CredentialsScreen, FixedClock]  # type: ignore[type-var]
    Opened = Callable[..., AbstractAsyncContextManager[Board]]

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
SECRET = "sk-canary-5f0e7a1c94"


async def fill(workspace: Workspace) -> None:
    """One that is used, one that expires in a week, and one that is nowhere."""
    await workspace.integrations.create_integration(TENANT, "gpt-prod", "openai", secret=SECRET)
    until = NOW + timedelta(days=7, hours=1)
    await workspace.credentials.store(TENANT, SECRET, "Claude, batch", until)
    await workspace.credentials.register(TENANT, "env://NOT_SET_ANYWHERE", "Spare")


@pytest.fixture
def opened(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Opens the dashboard at credentials."""
    monkeypatch.delenv("NOT_SET_ANYWHERE", raising=False)

    @asynccontextmanager
    async def opening(
        *,
        size: tuple[int, int] = (120, 40),
        filled: bool = True,
        at: str = "credentials",
        **changes: object,
    ) -> AsyncIterator[Board]:
        clock = FixedClock(NOW)
        workspace = await workspace_of(settings, clock)
        if filled:
            await fill(workspace)
        async with standing_at(at, workspace, clock, size=size, **changes) as board:
            yield board
            assert SECRET not in board.shown()

    return opening
