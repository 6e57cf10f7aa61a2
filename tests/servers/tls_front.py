"""TLS in front of a server that has none: what is said is passed on, both ways."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.servers.hostile import hostile

if TYPE_CHECKING:
    import ssl
    from contextlib import AbstractAsyncContextManager

    from tests.servers.hostile import Hostile, Peer

_MUCH = 65_536


def tls_front(port: int, context: ssl.SSLContext) -> AbstractAsyncContextManager[Hostile]:
    """Serve what listens on `port` of loopback over TLS, until the block ends."""

    async def script(peer: Peer) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pass_on(peer.reader, writer))
                both.create_task(_pass_on(reader, peer.writer))
        finally:
            writer.transport.abort()

    return hostile(script, tls=context)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_MUCH):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    else:
        writer.close()
