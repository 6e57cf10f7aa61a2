"""A real workspace on a held clock with templates in it, over a real SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.gateway.parameters.notation import parse_declaration
from tests.tui.gateway.made import NOW
from tests.tui.inventory.driver import TENANT, standing_at, workspace_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from engine.gateway.results import TemplateDetail
    from engine.settings import Settings
    from engine.workspace import Workspace
    from tests.tui.inventory import driver
    from tui.gateway.screen import GatewayScreen

    Board = driver.Board[GatewayScreen, None]  # type: ignore[type-var]
    Opened = Callable[..., AbstractAsyncContextManager[Board]]

BY_STATUS = """select id, customer, total, paid
  from orders
 where status = :status
 order by id"""
TEMPLATES = {
    "by-status": (
        BY_STATUS,
        ("status str allowed=open,shipped description='Where an order is'",),
    ),
    "count": ("select count(*) as orders from orders", ()),
    "named": ("select * from orders where customer = :who", ("who str max_length=40",)),
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A database of 1,200 orders, most of them shipped."""
    path = tmp_path / "shop.db"
    orders = [
        (
            n,
            f"customer {n % 7}",
            "open" if n % 60 == 0 else "shipped",
            n * 1.5,
            None if n % 2 else 1,
        )
        for n in range(1, 1201)
    ]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "create table orders (id integer, customer text, status text, total real, paid integer)"
        )
        connection.executemany("insert into orders values (?, ?, ?, ?, ?)", orders)
    return path


async def add_source(workspace: Workspace, path: Path, name: str = "orders") -> str:
    """Registers the file as a source; returns its id."""
    made = await workspace.sources.register_source(
        TENANT, name, "database", {"database": str(path)}, technology="sqlite"
    )
    return made.source_id


async def register(
    workspace: Workspace, thing_id: str, name: str, sql: str, *lines: str
) -> TemplateDetail:
    """Registers a template, its parameters declared as people do."""
    return await workspace.gateway.register_template(
        TENANT,
        kind="source",
        thing_id=thing_id,
        name=name,
        sql=sql,
        parameters=tuple(map(parse_declaration, lines)),
        description=f"What {name} is for",
    )


@pytest.fixture
def opened(settings: Settings, shop: Path) -> Opened:
    """Opens the dashboard at the gateway."""

    @asynccontextmanager
    async def opening(
        *, size: tuple[int, int] = (120, 40), filled: bool = True, **changes: object
    ) -> AsyncIterator[Board]:
        workspace = await workspace_of(settings, FixedClock(NOW))
        thing_id = await add_source(workspace, shop)
        if filled:
            for name, (sql, lines) in TEMPLATES.items():
                await register(workspace, thing_id, name, sql, *lines)
        async with standing_at("gateway", workspace, None, size=size, **changes) as board:
            yield board

    return opening
