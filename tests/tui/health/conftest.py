"""A board whose lamps changed at known minutes of a day."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.clock import FixedClock
from storage.health import CheckRow, HealthDriver
from tests.tui.inventory.driver import TENANT, standing_at, workspace_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from engine.settings import Settings
    from engine.workspace import Workspace
    from tests.tui.inventory.driver import Board

# gpt fails from 10:20 to 10:40, tts is slow from 11:00 on; it is noon.
NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
TURNS = (
    ("gpt", "10:00", "healthy"),
    ("tts", "10:01", "healthy"),
    ("gpt", "10:20", "failing"),
    ("gpt", "10:40", "healthy"),
    ("tts", "11:00", "degraded"),
)


async def turn(workspace: Workspace, name: str, at: str, state: str) -> None:
    """Records a check of what is called so, at a minute of the day."""
    hour, minute = map(int, at.split(":"))
    lamps = {lamp.name: lamp for lamp in await workspace.health.lamps(TENANT)}
    row = CheckRow(
        target_number=lamps[name].number,
        checked_at=NOON.replace(hour=hour, minute=minute),
        state=state,
        error=None if state == "healthy" else "http_503",
        latency_ms=120,
    )
    await workspace.write(lambda connection: HealthDriver(connection).record([row]))


@pytest.fixture
def winding(settings: Settings) -> Callable[..., AbstractAsyncContextManager[Board[Any, None]]]:
    """Opens the health screen of a tenant with that day."""

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = (120, 40), **changes: object
    ) -> AsyncIterator[Board[Any, None]]:
        clock = FixedClock(NOON - timedelta(hours=3))
        workspace = await workspace_of(settings, clock)
        for name in ("gpt", "tts"):
            await workspace.integrations.create_integration(
                TENANT, name, "custom", base_url="http://127.0.0.1:9/v1"
            )
        for one in TURNS:
            await turn(workspace, *one)
        clock.advance(3 * 3600)
        async with standing_at("health", workspace, None, size=size, **changes) as board:
            yield board

    return opened
