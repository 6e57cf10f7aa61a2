"""The one way out over HTTP: one shared transport, one TLS context, hard limits.

httpx's requests and answers over the httpx-aiohttp transport, without httpx's client layer, which
would keep cookies, log addresses and cost a third more (CPU for a check of a distinct host on
loopback: plain httpx 0.80 ms, its client over this transport 0.35, the transport alone 0.24).
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import aclosing
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from engine.http.addresses import AddressPolicy, parse_host
from engine.http.body import read_body
from engine.http.lag import LagSampler
from engine.http.messages import HttpAnswer, HttpFault
from engine.http.resolver import Resolver
from engine.http.steps import CURRENT, Steps
from engine.http.urls import require_headers, require_url

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    import httpx
    from httpx_aiohttp import AiohttpTransport

    from engine.http.messages import HttpRequest

# No provider's list of models comes near; parsing this much stays within 20 MiB.
MAX_BODY = 2 * 1024 * 1024
_DEFAULTS = {"user-agent": "Lampboard", "accept": "application/json"}
# A reused connection would hide that a new one fails, and could hold a stranger's bytes.
_ALWAYS = {"accept-encoding": "identity", "connection": "close"}


class HttpClient:
    """Sends requests, each within its own deadline, size and address rule.

    No redirects, cookies, proxies, netrc, certificates or anything else from the environment. To
    be used in one event loop; the libraries are imported and sockets made at the first `send`.
    """

    def __init__(
        self,
        policy: AddressPolicy | None = None,
        *,
        max_connections: int = 200,
        max_body: int = MAX_BODY,
        ssl_context: ssl.SSLContext | None = None,
        resolve: Callable[[str], Awaitable[tuple[str, ...]]] | None = None,
    ) -> None:
        """Prepare a client.

        Args:
            policy: The operator's exceptions to the address rule.
            max_connections: Exchanges at once; more wait, and their waiting is not timed.
            max_body: The most bytes of an answer, packed or not.
            ssl_context: Whom to trust instead of the certifi bundle.
            resolve: Looks a name up, instead of the system.
        """
        self._policy = policy or AddressPolicy()
        self._max_body = max_body
        self._ssl_context = ssl_context
        self._resolve = resolve or Resolver()
        self._slots = asyncio.Semaphore(max_connections)
        self._lag = LagSampler()
        self._transport: AiohttpTransport | None = None

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send one request and read the whole answer.

        Raises:
            HttpFault: There was no usable answer; `code` and `stage` say why.
        """
        require_url(request.url)
        require_headers(request.headers)
        if self._transport is None:
            self._transport = _make_transport(self._policy, self._resolve, self._ssl_context)
        async with self._slots:
            return await self._timed(request, self._transport)

    async def aclose(self) -> None:
        """Close every socket; requests under way end with a fault."""
        self._lag.stop()
        if self._transport is not None:
            transport, self._transport = self._transport, None
            await transport.aclose()

    async def _timed(self, request: HttpRequest, transport: AiohttpTransport) -> HttpAnswer:
        """Run one exchange within its deadline, with times on whatever comes out of it."""
        connect_by = asyncio.get_running_loop().time() + request.connect_s
        steps = Steps(connect_by, request.ssl_context)
        CURRENT.set(steps)
        self._lag.begin()
        try:
            response, body = await self._within_deadline(request, transport, steps)
            latency_ms = steps.elapsed_ms
        except HttpFault as fault:
            _complete(fault, steps, self._lag.worst_since(steps.started))
            raise
        finally:
            self._lag.end()
        return HttpAnswer(
            status=response.status_code,
            reason=_printable(response.reason_phrase),
            headers=dict(response.headers),
            body=body,
            latency_ms=latency_ms,
            stages=steps.finish(ok=True),
            loop_lag_ms=self._lag.worst_since(steps.started),
        )

    async def _within_deadline(
        self, request: HttpRequest, transport: AiohttpTransport, steps: Steps
    ) -> tuple[httpx.Response, bytes]:
        from engine.http import faults

        try:
            async with asyncio.timeout(request.deadline_s):
                return await self._exchange(request, transport, steps)
        except TimeoutError as error:
            raise faults.timeout_fault(steps.stage) from error
        except HttpFault:
            raise
        except Exception as error:
            # The transport gives several errors the wrong one of httpx's names (a lost
            # connection becomes a connect timeout); aiohttp's own, its cause, is exact.
            raise faults.broken_fault(_original(error), steps.stage) from error

    async def _exchange(
        self, request: HttpRequest, transport: AiohttpTransport, steps: Steps
    ) -> tuple[httpx.Response, bytes]:
        self._judge(request.url, steps)
        response = await transport.handle_async_request(_outgoing(request))
        stream = cast("httpx.AsyncByteStream", response.stream)
        try:
            steps.enter("body")
            chunks = cast("AsyncGenerator[bytes]", aiter(stream))
            # Closed here and now: a generator left to the collector is closed in a later task.
            async with aclosing(chunks):
                body = await read_body(
                    chunks,
                    coding=response.headers.get("content-encoding", ""),
                    length=response.headers.get("content-length", ""),
                    limit=self._max_body if request.max_body is None else request.max_body,
                )
        finally:
            await stream.aclose()
        return response, body

    def _judge(self, url: str, steps: Steps) -> None:
        """Refuse a blocked address here: httpx takes no URL with some of its spellings."""
        from engine.http.faults import blocked_fault

        host = parse_host(urlsplit(url).hostname or "")
        if host.address is not None and not self._policy.permits(host, host.address):
            steps.stage = "address"
            raise blocked_fault(host.text, [str(host.address)])


def _make_transport(
    policy: AddressPolicy,
    resolve: Callable[[str], Awaitable[tuple[str, ...]]],
    context: ssl.SSLContext | None,
) -> AiohttpTransport:
    import aiohttp
    from httpx_aiohttp import AiohttpTransport

    from engine.http.connector import CheckedConnector

    session = aiohttp.ClientSession(
        connector=CheckedConnector(policy, resolve, context),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )
    # aiohttp sends a GET again when the connection breaks before the answer. That is for reused
    # connections; here it would double the load on a broken provider and hide a fault.
    session._retry_connection = False  # noqa: SLF001 - there is no public switch
    # The connector has the real context. Given none, the transport would build one more (80 ms),
    # so it gets an empty one, which trusts nobody.
    unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return AiohttpTransport(client=session, verify=unused, trust_env=False)


def _outgoing(request: HttpRequest) -> httpx.Request:
    import httpx

    given = {name.lower(): value for name, value in request.headers.items()}
    headers = {**_DEFAULTS, **given, **_ALWAYS}
    return httpx.Request(request.method, request.url, headers=headers, content=request.body)


def _original(error: Exception) -> Exception:
    import httpx

    cause = error.__cause__
    return cause if isinstance(error, httpx.HTTPError) and isinstance(cause, Exception) else error


def _complete(fault: HttpFault, steps: Steps, lag_ms: float) -> None:
    fault.latency_ms = steps.elapsed_ms if steps.stage != "address" else None
    fault.stages = steps.finish(ok=False)
    fault.loop_lag_ms = lag_ms


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())
