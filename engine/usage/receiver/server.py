"""OTLP/HTTP on a socket: who may send, what, how much and how slowly.

aiohttp's low-level server, because there are two addresses and no pages; it does not unpack
bodies here, so that what a packed body comes to is bounded by us.
"""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from aiohttp import web

from engine.errors import InvalidInput
from engine.http import listening
from engine.http.body import read_body
from engine.http.listening import Place, is_loopback
from engine.http.messages import HttpFault
from engine.usage.receiver import answers
from engine.usage.receiver.decoding import EXTRA, JSON, PROTOBUF, can_read_protobuf
from engine.usage.receiver.intake import SIGNALS, Intake, busy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine.usage.receiver.answers import Answer
    from engine.usage.receiver.bounds import Bounds

PORT = 4318
"""OTLP/HTTP's own."""

_PATHS = {f"/v1/{signal}": signal for signal in SIGNALS}
_CHUNK = 65_536
_SHORTEST_TOKEN = 16
_LAST_S = 5.0
_LINGER_S = 2.0
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", ""})
_FAULTS = {"too_large": 413, "unsupported_encoding": 415}


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """Where a receiver listens, and what who sends has to know.

    Attributes:
        host: An address of this machine, or `localhost`.
        port: 0 for any that is free.
        token: What `Authorization: Bearer` must say; empty for nothing, on loopback only.
    """

    host: str = "127.0.0.1"
    port: int = PORT
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse what would let anybody in.

        Raises:
            InvalidInput: It is beyond loopback without a token, or the token is a short one.
        """
        if self.token and len(self.token) < _SHORTEST_TOKEN:
            raise InvalidInput(
                f"The token has less than {_SHORTEST_TOKEN} characters.",
                hint="Make one with: openssl rand -hex 32",
                field="token",
            )
        if not self.token and not self.local:
            raise InvalidInput(
                f"Beyond this machine ({self.host}) a receiver needs a token.",
                hint="Give --token-stdin, or set LAMPBOARD_OTLP_TOKEN; or listen on 127.0.0.1.",
                field="token",
            )

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)


class Receiver:
    """Listens while it is entered; leaving waits for what is under way.

    Args:
        intake: Makes usage of requests.
        endpoint: Where to listen.
        bounds: What is too much.
    """

    def __init__(self, intake: Intake, endpoint: Endpoint, bounds: Bounds) -> None:
        self._intake, self._endpoint, self._bounds = intake, endpoint, bounds
        self._busy = 0
        self._place: Place | None = None
        self._protobuf = can_read_protobuf()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._endpoint.port if self._place is None else self._place.port

    async def __aenter__(self) -> Self:
        server = web.Server(
            self._handle,
            auto_decompress=False,
            access_log=None,
            logger=listening.logger,
            keepalive_timeout=self._bounds.request_s,
            # What comes of a body after its refusal is thrown away so long, that it can be read.
            lingering_time=_LINGER_S,
        )
        runner = web.ServerRunner(server, shutdown_timeout=_LAST_S)
        self._place = Place(
            runner, self._endpoint.host, self._endpoint.port, most=self._bounds.connections
        )
        await self._place.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._place is not None:
            await self._place.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        kind = request.content_type
        told = kind if kind in {JSON, PROTOBUF} else JSON
        answer = self._turned_away(request, kind, told)
        if answer is None:
            # Counted before the first byte of a body is read: what is not read is not held.
            self._busy += 1
            try:
                answer = await self._received(request, told)
            finally:
                self._busy -= 1
        else:
            self._intake.note(answer.status)
        return _written(answer)

    def _turned_away(self, request: web.BaseRequest, kind: str, told: str) -> Answer | None:
        """Return why a request is not even read; None when it is."""
        if request.path not in _PATHS:
            return answers.refused(404, f"There are {' and '.join(_PATHS)} here.", told)
        if request.method != "POST":
            return answers.refused(405, "Only POST is taken here.", told, Allow="POST")
        refusal = self._stranger(request, told)
        if refusal is not None:
            return refusal
        if kind not in {JSON, PROTOBUF} or (kind == PROTOBUF and not self._protobuf):
            return answers.refused(415, self._not_taken(kind), JSON)
        if (request.content_length or 0) > self._bounds.body:
            return _too_large(self._bounds, told)
        return busy(told) if self._busy >= self._bounds.waiting else None

    def _stranger(self, request: web.BaseRequest, told: str) -> Answer | None:
        if self._endpoint.token:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
            if hmac.compare_digest(given.encode("utf-8", "replace"), self._endpoint.token.encode()):
                return None
            message = "The token is missing or wrong: send Authorization: Bearer <token>."
            return answers.refused(401, message, told, WWW_Authenticate="Bearer")
        # A page in a browser on this machine can reach loopback, under a name of its own too.
        host = request.headers.get("Host", "").rsplit(":", 1)[0].lower()
        own = host in _LOCAL_NAMES or host == self._endpoint.host
        if own and "Origin" not in request.headers:
            return None
        return answers.refused(403, "Requests of other places are not taken here.", told)

    def _not_taken(self, kind: str) -> str:
        if kind == PROTOBUF:
            return (
                f"Protobuf is not read here: install the extra {EXTRA!r} (lampboard[{EXTRA}]),"
                " or send JSON (OTEL_EXPORTER_OTLP_PROTOCOL=http/json)."
            )
        return f"Only {JSON} and {PROTOBUF} are taken here."

    async def _received(self, request: web.BaseRequest, kind: str) -> Answer:
        try:
            async with asyncio.timeout(self._bounds.request_s):
                body = await self._body(request)
        except TimeoutError:
            answer = answers.refused(408, "The request took too long to arrive.", kind)
        except HttpFault as fault:
            answer = self._unreadable(fault, kind)
        else:
            return await self._intake.take(_PATHS[request.path], kind, body)
        self._intake.note(answer.status)
        return answer

    async def _body(self, request: web.BaseRequest) -> bytes:
        return await read_body(
            self._chunks(request),
            coding=request.headers.get("Content-Encoding", ""),
            length="",
            limit=self._bounds.unpacked,
        )

    async def _chunks(self, request: web.BaseRequest) -> AsyncIterator[bytes]:
        taken = 0
        while chunk := await request.content.read(_CHUNK):
            taken += len(chunk)
            if taken > self._bounds.body:
                raise HttpFault(code="too_large", stage="body", message="")
            yield chunk

    def _unreadable(self, fault: HttpFault, kind: str) -> Answer:
        status = _FAULTS.get(fault.code, 400)
        if status == 413:  # noqa: PLR2004 - HTTP's own
            return _too_large(self._bounds, kind)
        if status == 415:  # noqa: PLR2004 - HTTP's own
            return answers.refused(415, "Of compressions only gzip is read here.", kind)
        return answers.refused(400, "The request says that it is packed, but it is not.", kind)


def _too_large(bounds: Bounds, kind: str) -> Answer:
    mib = 1024 * 1024
    return answers.refused(
        413,
        f"The request has more than {bounds.body // mib} MiB"
        f" ({bounds.unpacked // mib} MiB unpacked).",
        kind,
    )


def _written(answer: Answer) -> web.Response:
    response = web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))
    response.content_type = answer.kind
    if answer.status != answers.OK:
        # What was not read is not waited for.
        response.force_close()
    return response
