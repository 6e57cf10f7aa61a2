"""Where a copy goes: an empty database, held against everybody else until the copy is whole."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import literal, select, text

from storage import connect, files, opening, schema
from storage.copying.plain import tables
from storage.database import Database
from storage.errors import DatabaseForeign, DatabaseUrlInvalid, StorageError
from storage.opening import Wishes
from storage.translate import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection

_UNLIMITED = text("SET LOCAL statement_timeout = 0")
_FILTERED = text(
    "SELECT coalesce(bool_or(row_security_active(to_regclass(name)::oid)), false)"
    " FROM unnest(CAST(:names AS text[])) AS name"
)


def unhindered(connection: Connection, place: str) -> None:
    """Lets this transaction take its time, and refuses where some rows would be left out of it.

    Raises:
        StorageError: Row-level security shows this role a part of the rows.
    """
    if connection.dialect.name != "postgresql":
        return
    connection.execute(_UNLIMITED)
    names = [one.table.name for one in tables()]
    if connection.execute(_FILTERED, {"names": names}).scalar_one():
        raise StorageError(
            f"This role sees only some tenants of {place}, so a copy would not be whole.",
            hint="Copy as the role that owns the tables.",
        )


@contextlib.contextmanager
def emptiness(url: str, *, source: Path | None, make_folder: bool) -> Iterator[Connection]:
    """Gives a writing connection to an empty database: committed at the end, or left as it was.

    A file that is missing is made, and so are the tables of a server that has none.

    Args:
        url: The database.
        source: The file that is copied; it is no place for its own copy.
        make_folder: Make a missing folder, private.

    Raises:
        DatabaseForeign: It holds something already.
        StorageError: It cannot be used.
    """
    parsed = connect.parse(url)
    if parsed.get_backend_name() == "postgresql":
        begun = _server(parsed)
    elif parsed.database is None:
        raise DatabaseUrlInvalid(
            "A private memory is no place for a copy.", hint="Name a file or a server."
        )
    else:
        begun = _file(Path(parsed.database).absolute(), source, make_folder=make_folder)
    with begun as (connection, place):
        _require_empty(connection, place)
        yield connection


@contextlib.contextmanager
def _server(url: URL) -> Iterator[tuple[Connection, str]]:
    with opening.server(url, Wishes()) as opened:
        try:
            with (
                translated(opened.place),
                opened.engine.connect() as connection,
                connection.begin(),
            ):
                if schema.has_revision_table(connection):
                    opening.check_server(connection, opened.place)
                else:
                    schema.migrate_server(connection, opened.place)
                unhindered(connection, opened.place)
                names = ", ".join(one.table.name for one in tables())
                connection.exec_driver_sql(f"LOCK TABLE {names} IN EXCLUSIVE MODE")
                yield connection, opened.place
        finally:
            opened.engine.dispose()


@contextlib.contextmanager
def _file(
    path: Path, source: Path | None, *, make_folder: bool
) -> Iterator[tuple[Connection, str]]:
    if source is not None and path.exists() and path.samefile(source):
        raise DatabaseForeign(f"{path} is the database itself.", hint="Name another file.")
    there = path.exists()
    try:
        database = Database.open(str(path), make_folder=make_folder)
        with contextlib.closing(database), database.write(durable=True) as connection:
            yield connection, str(path)
    except BaseException:
        if not there:
            _take_away(path)
        raise


def _take_away(path: Path) -> None:
    """Takes a file away that was made for a copy which did not come about."""
    shared = path.with_name(path.name + "-shm")
    lock = path.with_name(path.name + "-checkpoint")
    for made in (path, files.wal_of(path), shared, lock):
        made.unlink(missing_ok=True)


def _require_empty(connection: Connection, place: str) -> None:
    held = [
        one.table.name
        for one in tables()
        if connection.execute(select(literal(1)).select_from(one.table).limit(1)).first()
    ]
    if held:
        raise DatabaseForeign(
            f"{place} is not empty: there are rows in {', '.join(sorted(held))}.",
            hint="A copy goes into a new file, or into an empty database or schema of a server.",
        )
