"""Rows of a query, read one by one in a transaction that cannot write.

Each reader takes a driver's connection, begins that transaction, and leaves the connection fit
for its rollback, or closed where rows are left that nobody reads.
"""

from __future__ import annotations

from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.connectors.base import refuse
from engine.connectors.sql.watched import too_large

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

# What a value costs in Python at least, beside its text.
_CELL = 8
_CURSOR = "lampboard"
_DECLARED = ("select", "with", "values", "table")
# SQLite judges a whole row by it, even one of which only a part is selected.
_SQLITE_ROW = 16 * 1024 * 1024
_SQLITE_TOO_BIG = 18
# The words by which a reading statement of MySQL writes a file of the server's.
_WRITES_FILES = ("outfile", "dumpfile")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """The names of the columns, and the rows as they come."""

    columns: tuple[str, ...]
    each: Iterator[Sequence[Any]]


@contextmanager
def postgresql(raw: Any, sql: str, values: Any, most: int) -> Iterator[Rows]:
    """Read through a cursor of the server's, of which one fetch is streamed row by row."""
    raw.execute("SET TRANSACTION READ ONLY")
    if not sql.lstrip("( \n\t").lower().startswith(_DECLARED):
        with raw.cursor() as cursor:
            cursor.execute(sql, values)
            yield Rows(columns=_names(cursor), each=iter(cursor))
        return
    named = raw.cursor(_CURSOR)
    try:
        named.execute(sql, values)
        columns = _names(named)
        # One more than may be kept, so that it is known whether there are more.
        with raw.cursor() as cursor:
            rows = cursor.stream(f"FETCH FORWARD {most + 1} FROM {_CURSOR}")
            with closing(_or_dropped(raw, rows, most)) as each:
                yield Rows(columns=columns, each=each)
    finally:
        with suppress(Exception):  # the connection may be closed; else its rollback closes this
            named.close()


@contextmanager
def mysql(raw: Any, sql: str, values: Any, most: int) -> Iterator[Rows]:
    """Read without a buffer; what is not read is not brought, because the connection is closed."""
    from pymysql.cursors import SSCursor

    del most
    if any(word in sql.lower() for word in _WRITES_FILES):
        raise refuse("not_allowed", "A query must not write a file of the server's.")
    with raw.cursor() as first:
        first.execute("START TRANSACTION READ ONLY")
    cursor = raw.cursor(SSCursor)
    try:
        cursor.execute(sql, values)
        yield Rows(columns=_names(cursor), each=iter(cursor.fetchone, None))
    finally:
        result = raw._result  # noqa: SLF001 - nothing else tells whether rows are left
        if not raw.open or (result is not None and result.unbuffered_active):
            raw.drop()
            cursor.connection = None
        cursor.close()


@contextmanager
def sqlite(raw: Any, sql: str, values: Any, most: int) -> Iterator[Rows]:
    """Read while the connection may not write, and makes no larger row."""
    import sqlite3

    del most
    before = raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _SQLITE_ROW)
    raw.execute("PRAGMA query_only=ON")
    try:
        with closing(raw.cursor()) as cursor:
            cursor.execute(sql, values)
            yield Rows(columns=_names(cursor), each=cursor)
    except sqlite3.Error as error:
        if error.sqlite_errorcode == _SQLITE_TOO_BIG:
            raise too_large() from error
        raise
    finally:
        raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)
        with suppress(sqlite3.Error):  # one that was interrupted is not used again
            raw.execute("PRAGMA query_only=OFF")


@contextmanager
def plain(raw: Any, sql: str, values: Any, most: int) -> Iterator[Rows]:
    """Read from a connection that was opened for reading alone."""
    del most
    with closing(raw.cursor()) as cursor:
        cursor.execute(sql, values)
        yield Rows(columns=_names(cursor), each=iter(cursor.fetchone, None))


def size_of(value: object) -> int:
    """Return about how many bytes a value takes, as text."""
    if isinstance(value, str | bytes | bytearray | memoryview):
        return _CELL + len(value)
    if isinstance(value, dict):
        return _CELL + sum(size_of(name) + size_of(inner) for name, inner in value.items())
    if isinstance(value, list | tuple):
        return _CELL + sum(size_of(inner) for inner in value)
    return _CELL


def _or_dropped(raw: Any, rows: Any, most: int) -> Generator[Sequence[Any], None, None]:
    """Yield at most one row more than `most`; where some are left then, close the connection."""
    left = most + 1
    try:
        for row in rows:
            left -= 1
            yield row
        left = 0
    finally:
        if left:
            raw.close()
        else:
            next(rows, None)  # the answer's end, which is all that is left of it
        rows.close()


def _names(cursor: Any) -> tuple[str, ...]:
    return tuple(str(column[0]) for column in cursor.description or ())
