"""Tables as plain values: how all of one are read in order, written, and told from others.

Times stay milliseconds and JSON stays the text that it is, so that nothing is read into another
form and back. What the database makes of other columns by itself is left to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sqlalchemy import Double, TypeDecorator, insert, literal_column, select, type_coerce

from storage.rows import bound, execute_many
from storage.tables import metadata
from storage.tables.guards import GUARDED

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from sqlalchemy import Column, ColumnElement, Connection, Insert, Select, Table

BATCH = 2_000
"""Rows that are held at a time."""

_DIGEST_BYTES = 32
_ZERO: ColumnElement[float] = literal_column("0.0")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plain:
    """One table: the statement that reads all of it by its key, and the one that adds a row."""

    table: Table
    names: tuple[str, ...]
    reading: Select[Any]
    adding: Insert

    def read(self, connection: Connection) -> Generator[list[tuple[object, ...]], None, None]:
        """Gives all rows in the order of the key, a batch at a time; who stops early closes it."""
        options = {"yield_per": BATCH}
        with connection.execute(self.reading, execution_options=options) as found:
            for part in found.partitions():
                yield [tuple(row) for row in part]

    def add(self, connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
        """Writes rows as they were read."""
        named = [dict(zip(self.names, row, strict=True)) for row in rows]
        execute_many(connection, self.adding, named)


class Digest:
    """What tells the content of one table from any other: BLAKE2b over its rows in order."""

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=_DIGEST_BYTES)
        self.rows = 0

    def take(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Takes the next rows in; however they are divided, the same rows come to the same."""
        # `repr` tells every value of these types from every other one, floats to the last bit.
        self._hash.update("".join(f"{row!r}\n" for row in rows).encode())
        self.rows += len(rows)

    def text(self) -> str:
        """Gives the digest in hexadecimal."""
        return self._hash.hexdigest()


@cache
def tables() -> tuple[Plain, ...]:
    """Gives every table, each after those that it points to.

    A ledger's head comes after its records: once it is there, its guard refuses what is below.
    """
    free = [table for table in metadata.sorted_tables if table.name not in GUARDED]
    return tuple(_plain(table) for table in (*free, *(metadata.tables[name] for name in GUARDED)))


def _plain(table: Table) -> Plain:
    columns = [column for column in table.columns if column.computed is None]
    names = tuple(column.name for column in columns)
    return Plain(
        table=table,
        names=names,
        # The key's texts sort by code point on both databases, so both give the same order.
        reading=select(*map(_as_kept, columns)).order_by(*table.primary_key.columns),
        adding=insert(table).values(bound(names)),
    )


def _as_kept(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, TypeDecorator):
        return type_coerce(column, column.type.impl_instance).label(column.name)
    if isinstance(column.type, Double):
        # SQLite keeps no negative zero; PostgreSQL does.
        return (column + _ZERO).label(column.name)
    return column
