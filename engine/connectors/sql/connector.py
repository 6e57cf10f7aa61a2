"""Queries, changes and transactions on a database, bounded in rows, bytes and time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from engine.connectors.base import BaseConnector, Discovery
from engine.connectors.model import ConnectorCapability as Can
from engine.connectors.sql.dialects import Reach, default_port, dialect_of, url_of
from engine.connectors.sql.results import ExecuteResult, QueryResult, Statement
from engine.connectors.sql.statements import one_statement, reading_statement
from engine.connectors.sql.use import Use
from engine.probes.refusals import Refused
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import DBAPIError

    from engine.probes.attempt import Attempt

T = TypeVar("T")

_MAX_TABLES = 500
_FETCH = 100
# What a value costs in Python at least, beside its text.
_CELL = 8


class SqlConnector(BaseConnector):
    """Runs SQL on one database; one connection, made when it is first needed."""

    TYPE: ClassVar[str] = "sql"
    _engine: Engine | None = None

    async def query(self, sql: str, values: Mapping[str, Any] | None = None) -> QueryResult:
        """Run a reading statement in a read-only transaction.

        Args:
            sql: The statement, with `:name` for each value.
            values: The values by name.

        Returns:
            At most `max_rows` rows and `max_bytes` bytes; `truncated` says that there are more.

        Raises:
            ConnectorError: It does not read, was refused, failed or took too long.
        """
        text = reading_statement(sql)
        work = partial(self._query, text, dict(values or {}))
        return await self._run(Can.QUERY, "query", partial(self._in_thread, work), again=True)

    async def execute(self, sql: str, values: Mapping[str, Any] | None = None) -> ExecuteResult:
        """Run one statement that may change something, and commit.

        Raises:
            ConnectorError: It was refused, failed or took too long; nothing was changed then.
        """
        statement = Statement(sql=one_statement(sql), values=dict(values or {}))
        work = partial(self._change, [statement])
        return await self._run(Can.WRITE, "execute", partial(self._in_thread, work))

    async def transaction(
        self, statements: Sequence[tuple[str, Mapping[str, Any]]]
    ) -> ExecuteResult:
        """Run statements in one transaction: all of them, or none.

        Raises:
            ConnectorError: One was refused or failed, or all took too long.
        """
        given = [Statement(sql=one_statement(sql), values=dict(v)) for sql, v in statements]
        work = partial(self._change, given)
        return await self._run(Can.TRANSACTION, "execute", partial(self._in_thread, work))

    async def tables(self) -> list[dict[str, object]]:
        """Return the tables and views with their columns, at most 500.

        Raises:
            ConnectorError: The database did not answer, or refused.
        """
        return await self._run(Can.READ, "list", partial(self._in_thread, self._tables), again=True)

    async def discover(self) -> Discovery:
        """Ask for the tables."""
        found = await self.tables()
        every = frozenset({Can.READ, Can.WRITE, Can.QUERY, Can.TRANSACTION})
        return Discovery(found={"tables": found}, capabilities=every)

    async def close(self) -> None:
        """Close the connection."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await in_thread(engine.dispose)

    async def _in_thread(self, work: Callable[[Connection], T], attempt: Attempt) -> T:
        """Run `work` on a connection in a daemon thread; a cancelled one is interrupted."""
        from sqlalchemy.exc import DBAPIError

        use = Use(await self._opened(attempt), work)
        try:
            return await in_thread(use.run, abort=use.interrupt)
        except DBAPIError as error:
            if not use.reached:
                await self.connect()  # the probe says why, and at which stage
            raise _refused(error, self._title) from error

    async def _opened(self, attempt: Attempt) -> Engine:
        """Return the engine, after its host was looked up and judged again."""
        place = self.place
        port = place.port or default_port(place.technology)
        address = None
        if port is not None:
            address = str((await attempt.resolve(place.host or "localhost"))[0])
        if self._engine is None:
            self._engine = _make(
                Reach(
                    place=place,
                    address=address,
                    timeout_s=self.config.timeout_seconds,
                    trust=attempt.trust,
                )
            )
        return self._engine

    def _query(self, sql: str, values: Mapping[str, Any], connection: Connection) -> QueryResult:
        from sqlalchemy import text

        for statement in dialect_of(self.place.technology).read_only:
            connection.exec_driver_sql(statement)
        # A cursor on the server's side where there is one: what is not read is not sent.
        streaming = connection.execution_options(
            stream_results=_streams(sql), max_row_buffer=_FETCH
        )
        try:
            found = streaming.execute(text(sql), values)
            return self._bounded(tuple(found.keys()), found)
        finally:
            connection.rollback()
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only=OFF")

    def _bounded(self, columns: tuple[str, ...], found: Any) -> QueryResult:
        rows: list[tuple[Any, ...]] = []
        room = self.config.max_bytes
        truncated = False
        for row in found:
            room -= sum(_size(value) for value in row)
            if room < 0 or len(rows) == self.config.max_rows:
                truncated = True
                break
            rows.append(tuple(row))
        found.close()
        return QueryResult(columns=columns, rows=tuple(rows), truncated=truncated)

    def _change(self, statements: Sequence[Statement], connection: Connection) -> ExecuteResult:
        from sqlalchemy import text

        with connection.begin():
            counts = [
                connection.execute(text(one.sql), dict(one.values)).rowcount for one in statements
            ]
        return ExecuteResult(row_counts=tuple(counts))

    def _tables(self, connection: Connection) -> list[dict[str, object]]:
        from sqlalchemy import inspect

        inspector = inspect(connection)
        names = [*inspector.get_table_names(), *inspector.get_view_names()][:_MAX_TABLES]
        return [
            {
                "name": name,
                "columns": [
                    {"name": column["name"], "type": str(column["type"])}
                    for column in inspector.get_columns(name)
                ],
            }
            for name in names
        ]


def _make(reach: Reach) -> Engine:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import QueuePool

    dialect = dialect_of(reach.place.technology)
    given: dict[str, Any] = {"connect_args": dialect.arguments(reach)}
    if reach.address is None:
        given["creator"] = partial(_open_file, reach)
        given.pop("connect_args")
    # No values in an error's text, nor in a log: some of them are a tenant's own.
    return create_engine(
        url_of(reach, dialect),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=reach.timeout_s,
        pool_pre_ping=True,
        hide_parameters=True,
        **given,
    )


def _open_file(reach: Reach) -> Any:
    """Open a file of SQLite that is there; none is made by looking for it."""
    import sqlite3
    from pathlib import Path

    path = Path(reach.place.database or "")
    if not path.is_file():
        raise Refused("not_found", "There is no such file.", "Check the path.")
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=rw",
        uri=True,
        timeout=reach.timeout_s,
        check_same_thread=False,
    )


def _refused(error: DBAPIError, title: str) -> Refused:
    """Return what the database said, without the statement that SQLAlchemy repeats."""
    said = str(error.orig).strip().partition("\n")[0]
    return Refused("statement_failed", f"{title} refused the statement: {said}")


def _streams(sql: str) -> bool:
    """Tell whether a statement may be behind a server's cursor, which takes queries alone."""
    return sql.lstrip("( \n\t").lower().startswith(("select", "with", "values", "table"))


def _size(value: object) -> int:
    return _CELL + (len(value) if isinstance(value, str | bytes) else 0)
