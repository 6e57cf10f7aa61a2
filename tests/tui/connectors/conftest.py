"""A real workspace on a held clock with connectors in it, which lead to a real SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from tests.tui.inventory.driver import TENANT, standing_at, workspace_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from engine.settings import Settings
    from engine.workspace import Workspace
    from tests.tui.inventory import driver
    from tui.connectors.screen import ConnectorsScreen

    Board = driver.Board[ConnectorsScreen, None]
    Opened = Callable[..., AbstractAsyncContextManager[Board]]

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
NAMES = ("crm-db", "docs-db", "orders-db")
SECRET = "sk-planted-0123456789"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A database that connectors can reach: two tables."""
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table orders (id integer, total numeric)")
        connection.execute("create table customers (id integer, email text)")
    return path


async def register_api(workspace: Workspace, name: str = "billing-api") -> str:
    """Registers a connector with a secret, which nothing answers."""
    made = await workspace.connectors.register_connector(
        TENANT,
        name,
        "http",
        technology="rest",
        config={
            "connection_string": "http://127.0.0.1:9/v1",
            "api_key": SECRET,
            "options": {"allow": "GET /v1/items", "kept": "by hand"},
        },
    )
    return made.id


@pytest.fixture
def opened(settings: Settings, shop: Path) -> Opened:
    """Opens the dashboard at the connectors, with these names in the database."""

    @asynccontextmanager
    async def opening(
        names: tuple[str, ...] = NAMES,
        *,
        api: bool = False,
        size: tuple[int, int] = (80, 24),
        read_only: bool = False,
    ) -> AsyncIterator[Board]:
        workspace = await workspace_of(settings, FixedClock(NOW))
        for name in names:
            await workspace.connectors.register_connector(
                TENANT,
                name,
                "sql",
                technology="sqlite",
                config={"database": str(shop)},
                tags=("prod",),
                owner_id="ann",
            )
        if api:
            await register_api(workspace)
        async with standing_at(
            "connectors", workspace, None, size=size, read_only=read_only
        ) as board:
            yield board

    return opening
