"""PostgreSQL, through libpq's own steps: one connection, each of its stages timed.

libpq connects without blocking and says how far it is (PQconnectPoll), so no second connection
is needed to tell a closed port from a slow handshake or a rejected password.
"""

from __future__ import annotations

import asyncio
import os
from functools import cache
from typing import TYPE_CHECKING

from engine.probes.databases.postgresql_words import refusal_of
from engine.probes.refusals import Refused, no_user

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from psycopg.pq.abc import PGconn

    from engine.http.addresses import IpAddress
    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

PORT = 5432
_TITLE = "PostgreSQL"
# Below a file there is no file: what lies in somebody's home decides nothing.
_NO_FILE = f"{os.devnull}/none"
# SSLRequest: its length and its code (protocol 3.0, "Message Formats").
_ASKS_FOR_TLS = bytes.fromhex("00000008 04d2162f")
_SERVER_CLOSED = "server closed the connection unexpectedly"


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

    host, port = attempt.where(PORT)
    if not attempt.place.username:
        raise no_user()
    addresses = await attempt.resolve(host)
    info = conninfo(attempt, host, port, addresses)
    connection = pq.PGconn.connect_start(info)
    try:
        await _through_its_stages(attempt, connection)
    except BaseException as error:
        connection.finish()
        if isinstance(error, Refused) and error.code == "tls_untrusted":
            await _look_at_certificate(attempt, host, port)
        raise
    return connection


async def query(connection: PGconn, statement: bytes) -> bytes | None:
    """Run one statement and return the first value of its first row.

    Rows after the first are not waited for, so finish the connection then.

    Raises:
        Refused: The server refused it.
    """
    from psycopg import OperationalError, pq

    connection.nonblocking = 1
    try:
        connection.send_query(statement)
        connection.set_single_row_mode()
        while connection.flush():
            await _ready(connection.socket, writing=True)
        while connection.is_busy():
            await _ready(connection.socket)
            connection.consume_input()
    except OperationalError as error:
        raise refusal_of(str(error) or _SERVER_CLOSED, "query") from error
    result = connection.get_result()
    if result is None or result.status == pq.ExecStatus.FATAL_ERROR:
        said = connection.error_message.decode("utf-8", "replace")
        raise refusal_of(said, "query")
    return result.get_value(0, 0) if result.ntuples else None


def version_of(connection: PGconn) -> str:
    """Return the server's version, such as 15.19."""
    said = connection.parameter_status(b"server_version") or b""
    return said.decode("ascii", "replace").partition(" ")[0]


def conninfo(attempt: Attempt, host: str, port: int, addresses: tuple[IpAddress, ...]) -> bytes:
    """Return what libpq is told: the judged addresses, and nothing of the environment.

    Raises:
        Refused: The place's file of authorities cannot be used.
    """
    place, several = attempt.place, len(addresses)
    given = {
        # libpq connects to the judged addresses; the name is for its certificate alone.
        "host": ",".join([host] * several),
        "hostaddr": ",".join(str(address) for address in addresses),
        "port": ",".join([str(port)] * several),
        "user": place.username or "",
        "password": place.password or "",
        "dbname": place.database or place.username or "",
        "application_name": "lampboard",
        "gssencmode": "disable",
        "passfile": _NO_FILE,
        **_tls(attempt),
    }
    options = {**_not_of_the_environment(), **given}
    # libpq judges it as it connects: psycopg's writer has it judged before (0.1 ms of a check).
    return " ".join(f"{name}={_quoted(value)}" for name, value in options.items()).encode()


def _quoted(value: str) -> str:
    """Return a value as a connection string has it (libpq, "Keyword/Value Connection Strings")."""
    escaped = value.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"


def _not_of_the_environment() -> dict[str, str]:
    """Return libpq's own value of each option that a variable, such as PGOPTIONS, would set."""
    names = _variables()
    return dict(names[name] for name in os.environ if name in names)


@cache
def _variables() -> dict[str, tuple[str, str]]:
    from psycopg import pq

    ours = {"host", "hostaddr", "port", "user", "password", "dbname", "application_name"} | {
        *("gssencmode", "passfile", "sslmode", "sslrootcert", "sslcert", "sslcrl", "service")
    }
    options = [(one, one.keyword.decode()) for one in pq.Conninfo.get_defaults()]
    return {
        one.envvar.decode(): (keyword, (one.compiled or b"").decode())
        for one, keyword in options
        if one.envvar and keyword not in ours
    }


def _tls(attempt: Attempt) -> dict[str, str]:
    place: Place = attempt.place
    if not place.tls:
        return {"sslmode": "disable"}
    alone = {"sslcert": _NO_FILE, "sslcrl": _NO_FILE}
    if not place.tls_verify:
        return {"sslmode": "require", "sslrootcert": _NO_FILE, **alone}
    return {"sslmode": "verify-full", "sslrootcert": attempt.trust_file(), **alone}


async def _through_its_stages(attempt: Attempt, connection: PGconn) -> None:
    with attempt.turns("connect") as turn:
        async for stage in _polled(connection, tls=attempt.place.tls):
            turn(stage)


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


async def _look_at_certificate(attempt: Attempt, host: str, port: int) -> None:
    """Say what is wrong with a certificate; libpq says no more than that something is.

    Raises:
        Refused: The reason; nothing is raised where the certificate is fine by itself.
    """
    from engine.probes.channels import secured

    stages, loop = list(attempt.stages), asyncio.get_running_loop()
    try:
        sock = await attempt.connect(host, port)
        try:
            await loop.sock_sendall(sock, _ASKS_FOR_TLS)
            await loop.sock_recv(sock, 1)
            _, writer = await secured(sock, attempt.trust(), host)
            writer.transport.abort()
        finally:
            sock.close()
    finally:
        attempt.stages[:] = stages
        attempt.stage_name = "tls"


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
