"""How a driver's connection is made: to the address that was judged, and as a check makes it."""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.connectors.sql import watched
from engine.connectors.sql.watched import most_on_the_wire
from engine.probes.databases.database_file import named_file, require_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.connectors.config import ConnectorConfig
    from engine.http.addresses import IpAddress
    from engine.probes.attempt import Attempt

    Connect = Callable[[], Any]

_LEAST_S = 2


async def postgresql(attempt: Attempt, config: ConnectorConfig, default_port: int) -> Connect:
    """Connect by libpq, which knows the name for its certificate alone."""
    from psycopg import Error

    from engine.probes.databases.postgresql import conninfo

    host, port = attempt.where(default_port)
    told = conninfo(attempt, host, port, await attempt.resolve(host)).decode()
    limit = config.timeout_seconds

    def connect() -> Any:
        try:
            connection = watched.postgresql().connect(
                told,
                connect_timeout=max(_LEAST_S, limit),
                # The server itself ends what nobody waits for any more.
                options=f"-c statement_timeout={limit * 1000}",
            )
        except Error as error:
            # Where the time ran out the driver's frames hold libpq's connection, which stays open
            # while anybody holds the error; SQLAlchemy does until the garbage is collected.
            error.__traceback__ = None
            raise
        connection.most = most_on_the_wire(config.max_bytes)
        return connection

    return connect


async def mysql(attempt: Attempt, config: ConnectorConfig, default_port: int) -> Connect:
    """Connect by PyMySQL, over a socket of ours."""
    limit = config.timeout_seconds
    host, port = attempt.where(default_port)
    addresses = await attempt.resolve(host)
    options = mysql_options(attempt, limit)

    def connect() -> Any:
        connection = watched.mysql()(host=host, port=port, defer_connect=True, **options)
        sock = dial(addresses, port, limit)
        try:
            connection.connect(sock)
            _limit_statements(connection, limit)
        except BaseException:
            sock.close()
            raise
        connection.most = most_on_the_wire(config.max_bytes)
        return connection

    return connect


def mysql_options(attempt: Attempt, limit_s: float) -> dict[str, Any]:
    """Return what PyMySQL is told beside the host and port.

    Raises:
        Refused: The place's file of authorities cannot be used.
    """
    from pymysql.constants import CLIENT

    from engine.probes.databases.mysql import guards

    place = attempt.place
    return {
        "user": place.username,
        # As text it would be sent in Latin-1, whatever letters it has.
        "password": (place.password or "").encode(),
        "database": place.database or None,
        "charset": "utf8mb4",
        "read_timeout": limit_s,
        "write_timeout": limit_s,
        "ssl": attempt.trust() if place.tls else None,
        "ssl_disabled": not place.tls,
        "auth_plugin_map": guards(place),
        "local_infile": False,
        "program_name": "lampboard",
        "client_flag": CLIENT.FOUND_ROWS,
    }


async def sqlite(attempt: Attempt, config: ConnectorConfig, default_port: int) -> Connect:
    """Open a file that is there; none is made by looking for it."""
    import sqlite3

    del default_port
    path = named_file(attempt.place)

    def connect() -> Any:
        require_file(path)
        return sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=rw",
            uri=True,
            timeout=config.timeout_seconds,
            check_same_thread=False,
        )

    return connect


async def duckdb(attempt: Attempt, config: ConnectorConfig, default_port: int) -> Connect:
    """Open a file that is there for reading alone, beside others who read it."""
    del default_port
    return partial(_open_duckdb, named_file(attempt.place), most=config.max_bytes, reading=True)


async def duckdb_writer(attempt: Attempt, config: ConnectorConfig, default_port: int) -> Connect:
    """Open a file that is there, which nobody else may have open then."""
    del default_port
    return partial(_open_duckdb, named_file(attempt.place), most=config.max_bytes, reading=False)


def _open_duckdb(path: Path, *, most: int, reading: bool) -> Any:
    from engine.connectors.sql.duckdb_dialect import DuckDbConnection

    require_file(path)
    return DuckDbConnection(path, most=most, reading=reading)


def dial(addresses: tuple[IpAddress, ...], port: int, limit_s: float) -> socket.socket:
    """Connect to the first address that lets us.

    Raises:
        OSError: None of them does.
    """
    failed: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((str(address), port), limit_s)
        except OSError as error:
            failed = error
    raise failed or ConnectionRefusedError


def _limit_statements(connection: Any, limit_s: int) -> None:
    """Let the server end what nobody waits for any more; MySQL does so for queries alone."""
    mariadb = "MariaDB" in connection.get_server_info()
    limit = f"max_statement_time={limit_s}" if mariadb else f"max_execution_time={limit_s * 1000}"
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION {limit}")
