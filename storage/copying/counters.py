"""The numbers that a database gives to new rows: a copy must go on where the original is.

A number that was given once is never given again, also where its row is gone since: activity and
incidents are called by theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from storage.copying.plain import tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Column, Connection

_ON_SQLITE = text("SELECT name, seq FROM sqlite_sequence")
_FORGET = text("DELETE FROM sqlite_sequence WHERE name = :table")
_KEEP = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)")
_SEQUENCE = "pg_get_serial_sequence(:table, :column)"
_LAST = text(f"SELECT pg_sequence_last_value({_SEQUENCE}::regclass)")
_SET = text(f"SELECT setval({_SEQUENCE}::regclass, :last)")


def read(connection: Connection) -> dict[str, int]:
    """Gives the last number that was given, by table; 0 where none ever was."""
    on_sqlite = connection.dialect.name == "sqlite"
    kept = dict(connection.execute(_ON_SQLITE).all()) if on_sqlite else {}
    found = {}
    for name, column in _numbered().items():
        if not on_sqlite:
            told = {"table": name, "column": column.name}
            kept[name] = connection.execute(_LAST, told).scalar() or 0
        # A sequence of PostgreSQL may be behind numbers that somebody else chose.
        most = connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one()
        found[name] = max(int(kept.get(name, 0)), int(most))
    return found


def write(connection: Connection, last: Mapping[str, int]) -> None:
    """Has the next rows numbered from there on. PostgreSQL does not undo this by a rollback."""
    for name, column in _numbered().items():
        if not last[name]:
            continue
        if connection.dialect.name != "sqlite":
            told = {"table": name, "column": column.name, "last": last[name]}
            connection.execute(_SET, told)
        elif column.table.dialect_options["sqlite"]["autoincrement"]:
            connection.execute(_FORGET, {"table": name})
            connection.execute(_KEEP, {"table": name, "last": last[name]})


def _numbered() -> dict[str, Column[int]]:
    """Gives the column that the database numbers, by table."""
    columns = ((one.table.name, one.table.autoincrement_column) for one in tables())
    return {name: column for name, column in columns if column is not None}
