"""A server that misbehaves on purpose: raw bytes over plain TCP or TLS, on loopback.

A script gets each connection and does with it what it likes; the server counts connections and
keeps what was sent to it.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

MODELS = {"object": "list", "data": [{"id": "model-a"}, {"id": "model-b"}]}
_DRIP_S = 0.05


@dataclass(slots=True)
class Peer:
    """One connection, as a script sees it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: Hostile

    async def request(self) -> bytes:
        """Read the head of a request, note it, return it."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        self.server.requests.append(head)
        return head

    async def send(self, *parts: bytes) -> None:
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()


if TYPE_CHECKING:
    Script = Callable[[Peer], Awaitable[None]]


@dataclass(slots=True)
class Hostile:
    """A running server.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        connects: How many connections it accepted.
        open: How many of them are open now.
        requests: The heads that scripts read.
    """

    port: int = 0
    scheme: str = "http"
    connects: int = 0
    open: int = 0
    requests: list[bytes] = field(default_factory=list)
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/v1/models"

    def opened(self) -> None:
        self.connects += 1
        self.open += 1
        self.idle.clear()

    def closed(self) -> None:
        self.open -= 1
        if not self.open:
            self.idle.set()


@asynccontextmanager
async def hostile(
    script: Script,
    *,
    tls: ssl.SSLContext | None = None,
    raw: bool = False,
    host: str = "127.0.0.1",
) -> AsyncIterator[Hostile]:
    """Serve `script` until the block ends.

    Args:
        script: What to do with each connection.
        tls: The server's context, for TLS.
        raw: Serve without TLS although the URL says https.
        host: What to listen on.
    """
    state = Hostile(scheme="https" if tls or raw else "http")
    tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
    over = False

    async def serve(peer: Peer) -> None:
        # The client hangs up on most of these, as it should.
        with suppress(OSError, asyncio.IncompleteReadError):
            await script(peer)

    def end(task: asyncio.Task[None]) -> None:
        tasks.pop(task).transport.abort()
        state.closed()

    # No coroutine: one that is cancelled before its first step would leave its connection open.
    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if over:
            writer.transport.abort()
            return
        state.opened()
        task = asyncio.create_task(serve(Peer(reader, writer, state)))
        tasks[task] = writer
        task.add_done_callback(end)

    server = await asyncio.start_server(accept, host, 0, ssl=tls, backlog=512)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        over = True
        server.close()
        for task in tuple(tasks):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


def answer(
    body: bytes | object = MODELS,
    *,
    status: str = "200 OK",
    kind: str = "application/json",
    headers: tuple[str, ...] = (),
) -> bytes:
    """The bytes of a well-formed answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers]
    if kind:
        lines.append(f"Content-Type: {kind}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def reply(*parts: bytes) -> Script:
    """Read a request, send the parts, close."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(*parts)
        await _goodbye(peer)

    return script


def healthy() -> Script:
    """Answer as a provider should."""
    return reply(answer())


def endless(head: bytes, again: bytes) -> Script:
    """Send the head, then the same bytes for ever, as fast as they are taken."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(head)
        while True:
            await peer.send(again)

    return script


def drip(head: bytes, again: bytes = b"a") -> Script:
    """Send the head, then a little for ever, slowly."""

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(head)
        while True:
            await peer.send(again)
            await asyncio.sleep(_DRIP_S)

    return script


async def silence(peer: Peer) -> None:
    """Accept, and say nothing."""
    await peer.reader.read()


async def hang_up(peer: Peer) -> None:
    """Read the request, then close without a word."""
    await peer.request()


async def reset(peer: Peer) -> None:
    """Read the request, then reset the connection."""
    await peer.request()
    _reset(peer)


async def reset_at_once(peer: Peer) -> None:
    """Reset the connection on the first byte."""
    await peer.reader.read(1)
    _reset(peer)


def _reset(peer: Peer) -> None:
    # Lingering for no time makes the close a reset.
    sock = peer.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def say(data: bytes) -> Script:
    """Send bytes to whoever connects, whatever they send."""

    async def script(peer: Peer) -> None:
        await peer.reader.read(1)
        await peer.send(data)
        await _goodbye(peer)

    return script


async def _goodbye(peer: Peer) -> None:
    # Ends our side and waits for the other, so that the last bytes are not lost in a reset.
    if peer.writer.can_write_eof():
        peer.writer.write_eof()
    await peer.reader.read()
