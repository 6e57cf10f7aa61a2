"""A real workspace on a held clock with incidents in it, as the monitor opens them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from storage.incidents import IncidentDraft, IncidentsDriver
from tests.tui.inventory.driver import TENANT, standing_at, workspace_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from sqlalchemy import Connection

    from engine.settings import Settings
    from engine.workspace import Workspace
    from tests.tui.inventory import driver
    from tui.incidents.screen import IncidentsScreen

    Board = driver.Board[IncidentsScreen, FixedClock]  # type: ignore[type-var]
    Opened = Callable[..., AbstractAsyncContextManager[Board]]

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
TITLES = ("gpt-prod is failing", "azure-eu is slow", "claude-batch is failing")


def draft(place: int, **changes: object) -> IncidentDraft:
    values: dict[str, object] = {
        "tenant_id": TENANT,
        "cause": "lamp",
        "key": f"lamp:{place}",
        "title": TITLES[place % len(TITLES)],
        "severity": "warning" if place % 3 == 1 else "critical",
        "opened_at": NOW - timedelta(minutes=10 * (place + 1)),
        "kind": "integration",
        "thing_id": f"i{place}",
        "thing_name": TITLES[place % len(TITLES)].split()[0],
        "technology": "openai",
        "error": "http_503",
        "message": "503 Service Unavailable",
    }
    return IncidentDraft(**(values | changes))  # type: ignore[arg-type]


async def open_some(workspace: Workspace, many: int) -> None:
    def work(connection: Connection) -> None:
        for place in range(many):
            IncidentsDriver(connection).open(draft(place))

    await workspace.write(work)


@pytest.fixture
def opened(settings: Settings) -> Opened:
    """Opens the dashboard at incidents."""

    @asynccontextmanager
    async def opening(
        *, size: tuple[int, int] = (120, 40), many: int = 3, **changes: object
    ) -> AsyncIterator[Board]:
        clock = FixedClock(NOW)
        workspace = await workspace_of(settings, clock)
        await open_some(workspace, many)
        async with standing_at("incidents", workspace, clock, size=size, **changes) as board:
            # What was read is laid out a moment later: the headline, then the list.
            first = TITLES[0].split()[0] if many else "Nothing is open."
            await board.until(lambda: "acknowledged" in board.shown() and first in board.shown())
            yield board

    return opening
