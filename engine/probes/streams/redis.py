"""Redis and what speaks its protocol: log in, open a database, PING, ask for the version."""

from __future__ import annotations

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

    from redis.asyncio.connection import Connection

    from engine.probes.attempt import Attempt
    from engine.probes.channels import Channel
    from engine.probes.place import Place

_TITLE = "Redis"
_PORT = 6379


async def probe(attempt: Attempt) -> dict[str, object]:
    """Log in, open the database, PING; return server, version and mode."""
    async with open_connection(attempt) as connection:
        async with attempt.stage("ping"):
            await ask(connection, "PING")
        return await _described(attempt, connection)


@asynccontextmanager
async def open_connection(attempt: Attempt) -> AsyncIterator[Connection]:
    """Hold a connection that is logged in, its database open.

    Raises:
        Refused: It could not be had, or what was asked was refused.
    """
    place = attempt.place
    async with open_channel(attempt, *attempt.where(_PORT)) as channel:
        connection = _connection(place, channel)
        try:
            with translated(partial(_meaning, attempt)):
                async with attempt.stage("authenticate"):
                    await connection.connect()  # type: ignore[no-untyped-call]
                if number := _number(place):
                    async with attempt.stage("open"):
                        await ask(connection, "SELECT", number)
                yield connection
        finally:
            await connection.disconnect(nowait=True)


async def _described(attempt: Attempt, connection: Connection) -> dict[str, object]:
    from redis.exceptions import ResponseError

    try:
        async with attempt.stage("describe"):
            told = _fields(await ask(connection, "INFO", "server"))
    except ResponseError:  # a user who may use the data need not be allowed to look at the server
        return {"server": _TITLE}
    if "valkey_version" in told:
        return {"server": f"Valkey {told['valkey_version']}"}
    details: dict[str, object] = {"server": f"{_TITLE} {told.get('redis_version', '')}".strip()}
    if mode := told.get("redis_mode"):
        details["mode"] = mode
    return details


async def ask(connection: Connection, *command: str) -> Any:
    """Send one command and return its answer."""
    await connection.send_command(*command)
    return await connection.read_response()


def _fields(info: object) -> dict[str, str]:
    text = info.decode("utf-8", "replace") if isinstance(info, bytes) else str(info)
    pairs = (line.partition(":") for line in text.splitlines())
    return {name: value.strip() for name, colon, value in pairs if colon}


def _number(place: Place) -> str:
    number = (place.database or "").strip()
    return "" if number == "0" else number


def _connection(place: Place, channel: Channel) -> Connection:
    connection: Connection = _handed_over()(
        channel,
        username=place.username or None,
        password=place.password,
        # RESP 2: servers before version 6 know no HELLO, and nothing here needs more.
        protocol=2,
        driver_info=None,
        retry=None,
    )
    return connection


@lru_cache(maxsize=1)
def _handed_over() -> Any:
    """Return redis-py's connection, made to use one that stands already."""
    from redis.asyncio.connection import Connection as Driver

    class HandedOver(Driver):
        def __init__(self, channel: Channel, **options: Any) -> None:
            super().__init__(**options)
            self._channel = channel

        async def _connect(self) -> None:
            self._reader, self._writer = self._channel

    return HandedOver


def _meaning(attempt: Attempt, error: Exception) -> Refused | None:
    from redis import exceptions as redis

    match error:
        case redis.AuthenticationError():
            return _login_refused(str(error), attempt.place)
        case redis.NoPermissionError():
            return _not_permitted(attempt)
        case redis.InvalidResponse() | ValueError():
            return wrong_protocol(_TITLE)
        case redis.ConnectionError():
            return _ended(error, attempt)
        case redis.ResponseError():
            return _refused(str(error), attempt)
    return None


def _not_permitted(attempt: Attempt) -> Refused:
    return Refused(
        "access_denied",
        f"The user {attempt.place.username or 'default'} may not {attempt.stage_name}.",
        "Give this user +ping and +select in its ACL, or use another one.",
    )


def _login_refused(said: str, place: Place) -> Refused:
    if "Authentication required" in said and not place.password:
        return Refused("auth_failed", "The server asks for a password.", "Enter its password.")
    if "without any password configured" in said:
        return Refused(
            "auth_failed",
            "A password was given, but the server has none.",
            "Leave the password out, or check that this is the right server.",
        )
    return password_rejected(place.username, _TITLE)


def _ended(error: Exception, attempt: Attempt) -> Refused:
    from redis.exceptions import BusyLoadingError

    said = str(error)
    if isinstance(error, BusyLoadingError):
        return Refused("starting", "The server is still loading its data.", "Wait a moment.")
    if "max number of clients" in said:
        return Refused(
            "overloaded", "The server has no connection left.", "Wait, or raise maxclients."
        )
    if said.startswith("Protocol Error"):
        return wrong_protocol(_TITLE)
    return closed(attempt.stage_name, _TITLE)


def _refused(said: str, attempt: Attempt) -> Refused:
    database = attempt.place.database
    if attempt.stage_name == "open":
        return no_such(
            "database", database, "Databases are numbers from 0 on; see `databases` in its config."
        )
    if said.startswith("DENIED"):
        return Refused(
            "access_denied",
            "The server is in protected mode and lets nobody in from another machine.",
            "Set a password on the server, or bind it to an address of its own.",
        )
    return Refused(
        "server_error", f"{_TITLE} refused: {said}", "Look at the server's log and its ACL."
    )
