"""DuckDB: the file, opened for reading alone."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING

from engine.probes.databases.database_file import (
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

_TITLE = "DuckDB"
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # A check downloads nothing.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 1,
}
# DuckDB has classes of errors, and words within them.
_NO_DATABASE = re.compile(r"not a valid DuckDB database|older than|too small|magic bytes")
_NEWER = re.compile(r"newer version|version number|storage version")
_LOCKED = re.compile(r"Could not set lock|Conflicting lock")


async def probe(attempt: Attempt) -> dict[str, object]:
    """Open the file read-only and count its tables."""
    return await look_at(attempt, _looked_at, refusal_of)


def _looked_at(path: Path, held: Held, turn: Callable[[str], None]) -> dict[str, object]:
    import duckdb

    size = require_file(path)
    with closing(duckdb.connect(str(path), read_only=True, config=_CONFIG)) as connection:
        held.append(connection)
        turn("query")
        row = connection.execute(
            "SELECT version(), (SELECT count(*) FROM duckdb_tables() WHERE NOT internal)"
        ).fetchone()
    version, tables = row or ("", 0)
    return {
        "server": f"{_TITLE} {str(version).removeprefix('v')}",
        "tables": tables,
        "size_bytes": size,
    }


def refusal_of(error: Exception, path: Path) -> Refused | None:
    """Return what a driver's error on opening a file means; None for what is none of its own."""
    import duckdb

    said = str(error)
    if not isinstance(error, duckdb.Error):
        return None
    if _LOCKED.search(said) or isinstance(error, duckdb.ConnectionException):
        return locked(path)
    if _NO_DATABASE.search(said):
        return no_database(path, _TITLE)
    if _NEWER.search(said):
        return Refused(
            "version_unsupported",
            f"{path} was written by another version of {_TITLE}.",
            "Upgrade the duckdb package here, or export the database with the other version.",
        )
    if isinstance(error, duckdb.SerializationException | duckdb.FatalException):
        return damaged(path, _TITLE)
    first = said.partition("\n")[0]
    return Refused("open_failed", f"{path} cannot be opened: {first}", "Check the file.")
