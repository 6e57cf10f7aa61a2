"""SQLite: the file, opened for reading alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

from engine.probes.databases.database_file import (
    LOCK_WAIT_S,
    damaged,
    locked,
    look_at,
    no_database,
    require_file,
)
from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.probes.attempt import Attempt
    from engine.probes.databases.database_file import Held

_TITLE = "SQLite"
# The primary result code is the low byte of an extended one.
_PRIMARY = 0xFF


async def probe(attempt: Attempt) -> dict[str, object]:
    """Open the file read-only and count what its schema has."""
    return await look_at(attempt, _looked_at, refusal_of)


def _looked_at(path: Path, held: Held, turn: Callable[[str], None]) -> dict[str, object]:
    size = require_file(path)
    # Read-only: a check creates no file, and no journal beside it.
    uri = f"file:{quote(str(path))}?mode=ro"
    with closing(
        sqlite3.connect(uri, uri=True, timeout=LOCK_WAIT_S, check_same_thread=False)
    ) as connection:
        held.append(connection)
        turn("query")
        (tables,) = connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE type IN ('table', 'view')"
        ).fetchone()
    return {"server": f"{_TITLE} {sqlite3.sqlite_version}", "tables": tables, "size_bytes": size}


def refusal_of(error: Exception, path: Path) -> Refused | None:
    """Return what a driver's error on opening a file means; None for what is none of its own."""
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code == sqlite3.SQLITE_NOTADB:
        return no_database(path, _TITLE)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return locked(path)
    if code == sqlite3.SQLITE_CORRUPT:
        return damaged(path, _TITLE)
    return Refused(
        "open_failed",
        f"{path} cannot be opened: {error}.",
        "Check the file, and the -wal and -shm files beside it.",
    )
