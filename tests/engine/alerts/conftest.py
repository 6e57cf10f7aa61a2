"""A workspace with incidents that a test puts in by hand, and a receiver that counts keys."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, update

from engine.alerts.sending import Sender
from engine.clock import FixedClock
from engine.incidents import keeping
from engine.incidents.keeping import Looks
from engine.workspace import Workspace
from storage.database import Database
from storage.incidents import IncidentsDriver, gravity_of
from storage.tables import alerts, incidents
from storage.tenants import TenantsDriver
from tests.engine.conftest import NOON
from tests.servers.schemas import migrated_schema
from tests.servers.tls import authority, certificates

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from engine.alerts.model import Alert
    from engine.settings import Settings

__all__ = ["authority", "certificates"]
TENANT = "acme"


@dataclass
class Receiver:
    """A webhook's other side: answers what the test says, and keeps what it was sent."""

    port: int = 0
    status: int = 200
    statuses: list[int] = field(default_factory=list)
    """Of the next requests; `status` is that of all later ones."""
    more: str = ""
    held: asyncio.Event | None = None
    silent: bool = False
    heads: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    open: set[asyncio.Task[Any]] = field(default_factory=set)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/s3cret-path"

    @property
    def keys(self) -> Counter[str]:
        """How often each key came."""
        return Counter(self.header(head, "idempotency-key") for head in self.heads)

    @staticmethod
    def header(head: str, name: str) -> str:
        lines = (line.partition(":") for line in head.splitlines())
        return next(value.strip() for key, _, value in lines if key.lower() == name)

    async def came(self, times: int) -> None:
        """Wait until that many requests have arrived."""
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(lambda: len(self.heads) >= times), 60)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection, and leave nothing of it."""
        task = asyncio.current_task()
        assert task is not None
        self.open.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self.answer(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            self.open.discard(task)

    async def end(self) -> None:
        """Let every connection come to its end."""
        if self.held is not None:
            self.held.set()
        while self.open:
            await asyncio.wait(self.open)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        body = await reader.readexactly(int(self.header(head, "content-length")))
        async with self.changed:
            self.heads.append(head)
            self.raw.append(body)
            self.bodies.append(json.loads(body))
            self.changed.notify_all()
        if self.held is not None:
            await self.held.wait()
        if not self.silent:
            status = self.statuses.pop(0) if self.statuses else self.status
            writer.write(
                f"HTTP/1.1 {status} Said\r\n{self.more}Content-Length: 0\r\n"
                "Connection: close\r\n\r\n".encode()
            )
            await writer.drain()


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    found = Receiver()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await found.end()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@dataclass
class World:
    """One workspace, told as a story: what goes wrong, what people do, what is sent."""

    workspace: Workspace
    clock: Any

    def open(self, name: str = "gpt", *, tenant: str | None = TENANT, **values: Any) -> int:
        """Put an incident in that is open since now; gives its number."""
        severity = values.pop("severity", "critical")
        told = {
            "tenant_id": tenant,
            "cause": "lamp",
            "key": f"lamp:{name}:{self.clock.now().timestamp()}",
            "title": f"{name} fails",
            "severity": severity,
            "severity_rank": 0 if severity == "critical" else 1,
            "gravity": gravity_of(severity),
            "worst": gravity_of(severity),
            "kind": "integration",
            "thing_id": f"id-{name}",
            "thing_name": name,
            "technology": "openai",
            "message": "HTTP 503",
            "opened_at": self.clock.now(),
            "search": name,
            **values,
        }
        with self.workspace.database.write() as connection:
            done = connection.execute(
                insert(incidents).values(**told).returning(incidents.c.number)
            )
            return int(done.scalar_one())

    def change(self, number: int, **values: Any) -> None:
        with self.workspace.database.write() as connection:
            connection.execute(
                update(incidents).where(incidents.c.number == number).values(**values)
            )

    def close(self, number: int, because: str = "recovered", **values: Any) -> None:
        self.change(number, closed_at=self.clock.now(), closed_because=because, **values)

    def acknowledge(self, number: int) -> None:
        self.change(
            number,
            acknowledged_at=self.clock.now(),
            acknowledged_by="dana",
            acknowledged_because="Looking into it",
        )

    def look(self, number: int, severity: str, *, level: float = 0, ago_s: float = 0) -> None:
        """Show an incident as bad as this, by what was found so many seconds ago."""
        with self.workspace.database.write() as connection:
            driver = IncidentsDriver(connection)
            row = driver.by_number(number, locked=True)
            assert row is not None
            at = self.clock.now() - timedelta(seconds=ago_s)
            looks = Looks(
                title=row.title,
                severity=severity,
                error=row.error,
                message=row.message,
                thing_name=row.thing_name,
                level=level,
            )
            keeping.look(driver, row, at, looks)

    def worsen(self, number: int, *, ago_s: float = 0) -> None:
        """Make what was a warning critical."""
        self.look(number, "critical", ago_s=ago_s)

    def reopen(self, number: int, relapses: int) -> None:
        self.change(number, closed_at=None, closed_because=None, relapses=relapses)

    async def channel(self, url: str, name: str = "hook", **fields: Any) -> str:
        alerts_ = self.workspace.alerts
        return (await alerts_.add_channel(TENANT, name, "webhook", url=url, **fields)).id

    async def routed(self, url: str, **fields: Any) -> str:
        """Add a webhook, and a route to it that waits for nothing; gives the channel's id."""
        channel = await self.channel(url)
        await self.workspace.alerts.add_route(TENANT, channel, **({"wait_s": 0} | fields))
        return channel

    def sender(self) -> Sender:
        found = self.workspace
        return Sender(found, found.credentials.core, found.http_client)

    async def tell(self, seconds: float = 0) -> None:
        """Let time pass, and send all that is due then."""
        self.clock.advance(seconds)
        sender = self.sender()
        while await sender.look():
            await sender.settle()

    async def log(self, **more: Any) -> list[tuple[str, str]]:
        """Event and state of each alert, the oldest first."""
        found = await self.alerts(**more)
        return [(one.event, one.state) for one in found]

    async def alerts(self, **more: Any) -> list[Alert]:
        page = await self.workspace.alerts.page(TENANT, **more)
        return list(reversed(page.items))

    def forge(self, alert_id: int, **values: Any) -> None:
        """Change a row of the outbox by hand."""
        with self.workspace.database.write() as connection:
            connection.execute(update(alerts).where(alerts.c.id == alert_id).values(**values))


@asynccontextmanager
async def world_on(settings: Settings) -> AsyncIterator[World]:
    clock = FixedClock(NOON)
    workspace = Workspace.open(settings, clock=clock, origin="monitor")
    with workspace.database.write() as connection:
        for tenant in (TENANT, "other"):
            TenantsDriver(connection).ensure(tenant, tenant, clock.now())
    try:
        yield World(workspace, clock)
    finally:
        await workspace.aclose()


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    async with world_on(settings) as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of either kind with the newest schema."""
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path / 'shared.db'}"
        Database.open(found).close()
        yield found
        return
    with migrated_schema() as found:
        yield found


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)
