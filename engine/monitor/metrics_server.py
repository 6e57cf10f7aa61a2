"""`/metrics` and `/healthz` of one monitor, in its own event loop.

aiohttp's low-level server, because there are two addresses. What it answers names tenants and
integrations, so on loopback it answers this machine's own names alone: a page in a browser could
ask under another one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import TYPE_CHECKING, Self

from aiohttp import web

from engine.errors import WorkspaceError
from engine.health.rules import BEAT_TIMEOUT
from engine.http import listening
from engine.http.listening import IDLE_S, Place, is_loopback
from engine.monitor.pulse import version

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.monitor.metrics import Metrics
    from storage.metrics import BoardRow

logger = logging.getLogger(__name__)

LOOK_S = 5.0
"""How long an answer waits for the database."""

KEEP_S = 1.0
"""How long what was read is told again: several may ask, and the board is counted once."""

ROUND_S = 30.0
"""How old the last round of the loop may be: it makes one at every heartbeat."""

_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
_MOST_CONNECTIONS = 32


class MetricsServer:
    """Listens while it is entered.

    Args:
        hop: The way to the database.
        metrics: What is told.
        place: HOST:PORT; port 0 is any that is free.
    """

    def __init__(self, hop: Hop, metrics: Metrics, place: str) -> None:
        self._hop, self._metrics = hop, metrics
        host, _, port = place.rpartition(":")
        self._host, self._port = host.strip("[]"), int(port)
        self._place: Place | None = None
        self._writing = asyncio.Lock()
        self._look: asyncio.Task[None] | None = None
        self._looked = float("-inf")

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port if self._place is None else self._place.port

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            InvalidInput: The place cannot be listened on.
        """
        server = web.Server(
            self._handle, access_log=None, logger=listening.logger, keepalive_timeout=IDLE_S
        )
        self._place = Place(
            web.ServerRunner(server, shutdown_timeout=0.1),
            self._host,
            self._port,
            most=_MOST_CONNECTIONS,
            flags="--metrics HOST:PORT",
            field="metrics",
        )
        await self._place.open()
        logger.info("Metrics are served at %s.", self._place.name)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._place is not None:
            await self._place.close()
        if self._look is not None:
            self._look.cancel()
            await asyncio.wait({self._look})

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method not in {"GET", "HEAD"}:
            return web.Response(status=405, text="Only GET is answered here.\n")
        if not self._is_own(request.headers.get("Host", "")):
            return web.Response(status=403, text="This is not a name of this machine.\n")
        match request.path:
            case "/metrics":
                return await self._told(request.headers.get("Accept", ""))
            case "/healthz":
                return await self._health()
            case _:
                return web.Response(status=404, text="There are /metrics and /healthz here.\n")

    def _is_own(self, named: str) -> bool:
        """Tell whether a request is for this place, where only this machine can reach it."""
        if not is_loopback(self._host):
            return True
        return named.lower().removesuffix(f":{self.port}") in {*_LOCAL, self._host}

    async def _told(self, accept: str) -> web.Response:
        from prometheus_client.exposition import choose_encoder

        await self._see()
        encode, kind = choose_encoder(accept)
        # In a thread: of many technologies it takes longer than checks may wait for the loop.
        async with self._writing:
            body = await asyncio.to_thread(encode, self._metrics.registry)
        return web.Response(body=body, headers={"Content-Type": kind})

    async def _health(self) -> web.Response:
        """Answer 200 where the database, the heartbeat and the loop are well, else 503."""
        await self._see()
        metrics, now = self._metrics, time.time()
        # A monitor that has just begun gets as long for its first as for any other.
        beat_s, round_s = (
            round(now - max(at, metrics.began_at), 3) for at in (metrics.beat_at, metrics.round_at)
        )
        told = {
            "database": metrics.board.row is not None,
            "beat": beat_s <= BEAT_TIMEOUT.total_seconds(),
            "round": round_s <= ROUND_S,
        }
        well = all(told.values())
        body = {
            "status": "ok" if well else "failing",
            "failing": [name for name, fine in told.items() if not fine],
            "last_beat_s": beat_s,
            "last_round_s": round_s,
            "version": version(),
        }
        return web.Response(
            status=200 if well else 503,
            text=json.dumps(body) + "\n",
            content_type="application/json",
        )

    async def _see(self) -> None:
        """Have the board read, once for all who ask; what takes too long counts as not read."""
        now = time.monotonic()
        if self._look is None and now - self._looked < KEEP_S:
            return
        if self._look is None:
            self._look = asyncio.create_task(self._read())
        done, _ = await asyncio.wait({self._look}, timeout=LOOK_S)
        if not done:
            self._metrics.board.row, self._metrics.board.read_at = None, self._hop.clock.now()

    async def _read(self) -> None:
        board = self._metrics.board
        try:
            board.row = await self._hop.read(self._count)
        except WorkspaceError as error:
            board.row = None
            logger.warning("The board could not be read for its metrics: %s", error.message)
        finally:
            board.read_at = self._hop.clock.now()
            self._looked = time.monotonic()
            self._look = None

    def _count(self, connection: Connection) -> BoardRow:
        from storage.metrics import board

        now = self._hop.clock.now()
        return board(connection, now, now - BEAT_TIMEOUT)
