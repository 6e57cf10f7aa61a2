"""A real workspace on a held clock with references to secrets, here and elsewhere."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.ids import CountingIds
from engine.settings import Settings
from engine.workspace import Workspace
from tests.tui.inventory import driver
from tui.app import BoardApp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tui.credentials.screen import CredentialsScreen

    Board = driver.Board[CredentialsScreen, FixedClock]  # type: ignore[type-var]
    Opened = Callable[..., AbstractAsyncContextManager[Board]]

TENANT = "acme-prod"
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
SECRET = "sk-canary-5f0e7a1c94"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        database=f"sqlite:///{tmp_path / 'board.db'}",
        operator="dana",
        tenant=TENANT,
        monitor="off",
        master_key="ab" * 32,
        refresh_s=30.0,
    )


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
        workspace = Workspace.open(settings, clock=clock, ids=CountingIds())
        await workspace.tenants.ensure(TENANT)
        if filled:
            await fill(workspace)
        told = replace(settings, **changes)  # type: ignore[arg-type]
        workspace.settings = told
        app = BoardApp(told, lambda _: workspace, clock)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await app.action_go(at)
            board: Board = driver.Board(pilot, workspace, clock)
            await board.until(lambda: board.screen.snapshot is not None)
            await board.settled()
            yield board
            assert SECRET not in board.shown()

    return opening
