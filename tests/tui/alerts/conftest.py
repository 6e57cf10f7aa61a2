"""A dashboard over a real workspace, on which a form is opened."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from engine.clock import FixedClock
from tests.engine.alerts.conftest import Receiver, receiving
from tests.engine.conftest import NOON
from tests.tui.inventory.driver import standing_at, workspace_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from engine.settings import Settings
    from tests.tui.inventory.driver import Board

    Opened = Callable[..., AbstractAsyncContextManager[Board[Any, Any]]]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
def opened(settings: Settings) -> Opened:
    """Opens the dashboard."""

    @asynccontextmanager
    async def opening(
        *, size: tuple[int, int] = (120, 40), **changes: object
    ) -> AsyncIterator[Board[Any, Any]]:
        workspace = await workspace_of(settings, FixedClock(NOON))
        async with standing_at("overview", workspace, None, size=size, **changes) as board:
            yield board

    return opening
