"""A door of our own for drivers that only dial themselves: what goes through it is watched.

Such a driver looks names up again, cannot be stopped, and trusts whoever answers. It dials a port
of loopback instead; behind that is the connection to the judged address, which ends with the
check, and whose first bytes are looked at before the driver sees them.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from engine.probes.channels import open_channel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from engine.probes.attempt import Attempt
    from engine.probes.channels import Channel

HOST = "127.0.0.1"
_CHUNK = 65_536


class Relay:
    """One door, for one connection.

    Attributes:
        port: Where the driver is to dial, on `HOST`.
        stranger: Whether what answered was not let through, because it speaks something else.
    """

    def __init__(self, behind: Channel, head: int, believes: Callable[[bytes], bool]) -> None:
        self.port = 0
        self.stranger = False
        self._behind = behind
        self._head = head
        self._believes = believes
        self._used = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join the driver to what is behind the door; whoever comes second is turned away."""
        used, self._used = self._used, True
        theirs, ours = self._behind
        try:
            if not used:
                await _both(self._inward(theirs, writer), _pass_on(reader, ours))
        finally:
            writer.transport.abort()

    async def _inward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readexactly(self._head)
        if not self._believes(head):
            self.stranger = True
            return
        writer.write(head)
        await _pass_on(reader, writer)


@asynccontextmanager
async def open_relay(
    attempt: Attempt, host: str, port: int, *, head: int, believes: Callable[[bytes], bool]
) -> AsyncIterator[Relay]:
    """Hold a door to a host, which is connected to already; it closes with the block.

    Args:
        attempt: The check under way.
        host: Where to go.
        port: Its port.
        head: How many bytes an answer has at least.
        believes: Looks at the first so many bytes of the answer: does it speak the protocol?

    Raises:
        Refused: There is no connection to be had.
    """
    async with open_channel(attempt, host, port, tls=False) as behind:
        relay = Relay(behind, head, believes)
        server = await asyncio.start_server(relay.serve, HOST, 0)
        relay.port = server.sockets[0].getsockname()[1]
        try:
            yield relay
        finally:
            server.close()
            # The driver, which may be in a thread of its own, ends when it reads the end.
            behind[1].transport.abort()


async def _both(*ways: Coroutine[Any, Any, None]) -> None:
    """Run both directions until one of them ends."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
