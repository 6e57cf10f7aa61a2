"""One opened database: reading, writing, watching for changes, backing up.

SQLite is one writer at a time, so every writing transaction begins IMMEDIATE: it waits for its
turn at the start, where waiting is harmless. (Deferred ones failed 1,774 of 1,800 times with six
writers.) Connections refuse to write outside `write()`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sqlalchemy import text

from storage import files, opening, revisions, taking_turns, uses
from storage.checkpoint import checkpoint_if_long, has_wal_reset_bug
from storage.connect import POOL_SIZE, connect_file, options_for, raw_of
from storage.errors import DatabaseReadOnly, StorageError
from storage.migrations import HEAD
from storage.notify import Listener
from storage.presence import Presence
from storage.schema import check_current, revision_of
from storage.translate import translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg
    from sqlalchemy import Connection

_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_SUM = text("SELECT coalesce(sum(revision), 0) FROM revisions")


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseInfo:
    """What `doctor` and `db info` tell about a database; sizes in bytes."""

    dialect: str
    url: str
    path: Path | None
    revision: str | None
    head: str
    size_bytes: int
    wal_bytes: int
    server_version: str
    wal_reset_bug: bool
    journal_mode: str
    read_only: bool


class Database:
    """An opened database that is ours and up to date; made by `Database.open`.

    It may be used from any number of threads. `dialect` is "sqlite" or "postgresql",
    `url_for_display` has its password masked, `path` is None for anything but a file, `lines` are
    the connections to a server: a file has none.
    """

    def __init__(self, opened: opening.Opened) -> None:
        self.dialect = opened.engine.dialect.name
        self.url_for_display = opened.place
        self.path = opened.path
        self.read_only = opened.read_only
        self.lines = opened.lines
        self._opened = opened
        self._engine = opened.engine
        self._writer = opened.writer or opened.engine
        self._watch_lock = threading.Lock()
        self._watch: sqlite3.Connection | None = None
        self._own_writes = 0
        self._listener: Listener | None = None
        # A private memory has one connection for all threads: they take turns.
        alone = self.dialect == "sqlite" and self.path is None
        self._turn: contextlib.AbstractContextManager[object] = (
            threading.RLock() if alone else contextlib.nullcontext()
        )

    @classmethod
    def open(  # noqa: PLR0913  (how to open it, all by name)
        cls,
        url: str | None,
        *,
        read_only: bool = False,
        migrate: bool = True,
        busy_timeout_ms: int = 5000,
        make_folder: bool = False,
        connections: int = POOL_SIZE,
    ) -> Database:
        """Opens a database; a local file is made, or backed up and migrated, where needed.

        Args:
            url: `sqlite:////folder/file.db`, `postgresql://user@host/database`, a bare path, or
                None (also `sqlite://`) for a private memory.
            read_only: Never write: nothing is made or migrated, and `write` refuses.
            migrate: Whether a file may be made or migrated. A server's schema never is; see
                `upgrade`.
            busy_timeout_ms: How long to wait for other writers, in milliseconds.
            make_folder: Make a missing folder, private; meant for the default place.
            connections: How many a server keeps open for this one; more come and go.

        Raises:
            StorageError: one of its kinds; whatever is there is then left exactly as it was.
        """
        wishes = opening.Wishes(
            read_only=read_only,
            migrate=migrate,
            busy_timeout_ms=busy_timeout_ms,
            make_folder=make_folder,
            connections=connections,
        )
        return cls(opening.open_url(url, wishes))

    def __repr__(self) -> str:
        return f"Database({self.url_for_display!r})"

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Gives a connection on one unchanging snapshot; what is written on it fails."""
        with self._turn, translated(self.url_for_display), self._engine.connect() as connection:
            transaction = connection.begin()
            if self.dialect == "sqlite":
                raw_of(connection).execute("BEGIN")
            else:
                connection.exec_driver_sql(_SNAPSHOT)
            try:
                yield connection
            finally:
                transaction.rollback()

    @contextlib.contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Connection]:
        """Gives a connection in a writing transaction: committed at the end, or rolled back.

        A durable one is on the disk when this returns, even if the power fails then; others
        survive any end of the processes, but the last ones not a power cut.

        Raises:
            StorageError: it cannot be written, or the work did something the database refuses.
        """
        if self.read_only:
            raise DatabaseReadOnly(
                f"{self.url_for_display} was opened read-only.",
                hint="Start again without --read-only.",
            )
        with self._turn, translated(self.url_for_display), self._writer.connect() as connection:
            with self._writable(connection, durable=durable), connection.begin():
                if self.dialect == "sqlite":
                    taking_turns.begin(raw_of(connection))
                check_current(connection, self.url_for_display)
                try:
                    yield connection
                    uses.settle(connection)
                    revisions.flush(connection)
                finally:
                    # What is noted with a connection that was lost is gone with it.
                    if not connection.invalidated:
                        uses.abandon(connection)
                        revisions.forget(connection)
            self._own_writes += 1
            if self.path is not None:
                checkpoint_if_long(raw_of(connection), self.path)

    @contextlib.contextmanager
    def _writable(self, connection: Connection, *, durable: bool) -> Iterator[None]:
        if self.dialect != "sqlite":
            yield
            return
        raw, shared = raw_of(connection), self._writer is self._engine
        if shared:
            raw.execute("PRAGMA query_only=OFF")
        if durable:
            raw.execute("PRAGMA synchronous=FULL")
        try:
            yield
        finally:
            if shared:
                raw.execute("PRAGMA query_only=ON")
            if durable:
                raw.execute("PRAGMA synchronous=NORMAL")

    def data_version(self) -> int:
        """Gives a number that is another one whenever anybody has committed since."""
        if self.dialect != "sqlite":
            with self.read() as connection:
                return int(connection.execute(_SUM).scalar_one())
        if self.path is None:
            return self._own_writes
        with self._watch_lock, translated(self.url_for_display):
            if self._watch is None:
                self._watch = connect_file(
                    self.path, busy_timeout_ms=1000, options=options_for(still=self._opened.still)
                )
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def listener(self) -> Listener | None:
        """Gives what a server tells of changes, listening from the first call on; else None."""
        if self.dialect == "sqlite":
            return None
        with self._watch_lock:
            if self._listener is None:
                self._listener = Listener(self._line, self.lines)
                self._listener.start()
            return self._listener

    def presence(self, owner: str) -> Presence | None:
        """Takes a monitor's lock at a server, on a connection of its own; None for a file.

        Raises:
            StorageError: The server cannot be reached.
        """
        if self.dialect == "sqlite":
            return None
        with translated(self.url_for_display):
            return Presence(self._line(), owner)

    def _line(self) -> psycopg.Connection:
        """Makes a connection that the pool has nothing to do with any more."""
        pooled = self._engine.raw_connection()
        line = cast("psycopg.Connection", pooled.driver_connection)
        pooled.detach()
        return line

    def backup(self, to: Path) -> None:
        """Copies a file database, as of now, into a new private file.

        Raises:
            StorageError: the place is taken or cannot be written, or this is a server.
        """
        if self.dialect != "sqlite":
            raise StorageError(
                "A PostgreSQL database is backed up with PostgreSQL's own tools.",
                hint="Run pg_dump.",
            )
        with self.read() as connection:
            opening.copy_to(raw_of(connection), to)

    def info(self) -> DatabaseInfo:
        """Tells what kind of database this is, how large, and whether its SQLite has the bug."""
        with self.read() as connection:
            revision = revision_of(connection)
            mode, version = "", ".".join(map(str, connection.dialect.server_version_info or ()))
            size = self._size(connection)
            if self.dialect == "sqlite":
                mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())
        return DatabaseInfo(
            dialect=self.dialect,
            url=self.url_for_display,
            path=self.path,
            revision=revision,
            head=HEAD,
            size_bytes=size,
            wal_bytes=_size_of(files.wal_of(self.path)) if self.path else 0,
            server_version=version,
            wal_reset_bug=self.dialect == "sqlite"
            and has_wal_reset_bug(sqlite3.sqlite_version_info),
            journal_mode=mode,
            read_only=self.read_only,
        )

    def _size(self, connection: Connection) -> int:
        if self.path is not None:
            return _size_of(self.path)
        if self.dialect == "sqlite":
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())
        size = connection.exec_driver_sql("SELECT pg_database_size(current_database())")
        return int(size.scalar_one())

    def close(self) -> None:
        """Lets go of every connection; what is written stays."""
        with self._watch_lock:
            if self._watch is not None:
                self._watch.close()
                self._watch = None
            if self._listener is not None:
                self._listener.stop()
        self._engine.dispose()
        self._writer.dispose()


def _size_of(path: Path) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116  (one call for both errors and size)
    except FileNotFoundError:
        return 0


def upgrade(url: str) -> DatabaseInfo:
    """Brings any database to the newest schema; the only way for a shared server.

    A file is backed up beside itself first.

    Raises:
        StorageError: it cannot; then nothing was changed.
    """
    opened = opening.upgrade_url(url)
    database = Database(opened)
    try:
        return database.info()
    finally:
        database.close()
