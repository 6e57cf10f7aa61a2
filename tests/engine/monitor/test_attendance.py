"""A monitor, or any workspace, does not wait for a server that will never answer."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from engine import workspace as composition
from engine.errors import WorkspaceError
from engine.monitor.attendance import Attendance
from engine.settings import Settings
from engine.workspace import Workspace

from .test_processes import postgres_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection

__all__ = ["postgres_url"]  # fixtures

pytestmark = pytest.mark.postgres


@pytest.fixture
async def server(postgres_url: str) -> AsyncIterator[Workspace]:
    opened = Workspace.open(Settings(database=postgres_url))
    yield opened
    await opened.aclose()


@pytest.fixture
async def unanswered(server: Workspace, postgres_url: str) -> AsyncIterator[asyncio.Task[None]]:
    """What the workspace asked, and never gets an answer to: somebody else holds the table."""
    asked = threading.Event()

    def ask(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        asked.set()
        connection.exec_driver_sql("SELECT * FROM marks")

    holder = Workspace.open(Settings(database=postgres_url))
    with holder.database.write() as connection:
        connection.exec_driver_sql("LOCK TABLE marks IN ACCESS EXCLUSIVE MODE")
        task = asyncio.create_task(server.read(ask))
        await asyncio.to_thread(asked.wait)
        yield task
    await holder.aclose()


async def test_who_lost_the_server_waits_for_no_answer_of_it(
    server: Workspace, unanswered: asyncio.Task[None]
) -> None:
    lost = asyncio.Event()
    attendance = Attendance(server, "mine", lost=lost.set)
    await attendance.take()
    assert attendance._presence is not None
    pid = attendance._presence._line.info.backend_pid
    await server.read(lambda it: it.exec_driver_sql(f"SELECT pg_terminate_backend({pid})").all())
    await lost.wait()
    with pytest.raises(WorkspaceError) as caught:
        await unanswered
    assert caught.value.temporary
    await attendance.end()


async def test_an_end_does_not_wait_for_an_answer_for_ever(
    server: Workspace, unanswered: asyncio.Task[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "LAST_ANSWER_S", 0.01)
    await server.aclose()
    with pytest.raises(WorkspaceError):
        await unanswered
