"""The seam where errors of SQLite, psycopg and SQLAlchemy become errors of ours.

Only codes and names are read from the foreign errors, never their texts' values: PostgreSQL
puts the offending row into its messages. Why there is no connection is said in words alone; no
row is known by then.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, DBAPIError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from storage.errors import (
    Conflict,
    DatabaseCorrupt,
    DatabaseLocked,
    DatabaseMissing,
    DatabaseReadOnly,
    DatabaseUnreachable,
    DiskFull,
    StorageError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# What people call the columns that must be unique.
_FIELDS = {
    "alert_channels_by_name": "name",
    "sort_name": "name",
    "integrations_name_taken": "name",
    "sources_name_taken": "name",
    "connectors_name_taken": "name",
}
_FULL_BELOW_BYTES = 1 << 20
# What the driver and the server say of themselves before they come to the reason.
_PREFACE = re.compile(r"(?:connection is bad: )?(?:.*\bfailed: )?(?:FATAL: +)?")
_CONNECTING = ("connection ", "failed to resolve", "invalid connection", "bad value for")
# PgBouncer's word for what it does not hand on.
_POOLER = re.compile("unsupported startup parameter")
_MOST_WORDS = 200
_OF_A_CONNECTION = (DBAPIError, PendingRollbackError)


@contextlib.contextmanager
def translated(place: str) -> Iterator[None]:
    """Lets only `StorageError` out of the block; `place` is the database as people know it."""
    try:
        yield
    except _foreign() as error:
        raise translate(error, place) from error
    except UnicodeEncodeError:
        raise _unstorable() from None  # its text would quote the value


def _foreign() -> tuple[type[Exception], ...]:
    """Gives the errors that are not ours; psycopg's come bare from statements past SQLAlchemy."""
    psycopg = sys.modules.get("psycopg")  # optional, and loaded where its errors can come from
    return (SQLAlchemyError, sqlite3.Error, *((psycopg.Error,) if psycopg else ()))


def _unstorable() -> StorageError:
    return StorageError(
        "A text holds characters that cannot be stored.", hint="Type the text again without them."
    )


def translate(error: Exception, place: str) -> StorageError:
    """Gives the error of ours that says the same as a foreign one."""
    if isinstance(error, PoolTimeoutError):
        return DatabaseLocked(
            f"Every connection to {place} is in use.", hint="Try again in a moment."
        )
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, sqlite3.Error):
        return _from_sqlite(origin, place)
    if sqlstate := getattr(origin, "sqlstate", None):
        return _from_postgres(origin, str(sqlstate), place)
    if isinstance(error, DataError) or type(error).__name__ == "DataError":
        return _unstorable()  # a NUL in a text, which PostgreSQL has no place for
    if not isinstance(error, SQLAlchemyError) or isinstance(error, _OF_A_CONNECTION):
        # It is gone, or was gone before, or could not be made: the server sent no code.
        return _no_connection(place, str(origin))
    return StorageError(f"Storage could not use {place}: {type(error).__name__}.")


def _from_sqlite(error: sqlite3.Error, place: str) -> StorageError:
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_CONSTRAINT"):
        return _constraint(name, str(error))
    if name.startswith("SQLITE_IOERR"):
        return disk_full(place) if _disk_is_full(place) else _unreachable(place)
    for prefix, make in _SQLITE.items():
        if name.startswith(prefix):
            return make(place)
    return StorageError(f"SQLite could not do this in {place}: {name or type(error).__name__}.")


def _constraint(name: str, text: str) -> StorageError:
    if name not in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}:
        return StorageError("The database refused a value that breaks one of its rules.")
    last = re.split(r"[.\s']+", text.strip("' "))[-1]
    return _taken(_FIELDS.get(last, last))


def _taken(field: str) -> Conflict:
    return Conflict(f"This {field} is taken.", field=field, hint=f"Choose another {field}.")


