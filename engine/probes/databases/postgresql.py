"""PostgreSQL, through libpq's own steps: one connection, each of its stages timed.

libpq connects without blocking and says how far it is (PQconnectPoll), so no second connection
is needed to tell a closed port from a slow handshake or a rejected password.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING

from engine.probes.refusals import (
    Refused,
    closed,
    no_such,
    password_rejected,
    wrong_protocol,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from psycopg.pq.abc import PGconn

    from engine.http.addresses import IpAddress
    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_PORT = 5432
_TITLE = "PostgreSQL"
# What the server or libpq say (messages of PostgreSQL 9.4 to 18, in English).
_PASSWORD = re.compile(r"password authentication failed|no password supplied|authentication failed")
_NO_ROLE = re.compile(r'role "[^"]*" does not exist')
_NO_DATABASE = re.compile(r'database "[^"]*" does not exist')
_NOT_ALLOWED = re.compile(r"no pg_hba\.conf entry|pg_hba\.conf rejects|permission denied")
_FULL = re.compile(r"too many clients|too many connections|remaining connection slots")
_STARTING = re.compile(r"starting up|shutting down|in recovery")
_NO_TLS = re.compile(r"does not support SSL")
_STRANGER = re.compile(r"invalid response to (SSL|GSSAPI)|expected authentication request")
_CERTIFICATE = re.compile(r"certificate|SSL error|tlsv1|root\.crt", re.IGNORECASE)
_CLOSED = re.compile(r"closed the connection unexpectedly|connection reset|EOF detected")


async def probe(attempt: Attempt) -> dict[str, object]:
    """Connect, log in, run `SELECT 1`; return what answered."""
    connection = await open_connection(attempt)
    try:
        async with attempt.stage("query"):
            await query(connection, b"SELECT 1")
        return {"server": f"{_TITLE} {version_of(connection)}"}
    finally:
        connection.finish()


async def open_connection(attempt: Attempt) -> PGconn:
    """Return a connection that is logged in; its stages are those of the attempt.

    Raises:
        Refused: It could not be made.
    """
    from psycopg import pq

    place = attempt.place
    host = place.host or "localhost"
    addresses = await attempt.resolve(host)
    connection = pq.PGconn.connect_start(_conninfo(place, host, addresses, attempt.remaining_s))
    try:
        await _through_its_stages(attempt, connection)
    except BaseException:
        connection.finish()
        raise
    return connection


async def query(connection: PGconn, statement: bytes) -> bytes | None:
    """Run one statement and return the first value of its first row.

    Raises:
        Refused: The server refused it.
    """
    from psycopg import pq

    connection.nonblocking = 1
    connection.send_query(statement)
    while connection.flush():
        await _ready(connection.socket, writing=True)
    while connection.is_busy():
        await _ready(connection.socket)
        connection.consume_input()
    result = connection.get_result()
    if result is None or result.status not in {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}:
        said = connection.error_message.decode("utf-8", "replace")
        raise refusal_of(said, "query", user=None, database=None)
    return result.get_value(0, 0) if result.ntuples else None


def version_of(connection: PGconn) -> str:
    """Return the server's version, such as 15.19."""
    said = connection.parameter_status(b"server_version") or b""
    return said.decode("ascii", "replace").partition(" ")[0]


def refusal_of(said: str, stage: str, *, user: str | None, database: str | None) -> Refused:
    """Return what the server's or libpq's words mean."""
    if _PASSWORD.search(said) or _NO_ROLE.search(said):
        return password_rejected(user, _TITLE)
    if _NO_DATABASE.search(said):
        return no_such("database", database, "Check the database's name, or create it.")
    for pattern, code, message, remedy in _MEANINGS:
        if pattern.search(said):
            return Refused(code, message, remedy)
    if _STRANGER.search(said):
        return wrong_protocol(_TITLE)
    if _CLOSED.search(said):
        return closed(stage, _TITLE)
    line = said.strip().splitlines()[-1] if said.strip() else "no reason was given"
    return Refused("connect_failed", f"{_TITLE} refused: {line}", "Look at the server's log.")


