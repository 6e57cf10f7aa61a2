"""Byte streams to the address that was judged, for drivers that can be handed a connection."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING

from engine.probes.refusals import of_fault

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import AsyncIterator

    from engine.probes.attempt import Attempt
    from engine.probes.refusals import Refused

    Channel = tuple[asyncio.StreamReader, asyncio.StreamWriter]

# So that a check that is late ends as one that is late, not as one that was hung up on.
_AFTER_DEADLINE_S = 0.02


@asynccontextmanager
async def open_channel(
    attempt: Attempt, host: str, port: int, *, tls: bool | None = None
) -> AsyncIterator[Channel]:
    """Hold a connection to a host, by the stages connect and tls; it ends with the block.

    It ends with the deadline as well: a driver that is told to stop may say goodbye first, and
    would wait for an answer for up to half a minute.

    Args:
        attempt: The check under way.
        host: Where to go.
        port: Its port.
        tls: Whether to speak TLS from the first byte on; None is what the place says.

    Raises:
        Refused: There is no connection to be had.
    """
    encrypted = attempt.place.tls if tls is None else tls
    context = attempt.trust() if encrypted else None
    sock = await attempt.connect(host, port)
    if context is None:
        channel = await asyncio.open_connection(sock=sock)
    else:
        async with attempt.stage("tls"):
            channel = await secured(sock, context, host)
    transport = channel[1].transport
    late = attempt.remaining_s + _AFTER_DEADLINE_S
    end = asyncio.get_running_loop().call_later(late, transport.abort)
    try:
        yield channel
    finally:
        end.cancel()
        # Closing politely would keep a TLS socket until the other side agrees.
        transport.abort()


async def secured(sock: socket.socket, context: ssl.SSLContext, host: str) -> Channel:
    """Shake hands over a connected socket and take it over.

    Raises:
        Refused: What is wrong with the certificate or the handshake.
    """
    peer, name = sock.getpeername(), host.rstrip(".")
    try:
        return await asyncio.open_connection(sock=sock, ssl=context, server_hostname=name)
    except OSError as error:
        raise await tls_refused(error, peer, name) from error


async def tls_refused(error: OSError, peer: tuple[str, int], name: str) -> Refused:
    """Return why a handshake failed, with the day for a certificate that has expired.

    Args:
        error: What the handshake ended with.
        peer: Address and port of the other side.
        name: The name that it was asked for.
    """
    from engine.http.tls import dated, tls_fault

    return of_fault(await dated(tls_fault(error), ip_address(peer[0]), peer[1], name))
