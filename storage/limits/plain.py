"""The statements of a check, run as plainly as each database allows.

SQLite's own driver knows `:name` and is asked itself: a statement costs 10 µs then, and 60 past
Core but through its cursors. Statements are `text` with names for values, which are plain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage.connect import raw_of
from storage.rows import execute_many, execute_one

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, TextClause


def fetch(
    connection: Connection, statement: TextClause, values: Mapping[str, object]
) -> Sequence[Sequence[Any]]:
    """Gives all rows of one statement."""
    if connection.dialect.name == "sqlite":
        return raw_of(connection).execute(statement.text, values).fetchall()
    return execute_one(connection, statement, values).all()


def put(
    connection: Connection, statement: TextClause, rows: Sequence[Mapping[str, object]]
) -> None:
    """Runs one statement for each row."""
    if connection.dialect.name == "sqlite":
        raw_of(connection).executemany(statement.text, rows)
    else:
        execute_many(connection, statement, rows)
