"""What goes out, what comes back, and what can go wrong between: plain records, no network.

Header values and bodies may carry secrets, so no `repr` here shows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

DEFAULT_DEADLINE_S = 10.0
DEFAULT_CONNECT_S = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """One step of a check: its name, how many milliseconds it took, whether it passed."""

    name: str
    ms: float
    ok: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpRequest:
    """One request, with the time it may take.

    Attributes:
        method: The verb, upper case.
        url: Absolute http or https address, without user or password in it.
        headers: Name to value; may hold secrets.
        body: Bytes to send, if any.
        deadline_s: Seconds for the whole exchange, from resolving to the last byte.
        connect_s: Seconds for reaching the address, within the deadline.
        max_body: The most bytes of the answer; None is the client's own limit.
        ssl_context: Whom to trust for this request; None is the client's own trust.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    deadline_s: float = DEFAULT_DEADLINE_S
    connect_s: float = DEFAULT_CONNECT_S
    max_body: int | None = None
    ssl_context: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        parts = urlsplit(self.url)
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        return f"HttpRequest({self.method} {place}, headers={sorted(self.headers)})"


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpAnswer:
    """An answer that arrived whole, within its deadline and size.

    Attributes:
        status: 200 to 999.
        reason: The server's phrase, without control characters.
        headers: Names in lower case; repeated ones are joined by ", ".
        body: Decoded of gzip or deflate, at most the client's `max_body` bytes.
        latency_ms: From sending to the last byte of the body; waiting before the start not in it.
        stages: resolve, connect, tls, response (to the headers) and body.
        loop_lag_ms: How late the event loop ran during this exchange, at worst.
    """

    status: int
    reason: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    latency_ms: float
    stages: tuple[Stage, ...] = ()
    loop_lag_ms: float = 0.0


class HttpFault(Exception):  # noqa: N818 - an outcome of the network, not a mistake of ours
    """An exchange that brought no usable answer.

    Attributes:
        code: The cause as a word (`refused`, `tls_expired`, `deadline`, `address_blocked`).
        stage: Where it ended: request, address, resolve, connect, tls, response or body.
        message: One sentence for people.
        remedy: What to do about it.
        latency_ms: Milliseconds until the fault; None when nothing was sent.
        stages: The steps up to and with the one that failed.
        loop_lag_ms: How late the event loop ran meanwhile, at worst.
    """

    def __init__(  # noqa: PLR0913 - a record of what happened, all by name
        self,
        *,
        code: str,
        stage: str,
        message: str,
        remedy: str = "",
        latency_ms: float | None = None,
        stages: tuple[Stage, ...] = (),
        loop_lag_ms: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.stage = stage
        self.message = message
        self.remedy = remedy
        self.latency_ms = latency_ms
        self.stages = stages
        self.loop_lag_ms = loop_lag_ms
