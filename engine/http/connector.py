"""Connections of our own making: found, judged, reached, secured, timed, and never reused.

Replaces aiohttp's TCPConnector, which would look a name up, connect and shake hands in one go:
here each step is timed and named in a fault, and the address that is judged is the one that is
connected to.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

import aiohappyeyeballs
import aiohttp

from engine.http.addresses import parse_host
from engine.http.faults import blocked_fault, connect_fault, timeout_fault
from engine.http.steps import CURRENT
from engine.http.tls import dated, make_context, shake_hands, tls_fault

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.client_reqrep import ClientRequest, ConnectionKey
    from aiohttp.tracing import Trace

    from engine.http.addresses import AddressPolicy, Host, IpAddress
    from engine.http.steps import Steps

    Resolve = Callable[[str], Awaitable[tuple[str, ...]]]

# RFC 8305: the next address is tried when the first has not answered for a quarter of a second.
_NEXT_ADDRESS_S = 0.25


class CheckedConnector(aiohttp.BaseConnector):
    """Makes one connection for each request, to permitted addresses only.

    It has no limit of its own: whoever sends waits before the exchange is timed.
    """

    def __init__(
        self, policy: AddressPolicy, resolve: Resolve, context: ssl.SSLContext | None
    ) -> None:
        super().__init__(force_close=True, limit=0)
        self._policy = policy
        self._resolve = resolve
        self._context = context

    async def _create_connection(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the library's signature
    ) -> ResponseHandler:
        del traces, timeout
        steps = CURRENT.get()
        host = parse_host(req.url.raw_host or "")
        try:
            async with asyncio.timeout_at(steps.connect_by):
                addresses = await self._find(host, steps)
                return await self._reach(host, addresses, req, steps)
        except OSError as error:
            # TimeoutError is one too, be it ours or the system's.
            raise connect_fault(error, steps.stage) from error

    async def _find(self, host: Host, steps: Steps) -> list[IpAddress]:
        """Return the permitted addresses of a host."""
        if host.address is not None:
            found = [host.address]
        else:
            steps.enter("resolve")
            found = [ip_address(text) for text in await self._resolve(host.text)]
        permitted = [address for address in found if self._policy.permits(host, address)]
        if not permitted:
            steps.stage = "address"
            raise blocked_fault(host.text, [str(address) for address in found])
        return permitted

    async def _reach(
        self, host: Host, addresses: list[IpAddress], req: ClientRequest, steps: Steps
    ) -> ResponseHandler:
        port = req.url.port or 0
        steps.enter("connect")
        sock = await aiohappyeyeballs.start_connection(
            [_info(address, port) for address in addresses],
            happy_eyeballs_delay=_NEXT_ADDRESS_S,
            interleave=1,
        )
        if not req.is_ssl():
            return await self._plain(sock, steps)
        name = str(host.address or host.text.rstrip("."))
        return await self._secure(sock, name, steps)

    async def _plain(self, sock: socket.socket, steps: Steps) -> ResponseHandler:
        loop = asyncio.get_running_loop()
        _, protocol = await loop.create_connection(self._factory, sock=sock)
        steps.enter("response")
        return protocol

    async def _secure(self, sock: socket.socket, name: str, steps: Steps) -> ResponseHandler:
        steps.enter("tls")
        peer = sock.getpeername()
        protocol = self._factory()
        try:
            await shake_hands(sock, protocol, steps.ssl_context or self._tls(), name)
        except TimeoutError as error:
            raise timeout_fault("tls") from error
        except OSError as error:
            raise await dated(tls_fault(error), ip_address(peer[0]), peer[1], name) from error
        steps.enter("response")
        return protocol

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = make_context()
        return self._context

    def _release(
        self, key: ConnectionKey, protocol: ResponseHandler, *, should_close: bool = False
    ) -> None:
        del should_close
        # Closing politely would keep a TLS socket for up to 30 s while the other side is asked
        # to agree; everything that was wanted has been read by now.
        protocol.abort()
        super()._release(key, protocol, should_close=True)


def _info(address: IpAddress, port: int) -> aiohappyeyeballs.AddrInfoType:
    if address.version == 4:  # noqa: PLR2004 - the number is the version's name
        return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (str(address), port))
    where = (str(address), port, 0, 0)
    return (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", where)
