"""A real workspace on a held clock with connectors in it, which lead to a real SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
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

    from tui.connectors.screen import ConnectorsScreen

    Board = driver.Board[ConnectorsScreen, None]
    Opened = Callable[..., AbstractAsyncContextManager[Board]]

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
TENANT = "acme-prod"
NAMES = ("crm-db", "docs-db", "orders-db")
SECRET = "sk-planted-0123456789"


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
        workspace = Workspace.open(settings, clock=FixedClock(NOW), ids=CountingIds())
        await workspace.tenants.ensure(TENANT)
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
        told = replace(settings, read_only=read_only)
        workspace.settings = told
        app = BoardApp(told, lambda _: workspace)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await app.action_go("connectors")
            board: Board = driver.Board(pilot, workspace, None)
            await board.until(lambda: board.screen.snapshot is not None)
            await board.settled()
            yield board

    return opening
