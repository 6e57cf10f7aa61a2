"""Statements that nobody has judged: whatever they are, nothing is changed by them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from engine.gateway.errors import SqlGatewayError
from tests.engine.gateway.executing.worlds import allowed, forbidden, plan

if TYPE_CHECKING:
    from pathlib import Path

    from engine.gateway.executing.pool import PooledDriver
    from tests.engine.gateway.executing.worlds import World


async def test_forbidden_statements_change_nothing(
    world: World, driver: PooledDriver, corpora: Path
) -> None:
    before = world.state()
    for sql in forbidden(corpora, world.dialect):
        with suppress(SqlGatewayError):
            await driver.run(plan(sql, timeout_seconds=0.3))
    assert world.state() == before


async def test_allowed_statements_run(world: World, driver: PooledDriver, corpora: Path) -> None:
    for sql, values in allowed(corpora, world.dialect):
        result = await driver.run(plan(sql, values=values))
        assert result.columns, sql
