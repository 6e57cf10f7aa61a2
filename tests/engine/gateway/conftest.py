"""A workspace whose tenant has a database of orders in a file, as a source and as a connector."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine.gateway import ParameterSpec, ParameterType, SqlQueryResult
from engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from engine.clock import FixedClock
    from engine.gateway.executing import Plan
    from engine.gateway.facade import GatewayFacade
    from engine.gateway.results import TemplateDetail
    from engine.settings import Settings

BY_ID = "SELECT id, who, total FROM orders WHERE id >= :least ORDER BY id"
LEAST = ParameterSpec("least", ParameterType.INTEGER, min_value=0)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A database file with ten orders."""
    path = tmp_path / "orders.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, who TEXT, total REAL)")
        connection.executemany(
            "INSERT INTO orders VALUES (?, ?, ?)", [(n, f"who-{n}", n / 2) for n in range(10)]
        )
    connection.close()
    return path


@pytest.fixture
async def source_id(workspace: Workspace, orders: Path) -> str:
    made = await workspace.sources.register_source(
        "acme", "orders", "database", {"database": str(orders)}, technology="sqlite", activate=True
    )
    return made.source_id


@pytest.fixture
def gateway(workspace: Workspace) -> GatewayFacade:
    return workspace.gateway


@pytest.fixture
def register(gateway: GatewayFacade, source_id: str) -> Callable[..., Any]:
    """Registers a template on the source."""

    async def do(name: str = "by-id", **more: Any) -> TemplateDetail:
        given = {"sql": BY_ID, "parameters": (LEAST,), **more}
        return await gateway.register_template(
            "acme", kind="source", thing_id=source_id, name=name, **given
        )

    return do


@pytest.fixture
async def opened(settings: Settings, clock: FixedClock) -> AsyncIterator[Callable[..., Workspace]]:
    """Opens the same database again, as another operator or with other settings."""
    found: list[Workspace] = []

    def do(**told: Any) -> Workspace:
        found.append(Workspace.open(replace(settings, **told), clock=clock))
        return found[-1]

    yield do
    for workspace in found:
        await workspace.aclose()


def nothing_found(plan: Plan) -> SqlQueryResult:
    """What a run comes to that brings no rows."""
    return SqlQueryResult(
        template_id=plan.template_id,
        version=plan.version,
        columns=(),
        rows=(),
        row_count=0,
        result_bytes=0,
        truncated=False,
        truncated_by=None,
        duration_ms=1,
    )


class Waiting:
    """A driver whose run ends when it is told to."""

    dialect = "sqlite"

    def __init__(self) -> None:
        self.reached, self.go = asyncio.Event(), asyncio.Event()
        self.closed = 0

    async def run(self, plan: Plan) -> SqlQueryResult:
        self.reached.set()
        await self.go.wait()
        return nothing_found(plan)

    async def close(self) -> None:
        self.closed += 1
