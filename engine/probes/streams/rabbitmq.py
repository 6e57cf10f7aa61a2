"""RabbitMQ over AMQP 0-9-1: log in, open the virtual host, and look at a queue if one is named."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from engine.probes.channels import open_channel
from engine.probes.refusals import (
    Refused,
    closed,
    no_such,
    password_rejected,
    translated,
    wrong_protocol,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiormq.connection import Connection

    from engine.probes.attempt import Attempt
    from engine.probes.channels import Channel

_TITLE = "RabbitMQ"
_PORT, _TLS_PORT = 5672, 5671
_ACCESS_REFUSED = 403
# Where nobody set logging up, Python writes warnings of libraries over the screen.
logging.getLogger("aiormq").addHandler(logging.NullHandler())


async def probe(attempt: Attempt) -> dict[str, object]:
    """Log in, open the virtual host, look at the queue; return server, cluster and messages."""
    async with open_connection(attempt) as connection:
        details = _described(connection)
        if queue := attempt.place.option("queue"):
            async with attempt.stage("open"):
                details["messages"] = await _messages(connection, queue)
        return details


@asynccontextmanager
async def open_connection(attempt: Attempt) -> AsyncIterator[Connection]:
    """Hold a connection that is logged in, its virtual host open.

    Raises:
        Refused: It could not be had, or what was asked was refused.
    """
    host, port = attempt.where(_TLS_PORT if attempt.place.tls else _PORT)
    async with open_channel(attempt, host, port) as channel:
        connection = _connection(attempt, channel)
        try:
            with translated(partial(_meaning, attempt)):
                await _log_in(attempt, connection)
                yield connection
        finally:
            # It says goodbye and waits for the answer, which comes from whoever let us in.
            await connection.close()


async def _log_in(attempt: Attempt, connection: Connection) -> None:
    """Log in and open the virtual host, which the driver does in one go: stages as they end."""
    from aiormq.exceptions import ConnectionClosed

    began = attempt.enter("authenticate")
    try:
        await connection.connect()
    except ConnectionClosed:
        # Who is not let in is told by another error: this one is about the virtual host.
        attempt.note("authenticate", began)
        attempt.note("open", attempt.enter("open"), ok=False)
        raise
    except BaseException:
        attempt.note("authenticate", began, ok=False)
        raise
    attempt.note("authenticate", began)


async def _messages(connection: Connection, queue: str) -> int:
    channel = await connection.channel()
    declared = await channel.queue_declare(queue, passive=True)
    return declared.message_count or 0


def _described(connection: Connection) -> dict[str, object]:
    told = {name: _text(value) for name, value in connection.server_properties.items()}
    server = f"{told.get('product') or _TITLE} {told.get('version', '')}".strip()
    cluster = told.get("cluster_name")
    return {"server": server, "cluster": cluster} if cluster else {"server": server}


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _connection(attempt: Attempt, channel: Channel) -> Connection:
    from yarl import URL

    place = attempt.place
    url = URL.build(
        scheme="amqp",
        host="localhost",
        # What the protocol's own default user is called; the broker takes it from its own machine.
        user=place.username or "guest",
        password=place.password or ("" if place.username else "guest"),
        query={"name": "lampboard"},
    )
    made, handed_over = _driver()
    connection: Connection = made(url, transport_factory=handed_over(channel))
    connection.vhost = place.database or "/"
    return connection


@lru_cache(maxsize=1)
def _driver() -> tuple[Any, Any]:
    """Return aiormq's connection, and its way to a transport made to give one that stands."""
    from aiormq.connection import Connection, TransportFactory

    class Telling(Connection):
        """A connection that tells why it was not opened, which aiormq takes for a bad frame."""

        @staticmethod
        async def _rpc(
            request: Any, writer: Any, frame_receiver: Any, wait_response: bool = True
        ) -> Any:
            heard: Any = _Heard(frame_receiver)
            rpc = Connection._rpc  # noqa: SLF001 - the only place where the reason is still known
            return await rpc(request, writer, heard, wait_response)

    class HandedOver(TransportFactory):
        def __init__(self, channel: Channel) -> None:
            self._channel = channel

        async def create(self, url: object, **_: object) -> Channel:
            del url
            return self._channel

    return Telling, HandedOver


class _Heard:
    """A receiver of frames that turns the server's goodbye into the error that it means."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def get_frame(self) -> Any:
        from aiormq.exceptions import ConnectionClosed, ProbableAuthenticationError
        from pamqp.commands import Connection as Said

        received = await self._inner.get_frame()
        frame = received[2]
        if not isinstance(frame, Said.Close):
            return received
        if frame.reply_code == _ACCESS_REFUSED:
            raise ProbableAuthenticationError(frame.reply_text)
        raise ConnectionClosed(frame.reply_code, frame.reply_text)


def _meaning(attempt: Attempt, error: Exception) -> Refused | None:
    from aiormq import exceptions as amqp

    place = attempt.place
    match error:
        case amqp.ProbableAuthenticationError():
            return _login_refused(attempt)
        case amqp.ConnectionClosed():
            return _not_opened(str(error.args[-1]), place.database or "/")
        case amqp.ChannelNotFoundEntity():
            return no_such("queue", place.option("queue"), "Check its name and the virtual host.")
        case amqp.ChannelAccessRefused():
            return Refused(
                "access_denied",
                f"The user {place.username or 'guest'} may not look at the queue.",
                "Give this user a permission on it (rabbitmqctl set_permissions).",
            )
        case _:
            return _not_understood(attempt, error)


def _not_understood(attempt: Attempt, error: Exception) -> Refused | None:
    from aiormq import exceptions as amqp
    from pamqp.exceptions import PAMQPException

    if isinstance(error, amqp.AuthenticationError):
        return Refused(
            "auth_failed",
            "The server takes no user and password (PLAIN).",
            "Allow the mechanism PLAIN on the server.",
        )
    if isinstance(error.__cause__ or error, (EOFError, ConnectionResetError)):
        return closed(attempt.stage_name, _TITLE)
    strange = (amqp.AMQPError, PAMQPException, RuntimeError, ValueError, KeyError)
    return wrong_protocol(_TITLE) if isinstance(error, strange) else None


def _login_refused(attempt: Attempt) -> Refused:
    user = attempt.place.username
    if user not in {None, "guest"}:
        return password_rejected(user, _TITLE)
    return Refused(
        "auth_failed",
        f"{_TITLE} rejected the password for user guest.",
        "Check it; guest may log in only from the broker's own machine, so enter another user.",
    )


def _not_opened(said: str, vhost: str) -> Refused:
    if "not found" in said:
        return no_such("virtual host", vhost, "Check its name, or create it.")
    if "refused" in said:
        return Refused(
            "access_denied",
            f"This user may not use the virtual host {vhost}.",
            "Give the user a permission on it (rabbitmqctl set_permissions).",
        )
    if "limit" in said or "down" in said:
        return Refused("overloaded", f"{_TITLE} refused: {said}", "Raise the limit, or wait.")
    return Refused("server_error", f"{_TITLE} refused: {said}", "Look at the server's log.")
