"""What SQLAlchemy, a driver and a reader are for each technology."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.connectors.sql import drivers, reading
from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine

    from engine.connectors.config import ConnectorConfig
    from engine.connectors.sql.reading import Rows
    from engine.probes.attempt import Attempt

    Connect = Callable[[], Any]
    Driver = Callable[[Attempt, ConnectorConfig, int], Awaitable[Connect]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """One way to a database.

    Attributes:
        name: SQLAlchemy's name of dialect and driver.
        driver: Prepares what makes a connection, after the host was looked up and judged.
        read: Reads rows in a transaction that cannot write.
        port: Where a server listens if nothing else is said.
        paramstyle: How the driver takes values; None is as SQLAlchemy knows it.
        writer: What makes a connection that may write, where that is another one.
    """

    name: str
    driver: Driver
    read: Callable[[Any, str, Any, int], AbstractContextManager[Rows]]
    port: int = 0
    paramstyle: str | None = None
    writer: Driver | None = None


def dialect_of(technology: str) -> Dialect:
    """Return the way to a technology's databases.

    Raises:
        Refused: There is none.
    """
    found = _DIALECTS.get(technology)
    if found is None:
        raise Refused(
            "not_offered",
            "A connector only checks this technology; it cannot query it.",
            f"SQL connectors query: {', '.join(_DIALECTS)}.",
        )
    return found


def make_engine(dialect: Dialect, connect: Connect, timeout_s: float) -> Engine:
    """Return an engine of one connection, which is made when it is first needed."""
    from sqlalchemy import create_engine
    from sqlalchemy.dialects import registry
    from sqlalchemy.pool import QueuePool

    registry.register("duckdb.lampboard", "engine.connectors.sql.duckdb_dialect", "DuckDbDialect")
    told = {"paramstyle": dialect.paramstyle} if dialect.paramstyle else {}
    # No values in an error's text, nor in a log: some of them are a tenant's own.
    return create_engine(
        f"{dialect.name}://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=timeout_s,
        pool_pre_ping=True,
        hide_parameters=True,
        **told,
    )


_DIALECTS = {
    "postgresql": Dialect(
        name="postgresql+psycopg",
        driver=drivers.postgresql,
        read=reading.postgresql,
        port=5432,
    ),
    "mysql": Dialect(name="mysql+pymysql", driver=drivers.mysql, read=reading.mysql, port=3306),
    "sqlite": Dialect(
        name="sqlite", driver=drivers.sqlite, read=reading.sqlite, paramstyle="named"
    ),
    "duckdb": Dialect(
        name="duckdb+lampboard",
        driver=drivers.duckdb,
        read=reading.plain,
        writer=drivers.duckdb_writer,
    ),
}
