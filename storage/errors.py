# ruff: noqa: N818  (the names say what happened; all of them are errors by their root)
"""What can go wrong with a database, as a small tree of errors with a sentence for people.

    StorageError
    ├── DatabaseUrlInvalid   the URL names no database that is supported
    ├── DriverMissing        the package for this kind of database is not installed
    ├── DatabaseMissing      there is no such file or folder
    ├── DatabaseForeign      a file or schema of another program
    ├── DatabaseNewer        made by a newer release
    ├── DatabaseCorrupt      cut off or damaged
    ├── DatabaseReadOnly     the file, its folder or this opening cannot be written
    ├── DatabaseLocked       another process holds it (temporary)
    ├── DatabaseUnreachable  the server or the disk does not answer (temporary)
    ├── DiskFull             no space left (temporary)
    ├── MigrationNeeded      a shared server waits for `lampboard db upgrade`
    ├── RoleRefused          a role of the server that cannot be kept to a tenant
    ├── Conflict             a value that must be unique is taken
    └── StaleWrite           the row changed since it was read

Errors of SQLite, psycopg and SQLAlchemy are translated into these once, in
`storage.translate`. No message carries a password or a bound value.
"""

from __future__ import annotations

from typing import ClassVar


class StorageError(Exception):
    """Anything that storage refuses or cannot do.

    `message` says what and why, `hint` what to do next (or is empty). `code` is stable and
    meant for programs; `temporary` tells whether trying again later can succeed.
    """

    code: ClassVar[str] = "storage_error"
    temporary: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class DatabaseUrlInvalid(StorageError):
    """The URL cannot be read, or names a kind of database that is not supported."""

    code = "database_url_invalid"


class DriverMissing(StorageError):
    """The package that speaks to this kind of database is not installed."""

    code = "database_driver_missing"


class DatabaseMissing(StorageError):
    """There is no such database file, or no folder to make it in."""

    code = "database_missing"


class DatabaseForeign(StorageError):
    """The file or schema belongs to something else; it was not touched."""

    code = "database_foreign"


class DatabaseNewer(StorageError):
    """A newer release made this database; it was not touched."""

    code = "database_newer"


class DatabaseCorrupt(StorageError):
    """The file is cut off or damaged; it was not touched."""

    code = "database_corrupt"


class DatabaseReadOnly(StorageError):
    """Something was to be written where nothing can be."""

    code = "database_read_only"


class DatabaseLocked(StorageError):
    """Another process holds the database for longer than we wait."""

    code = "database_locked"
    temporary = True


class DatabaseUnreachable(StorageError):
    """The server, or the disk under the file, does not answer."""

    code = "database_unreachable"
    temporary = True


class DiskFull(StorageError):
    """The disk has no space left; what was being written was rolled back."""

    code = "disk_full"
    temporary = True


class MigrationNeeded(StorageError):
    """A shared server holds an older schema, or none; only `db upgrade` changes it."""

    code = "migration_needed"


class RoleRefused(StorageError):
    """A role that is not there, or that no policy binds."""

    code = "role_refused"


class Conflict(StorageError):
    """A value that must be unique is taken already; `field` names the column."""

    code = "conflict"

    def __init__(self, message: str, *, field: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field


class StaleWrite(StorageError):
    """The row was changed by someone else since it was read."""

    code = "stale_write"
