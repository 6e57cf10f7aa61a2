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
    named_file,
    no_database,
    require_file,
)
from engine.probes.refusals import Refused, translated
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.probes.attempt import Attempt

_TITLE = "SQLite"
# The primary result code is the low byte of an extended one.
_PRIMARY = 0xFF


async def probe(attempt: Attempt) -> dict[str, object]:
    """Open the file read-only and count what its schema has."""
    path = named_file(attempt.place)
    held: list[sqlite3.Connection] = []

    def interrupt() -> None:
        for connection in held:
            connection.interrupt()

    with attempt.turns("open") as turn, translated(lambda error: _refusal(error, path)):
        return await in_thread(
            lambda: _looked_at(path, held, turn),
            abort=interrupt,
        )


def _looked_at(
    path: Path, held: list[sqlite3.Connection], turn: Callable[[str], None]
) -> dict[str, object]:
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


def _refusal(error: Exception, path: Path) -> Refused | None:
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
