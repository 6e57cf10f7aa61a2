"""A workspace in a temporary folder, with a clock that is held, and things to check in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine.clock import FixedClock
from engine.health.kinds import KINDS
from engine.ids import CountingIds
from engine.settings import Settings
from engine.sources.checking import SourceKind
from engine.workspace import Workspace
from storage.sources import SourceRow, SourcesDriver
from storage.tenants import TenantsDriver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from engine.probes.result import ProbeResult

Behaviour = Callable[[], Awaitable["ProbeResult"]]
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
            await asyncio.wait_for(self.changed.wait_for(lambda: len(self.requests) >= times), 60)

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
    # Deadlines that only bound what is to fail, on a busy machine too.
    return Settings(
        database=f"sqlite:///{tmp_path / 'lampboard.db'}",
        operator="olga",
        deadline_s=60,
        test_deadline_s=30,
        credential_deadline_s=30,
    )


@pytest.fixture
async def workspace(settings: Settings, clock: FixedClock) -> AsyncIterator[Workspace]:
    opened = Workspace.open(settings, clock=clock, ids=CountingIds())
    try:
        yield opened
    finally:
        await opened.aclose()


@pytest.fixture
def add_source(workspace: Workspace, tmp_path: Path) -> Callable[..., Path]:
    """Adds a source that is a folder named like it; gives the folder."""

    def do(name: str, *, status: str = "active", **more: Any) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        now = workspace.clock.now()
        row = SourceRow(
            id=f"id-{name}",
            tenant_id="acme",
            name=name,
            type="file",
            technology="local",
            status=status,
            created_at=now,
            config={"database": str(folder)},
            **more,
        )
        with workspace.database.write() as connection:
            TenantsDriver(connection).ensure("acme", "acme", now)
            SourcesDriver(connection).insert(row, active=True, interval_s=60, due_at=now)
        return folder

    return do


@dataclass(frozen=True)
class Acting:
    """A thing whose check does what the test says."""

    behave: Behaviour
    tenant_id: str = "acme"
    id: str = "id-odd"
    name: str = "odd"
    place: str | None = None

    async def check(self, *_: object, **__: object) -> ProbeResult:
        return await self.behave()


@pytest.fixture
def acting(monkeypatch: pytest.MonkeyPatch) -> Callable[[Behaviour], None]:
    """Makes every source a thing whose check does what the test says, as foreign code may."""

    def do(behave: Behaviour) -> None:
        class ActingKind(SourceKind):
            def prepare(self, *_: object) -> Any:
                return Acting(behave)

        monkeypatch.setitem(KINDS._loaded, "source", ActingKind())  # type: ignore[attr-defined]

    return do
