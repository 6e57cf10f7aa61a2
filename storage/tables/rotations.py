"""Changes of the master key: which key secrets are sealed under, since when."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, text

from storage.tables.core import metadata
from storage.types import RowNumber, UtcMillis, Words

# The newest row names the key under which every secret is sealed from then on.
key_rotations = Table(
    "key_rotations",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("to_key", Words, nullable=False),
    Column("from_keys", Words, nullable=False),
    Column("unreadable", Integer, nullable=False, server_default=text("0")),
    Column("begun_at", UtcMillis, nullable=False),
    Column("begun_by", Words, nullable=False),
    Column("finished_at", UtcMillis),
    sqlite_autoincrement=True,
)