def _from_postgres(origin: object, sqlstate: str, place: str) -> StorageError:
    if sqlstate == "23505":
        constraint = str(getattr(getattr(origin, "diag", None), "constraint_name", "") or "")
        return _taken(_FIELDS.get(constraint, "id"))
    if sqlstate == "22021":
        return _unstorable()  # a NUL that only the server looked for
    if sqlstate.startswith("23"):
        return StorageError("The database refused a value that breaks one of its rules.")
    for prefix, make in _POSTGRES.items():
        if sqlstate.startswith(prefix):
            return make(place)
    return StorageError(f"PostgreSQL could not do this in {place}: error {sqlstate}.")


def locked(place: str) -> DatabaseLocked:
    """Another process holds the database."""
    return DatabaseLocked(
        f"{place} is locked by another process.",
        hint="Wait until it is done, or find out which program holds the database open.",
    )


def disk_full(place: str) -> DiskFull:
    """There is no space left where the database lives."""
    return DiskFull(
        f"The disk that holds {place} is full; nothing was changed.",
        hint="Free some space and try again.",
    )


def corrupt(place: str) -> DatabaseCorrupt:
    """The file is damaged."""
    return DatabaseCorrupt(
        f"{place} is damaged or cut off; it was left as it is.",
        hint="Put a backup in its place, or name another database.",
    )


def read_only(place: str) -> DatabaseReadOnly:
    """Nothing can be written there."""
    return DatabaseReadOnly(
        f"{place} cannot be written.",
        hint="Give yourself write permission on the file and its folder, or use --read-only.",
    )


def missing(place: str) -> DatabaseMissing:
    """The file cannot be opened at all."""
    return DatabaseMissing(
        f"{place} cannot be opened.",
        hint="Check that the file and its folder exist and that you may read and write them.",
    )


def _unreachable(place: str) -> DatabaseUnreachable:
    return DatabaseUnreachable(
        f"{place} does not answer.",
        hint="Check that it is up and can be reached from here, then try again.",
    )


def _no_connection(place: str, said: str) -> DatabaseUnreachable:
    """There is no connection: the driver says why in its first line, where it was being made."""
    first = said.partition("\n")[0]
    if not first.startswith(_CONNECTING):
        return _unreachable(place)
    why = _PREFACE.sub("", first, count=1)[:_MOST_WORDS].rstrip(". ")
    hint = "Check the URL, and that the server is up and lets you in, then try again."
    if _POOLER.search(why):
        hint = "A pooler is between: docs/shared.md says how to set it."
    return DatabaseUnreachable(f"No connection to {place}: {why}.", hint=hint)


def _too_slow(place: str) -> DatabaseUnreachable:
    return DatabaseUnreachable(
        f"{place} took too long, so this was given up and nothing was changed.",
        hint="Try again when the server has less to do.",
    )


def _takes_nothing(place: str) -> DatabaseReadOnly:
    return DatabaseReadOnly(
        f"{place} takes no changes: it is a standby, or set to be read only.",
        hint="Name the primary server, or use --read-only.",
    )


def _forbidden(place: str) -> DatabaseReadOnly:
    return DatabaseReadOnly(
        f"{place} does not let this role do that.",
        hint="Ask who keeps the server what the role may do: lampboard db isolate",
    )


_SQLITE = {
    "SQLITE_BUSY": locked,
    "SQLITE_LOCKED": locked,
    "SQLITE_FULL": disk_full,
    "SQLITE_CORRUPT": corrupt,
    "SQLITE_NOTADB": corrupt,
    "SQLITE_READONLY": read_only,
    "SQLITE_PERM": read_only,
    "SQLITE_CANTOPEN": missing,
}
# By SQLSTATE, or the class that its first two characters name.
_POSTGRES = {
    "25006": _takes_nothing,
    "25P03": _unreachable,  # stood still in a transaction for longer than the server lets one
    "25P04": _unreachable,
    "42501": _forbidden,
    "40": locked,
    "55P03": locked,
    "57014": _too_slow,
    "53100": disk_full,
    "08": _unreachable,
    "28": _unreachable,
    "3D": _unreachable,
    "53": _unreachable,
    "57": _unreachable,
}


def _disk_is_full(place: str) -> bool:
    folder = Path(place).parent
    return folder.is_dir() and shutil.disk_usage(folder).free < _FULL_BELOW_BYTES
