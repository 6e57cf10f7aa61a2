"""NATS: read the greeting, log in, and look at JetStream.

The greeting says whether the server wants TLS. nats-py would follow it in both directions: send
the password in the clear to a server that offers no TLS, and speak TLS unasked. Here the place
decides, and a server that differs is refused before anything secret is sent.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from engine.probes.channels import open_channel
from engine.probes.refusals import (
    NO_TLS,
    Refused,
    closed,
    no_such,
    password_rejected,
    translated,
    wrong_protocol,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from nats.aio.client import Client

    from engine.probes.attempt import Attempt
    from engine.probes.channels import Channel
    from engine.probes.place import Place

_TITLE = "NATS"
_PORT = 4222
_INFO = b"INFO "
# The attempt's deadline ends everything first; the driver asks for a limit of its own.
_NEVER_S = 60
_NOT_FOUND = "Check the stream's name and the account that this user belongs to."


async def probe(attempt: Attempt) -> dict[str, object]:
    """Log in, and see that the stream is there where one is named."""
    async with open_client(attempt) as (client, info):
        return await _described(attempt, client, info)


@asynccontextmanager
async def open_client(attempt: Attempt) -> AsyncIterator[tuple[Client, dict[str, object]]]:
    """Hold a client that is logged in, and the server's greeting.

    Raises:
        Refused: It could not be had.
    """
    host, port = attempt.where(_PORT)
    async with open_channel(attempt, host, port, tls=False) as channel:
        with translated(partial(_meaning, attempt)):
            client, info = await _log_in(attempt, channel, host)
        try:
            yield client, info
        finally:
            await client.close()


async def _log_in(
    attempt: Attempt, channel: Channel, host: str
) -> tuple[Client, dict[str, object]]:
    from nats.aio.client import Client

    place = attempt.place
    transport = _handed_over()(attempt, channel)
    client = Client()
    client._transport = transport  # noqa: SLF001 - there is no public way to hand one over
    token = place.api_key or (None if place.username else place.password)
    await client.connect(
        f"nats://{'localhost' if ':' in host else host}:{place.port or _PORT}",
        name="lampboard",
        allow_reconnect=False,
        connect_timeout=_NEVER_S,
        error_cb=_nothing,
        user=place.username or None,
        password=place.password if place.username else None,
        token=token,
        tls=attempt.trust() if place.tls else None,
        tls_hostname=host.rstrip("."),
    )
    return client, transport.info


async def _described(
    attempt: Attempt, client: Client, info: dict[str, object]
) -> dict[str, object]:
    details: dict[str, object] = {
        "server": f"{_TITLE} {info.get('version', '')}".strip(),
        "jetstream": bool(info.get("jetstream")),
    }
    if stream := attempt.place.database:
        if not info.get("jetstream"):
            raise no_such("stream", stream, "Enable JetStream on this server, or name no stream.")
        async with attempt.stage("open"):
            details["messages"] = await _messages(client, stream)
    return details


async def _messages(client: Client, stream: str) -> int:
    from nats.errors import TimeoutError as Unanswered
    from nats.js.errors import NotFoundError, ServiceUnavailableError

    try:
        return (await client.jetstream(timeout=1).stream_info(stream)).state.messages
    except NotFoundError:
        raise no_such("stream", stream, _NOT_FOUND) from None
    except ServiceUnavailableError:
        raise no_such("stream", stream, "JetStream is off for this account.") from None
    except ValueError:
        raise no_such("stream", stream, "A stream's name has no blanks, dots or stars.") from None
    except Unanswered:
        # The server tells a missing permission apart from the request, and never answers it.
        raise Refused(
            "access_denied",
            f"JetStream does not answer this user about the stream {stream}.",
            "Let this user publish to $JS.API.STREAM.INFO.> and subscribe to _INBOX.>.",
        ) from None


async def _nothing(error: Exception) -> None:
    """Take the driver's word of an error, which comes as an exception too."""


@lru_cache(maxsize=1)
def _handed_over() -> Any:
    """Return nats-py's transport, made to use a connection that stands, in stages."""
    from nats.aio.transport import TcpTransport

    class HandedOver(TcpTransport):
        """A transport of one connection; `info` is the server's greeting."""

        def __init__(self, attempt: Attempt, channel: Channel) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self._attempt = attempt
            # Set from the start: a transport without them counts as none, and is replaced.
            self._bare_io_reader, self._bare_io_writer = channel
            self._io_reader, self._io_writer = channel
            self.info: dict[str, object] = {}

        async def connect(self, *_: Any, **__: Any) -> None:
            """Do nothing: the connection stands."""

        async def connect_tls(self, *given: Any) -> None:
            async with self._attempt.stage("tls"):
                await super().connect_tls(*given)

        async def readline(self) -> bytes:
            """Return the greeting, then the answer to the login."""
            if self.info:
                async with self._attempt.stage("authenticate"):
                    return await self._line()
            async with self._attempt.stage("greet"):
                line = await self._line()
                self.info = _greeting(line)
                return _INFO + json.dumps(_agreed(self.info, self._attempt.place)).encode()

        async def _line(self) -> bytes:
            return bytes(await super().readline())  # type: ignore[no-untyped-call]

        def close(self) -> None:
            # Closing politely would wait for the other side's goodbye.
            if self._io_writer is not None:
                self._io_writer.transport.abort()

    return HandedOver


def _greeting(line: bytes) -> dict[str, object]:
    if not line:
        raise closed("greet", _TITLE)
    try:
        info = json.loads(line.removeprefix(_INFO))
    except ValueError:
        info = None
    if not line.startswith(_INFO) or not isinstance(info, dict):
        raise wrong_protocol(_TITLE)
    return info


def _agreed(info: dict[str, object], place: Place) -> dict[str, object]:
    """Return a greeting that says of TLS what the place says."""
    if info.get("tls_required") and not place.tls:
        raise Refused("tls_required", "The server lets nobody in without TLS.", "Switch TLS on.")
    if place.tls and not (info.get("tls_required") or info.get("tls_available")):
        raise Refused(*NO_TLS)
    return {**info, "tls_required": place.tls}


def _meaning(attempt: Attempt, error: Exception) -> Refused | None:
    from nats.errors import Error, UnexpectedEOF

    # A line without end; a certificate that is not accepted is a ValueError too.
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return wrong_protocol(_TITLE)
    if isinstance(error, (UnexpectedEOF, asyncio.IncompleteReadError)):
        return closed(attempt.stage_name, _TITLE)
    return _refused(str(error), attempt.place) if isinstance(error, Error) else None


def _refused(said: str, place: Place) -> Refused:
    """Return what an error of the server means; it has words only, no codes."""
    words = said.lower()
    if "authorization" in words:
        return _login_refused(place)
    if "maximum connections" in words:
        return Refused(
            "overloaded", "The server has no connection left.", "Wait, or raise max_connections."
        )
    if "authentication" in words:  # it came too late, or the account has expired
        return Refused("auth_failed", f"{_TITLE} refused the login: {said}", "Renew it.")
    return Refused("server_error", f"{_TITLE} refused: {said}", "Look at the server's log.")


def _login_refused(place: Place) -> Refused:
    if place.username:
        return password_rejected(place.username, _TITLE)
    if place.api_key or place.password:
        return Refused("auth_failed", f"{_TITLE} rejected the token.", "Check the token.")
    return Refused(
        "auth_failed", "The server asks for a login.", "Enter user and password, or a token."
    )
