"""A provider that counts what reaches it, and databases full of targets that point to it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.clock import SystemClock
from engine.settings import Settings
from engine.workspace import Workspace
from storage.integrations import IntegrationRow, IntegrationsDriver
from storage.tenants import TenantsDriver
from tests.servers.hostile import hostile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from tests.servers.hostile import Peer

TENANT = "acme"
# A monitor's process is nice: on a busy machine it starts after everybody else.
_COMES_S = 240
BODY = json.dumps({"object": "list", "data": [{"id": "m-1", "object": "model"}]}).encode()


@dataclass
class CountingProvider:
    """Answers every target's own path, and knows how often and how much at once it was asked."""

    url: str = ""
    delay_s: float = 0.0
    held: asyncio.Event | None = None
    seen: Counter[str] = field(default_factory=Counter)
    now: Counter[str] = field(default_factory=Counter)
    most_at_once: Counter[str] = field(default_factory=Counter)
    most_in_all: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answer(self, peer: Peer) -> None:
        head = await peer.reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ", 2)[1].decode()
        target = path.split("/")[1]
        await self._enter(target)
        try:
            await self._reply(target, peer)
        finally:
            self.now[target] -= 1
        peer.writer.close()
        await peer.writer.wait_closed()

    async def _enter(self, target: str) -> None:
        async with self.changed:
            self.seen[target] += 1
            self.now[target] += 1
            self.most_at_once[target] = max(self.most_at_once[target], self.now[target])
            self.most_in_all = max(self.most_in_all, sum(self.now.values()))
            self.changed.notify_all()

    async def _reply(self, target: str, peer: Peer) -> None:
        if target.startswith("hang"):
            await peer.reader.read()  # until the other side gives up
            return
        if self.held is not None:
            await self.held.wait()
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        status = b"503 Away" if target.startswith("fail") else b"200 OK"
        await peer.send(
            b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(BODY) + BODY
        )

    async def until(self, reached: Callable[[CountingProvider], bool]) -> None:
        """Wait until what was seen fulfils a condition."""
        async with self.changed, asyncio.timeout(_COMES_S):
            await self.changed.wait_for(lambda: reached(self))


@pytest.fixture
async def provider() -> AsyncIterator[CountingProvider]:
    found = CountingProvider()
    async with hostile(found.answer) as server:
        found.url = f"http://127.0.0.1:{server.port}"
        yield found


class SetClock(SystemClock):
    """The machine's clock, whose wall time somebody sets."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        database=f"sqlite:///{tmp_path / 'lampboard.db'}", deadline_s=60, rate_per_minute=600_000
    )


@pytest.fixture(autouse=True)
def _patient_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine's database is waited for at the end, so that nothing is left unwritten."""
    monkeypatch.setattr("engine.monitor.loop._END_S", 30)
    monkeypatch.setattr("engine.monitor.loop._UNTOLD_S", 30)
    monkeypatch.setattr("engine.monitor.flights._END_S", 30)


@pytest.fixture
async def workspace(settings: Settings, clock: SetClock) -> AsyncIterator[Workspace]:
    opened = Workspace.open(settings, clock=clock, origin="monitor")
    yield opened
    await opened.aclose()


def fill(
    connection: Connection,
    url: str,
    names: list[str],
    *,
    now: datetime,
    interval_s: int = 60,
    provider_type: str = "custom",
    credential_ref: str | None = None,
) -> None:
    """Add integrations that are all due now, each with a path of its own."""
    TenantsDriver(connection).ensure(TENANT, TENANT, now)
    rows = [
        IntegrationRow(
            id=f"id-{name}",
            tenant_id=TENANT,
            name=name,
            provider_type=provider_type,
            status="enabled",
            created_at=now,
            base_url=f"{url}/{name}/v1",
            credential_ref=credential_ref,
        )
        for name in names
    ]
    IntegrationsDriver(connection).insert_many(rows, active=True, interval_s=interval_s, due_at=now)


@pytest.fixture
def add(workspace: Workspace, provider: CountingProvider) -> Callable[..., None]:
    """Adds integrations of these names to the workspace, due now."""

    def do(*names: str, url: str | None = None, **kinds: object) -> None:
        with workspace.database.write() as connection:
            now = workspace.clock.now()
            fill(connection, url or provider.url, list(names), now=now, **kinds)  # type: ignore[arg-type]

    return do
