"""From a URL to an engine: which kinds of database there are and how each connection is set up."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

from storage.errors import DatabaseUrlInvalid, DriverMissing

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

    from storage.lines import Lines

MEMORY = ":memory:"
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 30_000
# A line that is dead without a word is found out: one that only listens would never know.
_WAITS = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
# The engine's worker threads, the dashboard's watcher and a few to spare.
POOL_SIZE = 8
# A larger cache fills up with what was written and what a filter ran over, and was no faster:
# at 100,000 rows 4 MiB measured like 16, and the dashboard kept 37 MiB less. A mapped file counts
# as memory once for each connection (400 MiB there), and a mapping dies with a file cut short.
PAGE_CACHE_KIB = 4_096
_WAL_LIMIT_BYTES = 1 << 20
_EXAMPLES = "Use sqlite:////folder/file.db or postgresql://user@host/database."
_SECRET = re.compile("pass|secret")


def parse(url: str | None) -> URL:
    """Reads a database URL; None is a private SQLite in memory, a bare path an SQLite file.

    SQLite's own word for memory, `:memory:`, is no path.

    Raises:
        DatabaseUrlInvalid: it cannot be read or names another kind of database. The text of the
            error leaves the URL out, since it may hold a password.
    """
    text = "sqlite://" if url is None or url.strip() == MEMORY else url.strip()
    if text and "://" not in text:
        return make_url("sqlite://").set(database=str(Path(text).expanduser()))
    try:
        parsed = make_url(text)
    except (ArgumentError, ValueError):
        raise DatabaseUrlInvalid("The database URL cannot be read.", hint=_EXAMPLES) from None
    name = parsed.get_backend_name()
    if name == "sqlite":
        return _parse_sqlite(parsed)
    if name in {"postgresql", "postgres"}:
        return _parse_server(parsed)
    raise DatabaseUrlInvalid("The database URL names a kind that is not known.", hint=_EXAMPLES)


def _parse_sqlite(url: URL) -> URL:
    if url.query or url.host or (url.database or "").startswith("file:"):
        raise DatabaseUrlInvalid(
            "The database URL of an SQLite file holds a host or options.", hint=_EXAMPLES
        )
    # `URL.set` takes None for not said, so a private memory is made anew.
    private = url.database in {None, "", MEMORY}
    return make_url("sqlite://") if private else url.set(drivername="sqlite")


def _parse_server(url: URL) -> URL:
    if "@" in (url.host or ""):
        # The rest of a password would be taken for the host's name, and be shown as that.
        raise DatabaseUrlInvalid(
            "The database URL has more than one @.", hint="Write %40 for an @ in a password."
        )
    return url.set(drivername="postgresql+psycopg")


def shown(url: URL) -> str:
    """Gives a server's URL as it may be shown: no password, wherever in it that was given."""
    secret = [name for name in url.query if _SECRET.search(name.lower())]
    plain = url.set(drivername="postgresql").difference_update_query(secret)
    return plain.render_as_string(hide_password=True)


def connect_file(
    path: Path, *, busy_timeout_ms: int, options: str = "mode=rw"
) -> sqlite3.Connection:
    """Opens a file that exists, in autocommit, so that each BEGIN is one of ours."""
    return sqlite3.connect(
        f"file:{quote(str(path))}?{options}",
        uri=True,
        timeout=busy_timeout_ms / 1000,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )


def options_for(*, still: bool) -> str:
    """Gives how a file is opened: one that can change for nobody is read without its log's index.

    SQLite would have to write that beside it, even to read.
    """
    return "mode=ro&immutable=1" if still else "mode=rw"


def sqlite_engine(
    path: Path | None, *, busy_timeout_ms: int, still: bool = False, writing: bool = False
) -> Engine:
    """Makes the engine of one SQLite file, or of a private memory that all threads share.

    A file has one engine for reading and one for writing: letting a connection write, and no
    longer, makes SQLite forget every statement that it has prepared (0.4 ms of a recorded test).
    """
    options = options_for(still=still)

    def connect() -> sqlite3.Connection:
        if path is None:
            raw = sqlite3.connect(MEMORY, isolation_level=None, check_same_thread=False)
        else:
            raw = connect_file(path, busy_timeout_ms=busy_timeout_ms, options=options)
        try:
            return _prepared(raw, writing=writing)
        except BaseException:
            raw.close()  # a file that is locked refuses at its first pragma
            raise

    if path is None:
        return create_engine(
            "sqlite://", creator=connect, poolclass=StaticPool, hide_parameters=True
        )
    return create_engine(
        "sqlite:///file",  # the name only chooses the pool; `creator` knows the path
        creator=connect,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_use_lifo=True,  # the one used last has its statements and pages at hand
        hide_parameters=True,
    )


def _prepared(raw: sqlite3.Connection, *, writing: bool) -> sqlite3.Connection:
    """Sets what holds for a connection's whole life; only those of `Database.write` may write.

    Checkpoints are ours to start (see `storage.checkpoint`): several at once can lose data in
    SQLite 3.7.0 to 3.51.2.
    """
    for pragma in (
        "foreign_keys=ON",
        "synchronous=NORMAL",
        "wal_autocheckpoint=0",
        f"journal_size_limit={_WAL_LIMIT_BYTES}",
        f"cache_size=-{PAGE_CACHE_KIB}",
        "mmap_size=0",
        "temp_store=MEMORY",
        f"query_only={'OFF' if writing else 'ON'}",
    ):
        raw.execute(f"PRAGMA {pragma}")
    return raw


def postgres_engine(url: URL, *, busy_timeout_ms: int, kept: int, lines: Lines) -> Engine:
    """Makes the engine of a PostgreSQL database; nothing there waits without an end.

    It keeps so many connections, and lets go of more when they were used: what a server has of
    them is shared by everybody. `lines` gets to know each of them.

    Raises:
        DriverMissing: psycopg is not installed.
    """
    given = url.query.get("options", "")
    options = given if isinstance(given, str) else " ".join(given)
    limits = f"-c lock_timeout={busy_timeout_ms} -c statement_timeout={STATEMENT_TIMEOUT_MS}"
    waits = {name: value for name, value in _WAITS.items() if name not in url.query}
    # Said, because a server that knows no encoding has texts read as bytes otherwise.
    arguments: dict[str, Any] = {
        "options": f"{limits} {options}".strip(),
        "client_encoding": "utf8",
        **waits,
    }
    try:
        engine = create_engine(
            url.difference_update_query(["options", "client_encoding"]),
            connect_args=arguments,
            pool_size=kept,
            max_overflow=2 * POOL_SIZE - kept,
            pool_pre_ping=True,
            pool_use_lifo=True,  # one that rests is not opened beside
            hide_parameters=True,
        )
    except ImportError:
        raise DriverMissing(
            "PostgreSQL needs the package psycopg, which is not installed.",
            hint='Install it with: pip install "lampboard[postgres]"',
        ) from None
    event.listen(engine, "connect", lines.add)
    return engine


def raw_of(connection: Connection) -> sqlite3.Connection:
    """Gives the driver's own connection under one of an SQLite engine."""
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)
