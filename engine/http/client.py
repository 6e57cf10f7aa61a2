"""The one way out over HTTP: shared client, shared TLS context, hard limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.http.addresses import AddressPolicy

if TYPE_CHECKING:
    import ssl

    from engine.http.messages import HttpAnswer, HttpRequest

MAX_BODY = 4 * 1024 * 1024


class HttpClient:
    """Sends requests, each within its own deadline, size and address rule.

    Made inside a running event loop; heavy libraries are imported when the first one is made.
    """

    def __init__(
        self,
        policy: AddressPolicy | None = None,
        *,
        max_connections: int = 200,
        max_body: int = MAX_BODY,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy or AddressPolicy()
        self._max_connections = max_connections
        self._max_body = max_body
        self._ssl_context = ssl_context

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send one request and read the whole answer; raises HttpFault."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close every socket; pending requests end with a fault."""
