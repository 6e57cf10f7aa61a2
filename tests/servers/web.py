"""A web server: the stranger that most often listens where something else was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.hostile import hostile, say

if TYPE_CHECKING:
    import ssl
    from contextlib import AbstractAsyncContextManager

    from tests.servers.hostile import Hostile

_BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def web(*, tls: ssl.SSLContext | None = None) -> AbstractAsyncContextManager[Hostile]:
    """Answer whatever comes first with `400 Bad Request`, and hang up, until the block ends."""
    return hostile(say(_BAD_REQUEST), tls=tls)
