"""A workspace in a temporary folder, with a clock that is held, and a provider on loopback."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.ids import CountingIds
from engine.settings import Settings
from engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MODELS = {"object": "list", "data": [{"id": "m-1", "object": "model"}]}


@dataclass
class LoopbackProvider:
    """An OpenAI-compatible server whose next answers the test decides."""

    url: str = ""
    status: int = 200
    body: object = field(default_factory=lambda: MODELS)
    requests: list[str] = field(default_factory=list)
    held: asyncio.Event | None = None
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def asked(self, times: int) -> None:
        """Wait until that many requests have arrived."""
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(lambda: len(self.requests) >= times), 10)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        async with self.changed:
            self.requests.append(head)
            self.changed.notify_all()
        if self.held is not None:
            await self.held.wait()
        body = json.dumps(self.body).encode()
        writer.write(
            f"HTTP/1.1 {self.status} Told\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def serving() -> AsyncIterator[LoopbackProvider]:
    provider = LoopbackProvider()
    server = await asyncio.start_server(provider.answer, "127.0.0.1", 0)
    provider.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield provider
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def provider() -> AsyncIterator[LoopbackProvider]:
    async with serving() as found:
        yield found


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=f"sqlite:///{tmp_path / 'lampboard.db'}", operator="olga")


@pytest.fixture
async def workspace(settings: Settings, clock: FixedClock) -> AsyncIterator[Workspace]:
    opened = Workspace.open(settings, clock=clock, ids=CountingIds())
    try:
        yield opened
    finally:
        await opened.aclose()
