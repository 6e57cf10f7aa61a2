"""DuckDB for SQLAlchemy: as much of a dialect as connectors use.

The one that there is on PyPI stands on PostgreSQL's dialect, and has not kept up with SQLAlchemy
2.1 and DuckDB 2.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import types
from sqlalchemy.engine.default import DefaultDialect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TABLES = (
    "SELECT table_name FROM information_schema.tables"
    " WHERE table_schema = current_schema() AND table_type = ? ORDER BY 1"
)
_COLUMNS = (
    "SELECT column_name, data_type, is_nullable FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position"
)
_MEMORY = 256 * 1024 * 1024


class DuckDbConnection:
    """A connection as DB-API 2.0 means it: its cursors are in its own transaction.

    Args:
        path: The database's file.
        most: About how many bytes a query brings; the database's own memory is bounded with it.
        reading: Whether it is opened for reading alone, beside whoever reads it too.
    """

    def __init__(self, path: Path, *, most: int, reading: bool) -> None:
        import duckdb

        config: dict[str, Any] = {
            # SQL of DuckDB's reads other files and the network, where it is not kept from it.
            "enable_external_access": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": f"{_MEMORY + 2 * most}B",
            "threads": 1,
            "lock_configuration": True,
        }
        self._raw = duckdb.connect(str(path), read_only=reading, config=config)
        self._begun = False

    def cursor(self) -> DuckDbCursor:
        """Return a cursor."""
        if not self._begun:
            self._raw.begin()
            self._begun = True
        return DuckDbCursor(self._raw)

    def commit(self) -> None:
        """Keep what was changed."""
        if self._begun:
            self._begun = False
            self._raw.commit()

    def rollback(self) -> None:
        """Keep nothing of what was changed."""
        import duckdb

        if self._begun:
            self._begun = False
            with suppress(duckdb.Error):  # an error has ended the transaction already
                self._raw.rollback()

    def interrupt(self) -> None:
        """End what runs, from another thread."""
        self._raw.interrupt()

    def close(self) -> None:
        """Close."""
        self._raw.close()


class DuckDbCursor:
    """A cursor; `rowcount` is -1, because DuckDB tells that by a row."""

    arraysize = 1
    lastrowid = None
    rowcount = -1

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.description: Any = None

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Run a statement."""
        self._raw.execute(sql, list(values))
        self.description = self._raw.description
        word = sql.lstrip()[:6].upper()
        if word in {"INSERT", "UPDATE", "DELETE"} and "RETURNING" not in sql.upper():
            row = self._raw.fetchone()
            self.rowcount = int(row[0]) if row else -1
            self.description = None

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        return self._raw.fetchone()

    def fetchmany(self, size: int = 1) -> Any:
        """Return the next rows."""
        return self._raw.fetchmany(size)

    def fetchall(self) -> Any:
        """Return the rows that are left."""
        return self._raw.fetchall()

    def close(self) -> None:
        """Do nothing: the connection holds what there is."""


class DuckDbDialect(DefaultDialect):
    """Runs plain text, and tells tables and columns."""

    name = "duckdb"
    driver = "lampboard"
    default_paramstyle = "qmark"
    supports_statement_cache = True
    supports_sane_rowcount = False

    @classmethod
    def import_dbapi(cls) -> Any:
        """Return the driver."""
        import duckdb

        return duckdb

    def initialize(self, connection: Any) -> None:
        """Ask nothing of a connection: there are no levels and versions to choose by."""

    def do_ping(self, dbapi_connection: Any) -> bool:
        """A file does not go away."""
        del dbapi_connection
        return True

    def get_schema_names(self, connection: Any, **_: Any) -> list[str]:
        """Return no names: only the current schema is told."""
        del connection
        return []

    def get_table_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """Return the tables of the current schema."""
        del schema
        return [row[0] for row in connection.exec_driver_sql(_TABLES, ("BASE TABLE",))]

    def get_view_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """Return the views of the current schema."""
        del schema
        return [row[0] for row in connection.exec_driver_sql(_TABLES, ("VIEW",))]

    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> Any:
        """Return the columns of a table; a type is told by DuckDB's own name of it."""
        del schema
        found = connection.exec_driver_sql(_COLUMNS, (table_name,))
        return [
            {"name": name, "type": _Named(kind), "nullable": nullable == "YES", "default": None}
            for name, kind, nullable in found
        ]


class _Named(types.UserDefinedType[Any]):
    """A type that is only told."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        """Return its name."""
        return self.name

    def __str__(self) -> str:
        return self.name
