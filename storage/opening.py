"""Opening a database: from a URL to an engine on a schema that is ours and up to date."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from storage import connect, files, schema
from storage.connect import raw_of
from storage.errors import DatabaseMissing, MigrationNeeded, StorageError
from storage.lines import Lines
from storage.migrations import HEAD
from storage.translate import translated

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """How a database is to be opened; see `Database.open`."""

    read_only: bool = False
    migrate: bool = True
    busy_timeout_ms: int = 5000
    make_folder: bool = False
    connections: int = connect.POOL_SIZE


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """An engine on a schema that is up to date; `place` is what people call the database.

    What is written goes through `writer`; without one it is the same engine. A `still` one can
    change for nobody: it lies on a disk that is mounted read-only. `lines` are those to a server.
    """

    engine: Engine
    place: str
    path: Path | None
    read_only: bool
    still: bool = False
    writer: Engine | None = None
    lines: Lines = field(default_factory=Lines)


def open_url(url: str | None, wishes: Wishes) -> Opened:
    """Opens what the URL names.

    Raises:
        StorageError: it cannot be; whatever is there is left as it was.
    """
    parsed = connect.parse(url)
    if parsed.get_backend_name() == "postgresql":
        return _open_server(parsed, wishes)
    if parsed.database is None:
        return _open_memory(wishes)
    return _open_file(Path(parsed.database).absolute(), wishes)


def upgrade_url(url: str) -> Opened:
    """Opens what the URL names after bringing it to the newest schema.

    Raises:
        StorageError: it cannot be; whatever is there is left as it was.
    """
    parsed = connect.parse(url)
    if parsed.get_backend_name() != "postgresql":
        return open_url(url, Wishes())
    with server(parsed, Wishes()) as opened:
        with opened.engine.begin() as connection:
            schema.migrate_server(connection, opened.place)
        return opened


def _open_memory(wishes: Wishes) -> Opened:
    engine = connect.sqlite_engine(None, busy_timeout_ms=wishes.busy_timeout_ms)
    with engine.connect() as connection:
        _create_unless_there(connection)
    return Opened(engine=engine, place="the private memory", path=None, read_only=wishes.read_only)


def _open_server(url: URL, wishes: Wishes) -> Opened:
    with server(url, wishes) as opened:
        with opened.engine.connect() as connection:
            check_server(connection, opened.place)
        return opened


@contextlib.contextmanager
def server(url: URL, wishes: Wishes) -> Iterator[Opened]:
    """Gives a server's engine, whatever its schema; closes it again when the block fails.

    Raises:
        StorageError: it cannot be used.
    """
    place = connect.shown(url)
    lines = Lines()
    engine = connect.postgres_engine(
        url, busy_timeout_ms=wishes.busy_timeout_ms, kept=wishes.connections, lines=lines
    )
    try:
        with translated(place):
            yield Opened(
                engine=engine, place=place, path=None, read_only=wishes.read_only, lines=lines
            )
    except StorageError:
        engine.dispose()
        raise


def check_server(connection: Connection, place: str) -> None:
    """Refuses a server whose schema is not this release's.

    Raises:
        MigrationNeeded: it is older, or there is none.
        DatabaseNewer: a newer release made it.
        StorageError: its encoding is not UTF8.
    """
    schema.check_encoding(connection, place)
    if schema.has_revision_table(connection):
        revision = schema.revision_of(connection)
        schema.check_known(revision, place)
        if revision == HEAD:
            return
    raise MigrationNeeded(
        f"{place} does not have this release's tables yet.",
        hint="Run `lampboard db upgrade` once; other users of the server should know.",
    )


def _open_file(path: Path, wishes: Wishes) -> Opened:
    files.check_folder(path, make=wishes.make_folder and not wishes.read_only)
    found = files.find(path)
    may_make = wishes.migrate and not wishes.read_only
    if found != "ours" and not may_make:
        raise DatabaseMissing(
            f"There is no database at {path}.", hint="Name another one, or let it be made."
        )
    if not wishes.read_only:
        files.check_writable(path)
    if found == "missing":
        files.create(path)
    still = wishes.read_only and files.cannot_change(path)
    engine = connect.sqlite_engine(path, busy_timeout_ms=wishes.busy_timeout_ms, still=still)
    try:
        with translated(str(path)), engine.connect() as connection:
            if found != "ours":
                _create_unless_there(connection)
            _bring_up(connection, path, may_migrate=may_make)
            if not wishes.read_only:
                _use_wal(connection)
    except StorageError:
        engine.dispose()
        raise
    if not wishes.read_only:
        files.make_private(path)
    return Opened(
        engine=engine,
        place=str(path),
        path=path,
        read_only=wishes.read_only,
        still=still,
        writer=connect.sqlite_engine(path, busy_timeout_ms=wishes.busy_timeout_ms, writing=True),
    )


def _create_unless_there(connection: Connection) -> None:
    """Makes the schema, unless another process that opened the same new file was faster."""
    with _exclusive(connection):
        if not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar():
            schema.create(connection)


def _bring_up(connection: Connection, path: Path, *, may_migrate: bool) -> None:
    revision = _revision_of_file(connection, path)
    if revision == HEAD:
        return
    schema.check_known(revision, str(path))
    if not may_migrate:
        raise MigrationNeeded(
            f"{path} was made by an older release and is opened without changing it.",
            hint="Open it once without --read-only, or run `lampboard db upgrade`.",
        )
    _back_up_beside(raw_of(connection), path, str(revision))
    with _exclusive(connection):
        if schema.revision_of(connection) != HEAD:
            schema.migrate(connection)


def _revision_of_file(connection: Connection, path: Path) -> str | None:
    raw = raw_of(connection)
    if raw.execute("PRAGMA application_id").fetchone()[0] != files.APPLICATION_ID:
        raise files.foreign(path)
    found = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if found is None else str(found[0])


def _use_wal(connection: Connection) -> None:
    raw = raw_of(connection)
    if raw.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        raw.execute("PRAGMA query_only=OFF")
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA query_only=ON")


@contextlib.contextmanager
def _exclusive(connection: Connection) -> Iterator[None]:
    raw = raw_of(connection)
    raw.execute("PRAGMA query_only=OFF")
    try:
        with connection.begin():
            raw.execute("BEGIN IMMEDIATE")
            yield
    finally:
        raw.execute("PRAGMA query_only=ON")


def _back_up_beside(raw: sqlite3.Connection, path: Path, revision: str) -> None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    copy_to(raw, path.with_name(f"{path.stem}-{revision}-{stamp}.backup.db"))


def copy_to(raw: sqlite3.Connection, to: Path) -> None:
    """Copies an open SQLite database into a new private file.

    Raises:
        StorageError: the place is taken, or cannot be written.
    """
    if to.exists():
        raise StorageError(f"{to} exists already.", hint="Choose another name for the backup.")
    files.check_folder(to, make=False)
    files.check_writable(to)
    files.create(to)
    try:
        with (
            translated(str(to)),
            contextlib.closing(connect.connect_file(to, busy_timeout_ms=1000)) as copy,
        ):
            raw.backup(copy)
    except StorageError:
        to.unlink(missing_ok=True)  # half a copy would be taken for a backup
        raise
