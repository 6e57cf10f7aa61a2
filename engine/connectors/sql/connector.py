"""Queries, changes and transactions on a database, bounded in rows, bytes and time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from engine.connectors.base import BaseConnector, Discovery
from engine.connectors.model import ConnectorCapability as Can
from engine.connectors.sql.dialects import dialect_of, make_engine
from engine.connectors.sql.reading import size_of
from engine.connectors.sql.refusals import refused
from engine.connectors.sql.results import ExecuteResult, QueryResult, Statement
from engine.connectors.sql.statements import one_statement, reading_statement
from engine.connectors.sql.use import Use
from engine.connectors.sql.watched import too_large
from engine.probes.refusals import Refused
from engine.probes.running import causes
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection, Engine

    from engine.connectors.sql.dialects import Driver
    from engine.connectors.sql.reading import Rows
    from engine.probes.attempt import Attempt

T = TypeVar("T")

_MAX_TABLES = 500


class SqlConnector(BaseConnector):
    """Runs SQL on one database; one connection, made when it is first needed."""

    TYPE: ClassVar[str] = "sql"
    _engine: Engine | None = None
    _driver: Driver | None = None

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
        work = partial(self._in_thread, partial(self._change, [statement]), writing=True)
        return await self._run(Can.WRITE, "execute", work)

    async def transaction(
        self, statements: Sequence[tuple[str, Mapping[str, Any]]]
    ) -> ExecuteResult:
        """Run statements in one transaction: all of them, or none.

        Raises:
            ConnectorError: One was refused or failed, or all took too long.
        """
        given = [Statement(sql=one_statement(sql), values=dict(v)) for sql, v in statements]
        work = partial(self._in_thread, partial(self._change, given), writing=True)
        return await self._run(Can.TRANSACTION, "execute", work)

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

    async def _in_thread(
        self, work: Callable[[Connection], T], attempt: Attempt, *, writing: bool = False
    ) -> T:
        """Run `work` on a connection in a daemon thread; a cancelled one is ended."""
        from sqlalchemy.exc import SQLAlchemyError

        use = Use(await self._opened(attempt, writing=writing), work)
        try:
            return await in_thread(use.run, abort=use.interrupt)
        except SQLAlchemyError as error:
            # What was refused here is told, not what became of the connection by that.
            if said := next((c for c in causes(error) if isinstance(c, Refused)), None):
                raise said from error
            if not use.reached:
                await self.connect()  # the probe says why, and at which stage
            raise refused(getattr(error, "orig", None) or error, self._title) from error

    async def _opened(self, attempt: Attempt, *, writing: bool) -> Engine:
        """Return the engine; its host is looked up and judged again each time."""
        dialect = dialect_of(self.place.technology)
        driver = (dialect.writer if writing else None) or dialect.driver
        connect = await driver(attempt, self.config, dialect.port)
        if self._driver is not driver:
            await self.close()  # a file cannot be open for reading alone and for writing at once
        if self._engine is None:
            self._driver = driver
            self._engine = make_engine(dialect, connect, self.config.timeout_seconds)
        return self._engine

    def _query(self, sql: str, values: Mapping[str, Any], connection: Connection) -> QueryResult:
        """Read rows in a transaction that cannot write; the pool rolls it back."""
        spelled, given = _spelled(connection, sql, values)
        raw = connection.connection.dbapi_connection
        read = dialect_of(self.place.technology).read
        try:
            with read(raw, spelled, given, self.config.max_rows) as rows:
                return self._bounded(rows)
        except connection.dialect.loaded_dbapi.Error as error:
            raise refused(error, self._title) from error
        finally:
            if getattr(raw, "closed", False) or not getattr(raw, "open", True):
                connection.invalidate()

    def _bounded(self, found: Rows) -> QueryResult:
        rows: list[tuple[Any, ...]] = []
        room = self.config.max_bytes
        truncated = False
        for row in found.each:
            room -= sum(size_of(value) for value in row)
            truncated = room < 0 or len(rows) == self.config.max_rows
            if truncated:
                break
            rows.append(tuple(row))
        if truncated and not rows:
            raise too_large()
        return QueryResult(columns=found.columns, rows=tuple(rows), truncated=truncated)

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


def _spelled(connection: Connection, sql: str, values: Mapping[str, Any]) -> tuple[str, Any]:
    """Return statement and values as the driver takes them."""
    from sqlalchemy import text

    compiled = text(sql).compile(dialect=connection.dialect)
    given = compiled.construct_params(dict(values))
    order = compiled.positiontup
    return str(compiled), given if order is None else [given[name] for name in order]