_MEANINGS = (
    (
        _NOT_ALLOWED,
        "access_denied",
        "The server's pg_hba.conf does not let this user in from here.",
        "Add a line for this user, database and address to pg_hba.conf, or use TLS if it asks.",
    ),
    (
        _FULL,
        "overloaded",
        "The server has no connection left.",
        "Wait, or raise max_connections; a pooler such as PgBouncer helps.",
    ),
    (_STARTING, "starting", "The server is starting or stopping.", "Wait a moment."),
    (
        _NO_TLS,
        "tls_not_supported",
        "The server does not offer TLS.",
        "Switch TLS off for this source, or enable it on the server.",
    ),
    (
        _CERTIFICATE,
        "tls_untrusted",
        "The server's certificate is not accepted.",
        "Name your authority's file as CA file, or check that host and certificate match.",
    ),
)


def _conninfo(
    place: Place, host: str, addresses: tuple[IpAddress, ...], remaining_s: float
) -> bytes:
    from psycopg.conninfo import make_conninfo

    several = len(addresses)
    port = str(place.port or _PORT)
    info = make_conninfo(
        # libpq connects to the judged addresses; the name is for its certificate alone.
        host=",".join([host] * several),
        hostaddr=",".join(str(address) for address in addresses),
        port=",".join([port] * several),
        user=place.username,
        password=place.password,
        dbname=place.database,
        connect_timeout=max(2, round(remaining_s)),
        application_name="lampboard",
        gssencmode="disable",
        # Below a file there is no file: nobody's ~/.pgpass decides who one is.
        passfile=f"{os.devnull}/none",
        **_tls(place),
    )
    return info.encode()


def _tls(place: Place) -> dict[str, str]:
    if not place.tls:
        return {"sslmode": "disable"}
    if not place.tls_verify:
        return {"sslmode": "require"}
    import certifi

    return {"sslmode": "verify-full", "sslrootcert": place.tls_ca or certifi.where()}


async def _through_its_stages(attempt: Attempt, connection: PGconn) -> None:
    name, began = "connect", attempt.enter("connect")
    try:
        async for stage in _polled(connection, tls=attempt.place.tls):
            if stage != name:
                attempt.note(name, began)
                name, began = stage, attempt.enter(stage)
    except BaseException:
        attempt.note(name, began, ok=False)
        raise
    attempt.note(name, began)


async def _polled(connection: PGconn, *, tls: bool) -> AsyncIterator[str]:
    """Take libpq from step to step; yield the stage that each belongs to."""
    from psycopg import pq

    while True:
        status = connection.connect_poll()
        if status == pq.PollingStatus.OK:
            return
        if status == pq.PollingStatus.FAILED:
            raise _refused(connection)
        yield _stage(connection, tls=tls)
        await _ready(connection.socket, writing=status == pq.PollingStatus.WRITING)


def _stage(connection: PGconn, *, tls: bool) -> str:
    from psycopg.pq import ConnStatus

    if connection.status == ConnStatus.STARTED:
        return "connect"
    return "tls" if tls and not connection.ssl_in_use else "authenticate"


def _refused(connection: PGconn) -> Exception:
    said = connection.error_message.decode("utf-8", "replace")
    if "Connection refused" in said:
        return ConnectionRefusedError(111, "refused")
    if "No route" in said or "unreachable" in said:
        return OSError(113, "no route")
    user = (connection.user or b"").decode("utf-8", "replace")
    database = (connection.db or b"").decode("utf-8", "replace")
    return refusal_of(said, "authenticate", user=user, database=database)


async def _ready(fd: int, *, writing: bool = False) -> None:
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    add, remove = (
        (loop.add_writer, loop.remove_writer) if writing else (loop.add_reader, loop.remove_reader)
    )
    add(fd, _settle, ready)
    try:
        await ready
    finally:
        remove(fd)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
