"""Which driver runs templates on a place, and on a connection string."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.gateway.dialects import dialect_of
from engine.gateway.errors import SqlGatewayError
from engine.gateway.executing.pool import IDLE_S, SESSIONS, PooledDriver

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.gateway.executing.pool import Session
    from engine.probes.attempt import Attempt
    from engine.probes.place import Place, Tools
    from engine.probes.refusals import Refused

    Connect = Callable[[Attempt], Awaitable[Session]]


class _Way(NamedTuple):
    """How one dialect's databases are called, and which module connects to them."""

    title: str
    module: str
    needs: str
    idle_s: float = IDLE_S


_WAYS = {
    "postgres": _Way("PostgreSQL", "postgres", "psycopg"),
    "mysql": _Way("MySQL", "mysql", "pymysql"),
    "sqlite": _Way("SQLite", "sqlite", "sqlite3"),
    # While it is open, no other process can write to the file.
    "duckdb": _Way("DuckDB", "duckdb", "duckdb", idle_s=5.0),
}
_SCHEMES = {
    **dict.fromkeys(("postgresql", "postgres"), "postgresql"),
    **dict.fromkeys(("mysql", "mariadb"), "mysql"),
    "sqlite": "sqlite",
    "duckdb": "duckdb",
}


def driver_for(
    place: Place, tools: Tools, *, sessions: int = SESSIONS, idle_s: float | None = None
) -> PooledDriver:
    """Return what runs templates on a place; it connects at its first run.

    Args:
        place: Where, its secrets in the open.
        tools: Resolves and judges addresses.
        sessions: Connections at most.
        idle_s: Seconds after which an unused one is closed; None is as it suits the technology.

    Raises:
        SqlGatewayError: There are no rules for the technology, or its driver is missing.
    """
    dialect = dialect_of(place.technology)
    if dialect is None or dialect not in _WAYS:
        raise _no_rules()
    way = _WAYS[dialect]
    connect = _connect_of(way)

    async def session(within_s: float) -> Session:
        from engine.probes.attempt import Attempt
        from engine.probes.refusals import Refused

        try:
            return await connect(Attempt(place, tools, deadline_s=within_s))
        except Refused as refused:
            raise _without_secrets(refused, place) from None

    return PooledDriver(
        title=way.title,
        dialect=dialect,
        connect=session,
        sessions=sessions,
        idle_s=way.idle_s if idle_s is None else idle_s,
    )


def driver_of_string(text: str, tools: Tools | None = None) -> PooledDriver:
    """Return what runs templates on a connection string; it connects at its first run.

    Args:
        text: The string, its password in the open; what is refused never repeats it.
        tools: Resolves and judges addresses; None lets names lead to private networks, as for
            sources, and never to metadata addresses.

    Raises:
        InvalidInput: It is no connection string.
        SqlGatewayError: There are no rules for what it leads to.
    """
    from engine.probes.connection_string import parse_connection_string
    from engine.sources.checking import place_of
    from engine.sources.config import DataSourceConfig

    technology = _SCHEMES.get(parse_connection_string(text).base_scheme)
    if technology is None:
        raise _no_rules()
    place = place_of(technology, DataSourceConfig(connection_string=text))
    return driver_for(place, tools or _usual_tools())


def _connect_of(way: _Way) -> Connect:
    from importlib import import_module

    from engine.probes.technology import is_installed

    if not is_installed(way.needs):
        raise SqlGatewayError(
            f"The driver of {way.title} is not installed, so nothing can be run there.",
            hint=f"pip install {way.needs}",
            code="driver_missing",
        )
    connect: Connect = import_module(f"engine.gateway.executing.{way.module}").connect
    return connect


def _without_secrets(refused: Refused, place: Place) -> Refused:
    """Return what a server said, the password masked that it may have given back."""
    from engine.probes.refusals import Refused
    from engine.probes.words import one_line

    said, remedy = (one_line(text, place.secrets) for text in (refused.message, refused.remedy))
    return Refused(refused.code, said, remedy, state=refused.state)


def _usual_tools() -> Tools:
    from datetime import UTC, datetime

    from engine.http import AddressPolicy, HttpClient
    from engine.http.resolver import Resolver
    from engine.probes.place import Tools

    policy = AddressPolicy(allow_private=True)
    return Tools(
        client=HttpClient(policy),
        policy=policy,
        resolve=Resolver(),
        now=lambda: datetime.now(UTC),
    )


def _no_rules() -> SqlGatewayError:
    return SqlGatewayError(
        "The gateway has no rules for this technology, so nothing runs there.",
        hint="It runs templates on PostgreSQL, MySQL, MariaDB, SQLite and DuckDB.",
        code="not_offered",
    )
