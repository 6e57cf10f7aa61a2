"""A monitor beside a newer release's schema stops with one clear sentence, and writes nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from engine.errors import EXIT_FAILED, WorkspaceError
from engine.monitor import MonitorLimits, run_monitor
from engine.settings import Settings
from engine.workspace import Workspace
from tests.servers.schemas import migrated_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy import Connection

    from storage.database import Database

LIMIT_S = 120.0


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Workspace]:
    """A workspace on either kind of database, which nobody else needs afterwards."""
    if request.param == "sqlite":
        opened = Workspace.open(Settings(database=f"sqlite:///{tmp_path / 'board.db'}"))
        yield opened
        await opened.aclose()
        return
    with migrated_schema() as url:
        opened = Workspace.open(Settings(database=url))
        yield opened
        await opened.aclose()


def upgraded(connection: Connection) -> None:
    """What a release to come leaves behind, alone as an upgrade is: after all who write by now."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA user_version=9999")


def beats(database: Database) -> list[object]:
    with database.read() as connection:
        return [*connection.exec_driver_sql("SELECT beat_at, stopped_at FROM monitors")]


async def test_it_stops_and_leaves_everything_as_it_is(workspace: Workspace) -> None:
    database = workspace.database
    running = asyncio.create_task(run_monitor(workspace, limits=MonitorLimits(beat_s=0.1)))
    async with asyncio.timeout(LIMIT_S):
        while not await workspace.run(beats, database):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await workspace.write(upgraded)
        left = await workspace.run(beats, database)
        with pytest.raises(WorkspaceError) as caught:
            await running
    assert (caught.value.code, caught.value.exit_code) == ("database_newer", EXIT_FAILED)
    assert "another release" in caught.value.message
    assert "Update Lampboard" in caught.value.hint
    assert await workspace.run(beats, database) == left
