"""SQLite: a file opened for reading alone, behind an authorizer that lets nothing else happen.

A run is bounded from within as well: SQLite asks every few thousand steps whether to go on, and
makes no value larger than a limit. Rows come in batches, so the limit begins at what a whole batch
may take; a query with larger values is begun again, in smaller batches.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from engine.gateway.executing.failures import (
    Lost,
    failed,
    may_not_call,
    not_reading,
    timed_out,
    words_of,
)
from engine.gateway.executing.files import identity, opened
from engine.gateway.executing.gathering import Gathered
from engine.gateway.executing.outcome import outcome
from engine.gateway.executing.spelling import spell
from engine.gateway.model import ResultColumn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from engine.gateway.errors import SqlGatewayError
    from engine.gateway.executing.plan import Plan
    from engine.gateway.executing.spelling import Spelled
    from engine.gateway.executing.worker import Threaded
    from engine.gateway.model import SqlQueryResult
    from engine.probes.attempt import Attempt

TITLE = "SQLite"
# Steps of its virtual machine between two looks at the clock: some tenths of a millisecond.
_STEPS = 20_000
_BUSY_S = 2.0
# What the rows of one batch may take together, and a row beside the values that fit the cap.
_BATCH_BYTES = 32 * 1024 * 1024
_BESIDE = 64 * 1024
_BATCHES = (1024, 32)
# A whole row is held against the limit, even where only a part of it is selected.
_LARGE = 16 * 1024 * 1024
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
# SQLITE_INNOCUOUS of sqlite3.h: SQLite's own word for a function that cannot do any harm.
_INNOCUOUS = 0x200000
# Those of full-text and spatial search, which have no effect beyond their answer either.
_OF_MODULES = frozenset({"bm25", "highlight", "snippet", "offsets", "matchinfo", "match"})
# SQLITE_DBCONFIG_DEFENSIVE of sqlite3.h, which Python names from 3.12 on.
_DEFENSIVE = 1010
# It writes to the log of the process.
_NOT = frozenset({"sqlite_log"})
# What full-text search asks for itself.
_ASKED = frozenset({"data_version", "page_size"})
_TYPES = {
    int: "integer",
    float: "real",
    str: "text",
    bytes: "blob",
    type(None): "null",
}
_LIMITS = {
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
# Errors about the text of the statement; others may repeat a value.
_ABOUT_TEXT = ("no such ", "near ", "ambiguous ", "wrong number", "unrecognized token", "misuse")
_CODES = {"SQLITE_READONLY": "not_reading", "SQLITE_BUSY": "conflict", "SQLITE_LOCKED": "conflict"}


async def connect(attempt: Attempt) -> Threaded:
    """Return a session on a file that is there.

    Raises:
        Refused: There is no such file, or it may not be read.
    """
    from engine.probes.databases.sqlite import refusal_of

    return await opened(attempt, SqliteSession, refusal_of)


class SqliteSession:
    """One connection that can only read.

    Args:
        path: The database's file.
    """

    def __init__(self, path: Path) -> None:
        self._raw = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro",
            uri=True,
            timeout=_BUSY_S,
            isolation_level=None,
            check_same_thread=False,
        )
        self._path = path
        self._file = identity(path)
        self._stopped = False
        self._blamed: str | None = None
        self._functions = _harmless(self._raw)
        _connect_modules(self._raw)
        _close_in(self._raw)
        self._raw.set_authorizer(self._permit)

    @property
    def fit(self) -> bool:
        """Whether it may be used again."""
        return not self._stopped

    def run(self, plan: Plan, within_s: float) -> SqlQueryResult:
        """Run a plan; raises SqlGatewayError, Lost where another file has taken its place."""
        if identity(self._path) != self._file:
            raise Lost
        began = time.perf_counter()
        spelled = spell(plan, "sqlite", "?")
        ends = time.monotonic() + within_s
        # An interruption that comes before the statement begins would be lost by itself.
        self._raw.set_progress_handler(lambda: self._stopped or time.monotonic() > ends, _STEPS)
        self._blamed = None
        run = _Run(self._raw, plan, spelled)
        try:
            run.read()
        except sqlite3.Error as error:
            if str(error).startswith("vtable constructor failed"):
                raise Lost from error  # the schema has changed: another session connects it
            raise self._error(error, plan) from error
        finally:
            self._raw.set_progress_handler(None, 0)
        return outcome(plan, run.columns, run.gathered, began)

    def cut(self) -> None:
        """End what runs, from another thread."""
        self._stopped = True
        self._raw.interrupt()

    def close(self) -> None:
        """Close."""
        self._raw.close()

    def _permit(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        """Say whether a statement may do something, while SQLite reads its text."""
        if action in _ALLOWED:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION:
            if (second or "").lower() in self._functions:
                return sqlite3.SQLITE_OK
            self._blamed = second
        if action == sqlite3.SQLITE_PRAGMA and first in _ASKED and second is None:
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    def _error(self, error: sqlite3.Error, plan: Plan) -> SqlGatewayError:
        name = getattr(error, "sqlite_errorname", "") or ""
        if name == "SQLITE_INTERRUPT":
            return timed_out(plan.timeout_seconds)
        if self._blamed is not None:
            return may_not_call(self._blamed)
        if name == "SQLITE_AUTH" or isinstance(error, sqlite3.ProgrammingError):
            return not_reading(TITLE)
        code = next((code for start, code in _CODES.items() if name.startswith(start)), "")
        said = str(error)
        if not said.startswith(_ABOUT_TEXT):
            said = words_of(name.removeprefix("SQLITE_")) if name else "a text is no UTF-8"
        not_found = said.startswith(("no such table", "no such column"))
        return failed(TITLE, code or ("not_found" if not_found else "statement_failed"), said)


class _Run:
    """One run under way.

    Attributes:
        columns: Their names, and what SQLite calls the type of the first value in each.
        gathered: The rows.
    """

    def __init__(self, raw: sqlite3.Connection, plan: Plan, spelled: Spelled) -> None:
        self._raw = raw
        self._spelled = spelled
        self._plan = plan
        self._names: tuple[str, ...] = ()
        self.gathered = Gathered(plan.max_rows, plan.max_result_bytes)

    @property
    def columns(self) -> tuple[ResultColumn, ...]:
        """The columns, as far as is known."""
        return tuple(
            ResultColumn(name=name, type=_type(row[at] for row in self.gathered.rows))
            for at, name in enumerate(self._names)
        )

    def read(self) -> None:
        """Read in large batches, and where a row is too large for them, again in smaller ones."""
        plan = self._plan
        most = max(_LARGE, plan.max_result_bytes + _BESIDE)
        for batch in (*_BATCHES, 1):
            limit = _BATCH_BYTES // batch if batch > 1 else most
            self.gathered = Gathered(plan.max_rows, plan.max_result_bytes)
            self._raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limit)
            try:
                self._read(batch)
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorname", "") != "SQLITE_TOOBIG":
                    raise
            else:
                return
        self.gathered.cut()

    def _read(self, batch: int) -> None:
        with closing(self._raw.cursor()) as cursor:
            cursor.execute(self._spelled.text, [_bound(one) for one in self._spelled.values])
            if cursor.description is None:
                raise not_reading(TITLE)
            self._names = tuple(column[0] for column in cursor.description)
            while not self.gathered.full:
                rows = cursor.fetchmany(batch)
                self.gathered.take(rows)
                if len(rows) < batch:
                    return


def _harmless(raw: sqlite3.Connection) -> frozenset[str]:
    """Return the functions that a statement may call."""
    told = {name: flags for name, *_, flags in raw.execute("PRAGMA function_list")}
    innocuous = {name for name, flags in told.items() if flags & _INNOCUOUS}
    of_json = {name for name in told if name.startswith(("json", "->"))}
    return frozenset((innocuous | of_json | _OF_MODULES) - _NOT)


def _connect_modules(raw: sqlite3.Connection) -> None:
    """Use each virtual table once: to connect one later would need more than a run may do."""
    found = raw.execute(
        "SELECT name FROM sqlite_master WHERE sql LIKE 'create virtual table%'"
    ).fetchall()
    names = [name.replace('"', '""') for (name,) in found]
    for source in ("json_each('[]')", "json_tree('[]')", *(f'"{name}"' for name in names)):
        with suppress(sqlite3.Error):  # of a module that is not there
            raw.execute(f"SELECT 1 FROM {source} LIMIT 0").close()  # noqa: S608 - quoted names


def _close_in(raw: sqlite3.Connection) -> None:
    """Set everything that keeps a connection from doing more than it should."""
    raw.execute("PRAGMA query_only=ON")
    raw.execute("PRAGMA mmap_size=0")
    if hasattr(raw, "enable_load_extension"):
        raw.enable_load_extension(False)
    if hasattr(raw, "setconfig"):
        raw.setconfig(_DEFENSIVE, True)
    for limit, value in _LIMITS.items():
        raw.setlimit(limit, value)


def _type(values: Iterable[object]) -> str:
    first = next((one for one in values if one is not None), None)
    return _TYPES[type(first)]


def _bound(value: object) -> object:
    """Return a value as SQLite stores it: times in UTC as its own functions write them."""
    if isinstance(value, datetime):
        told = value.astimezone(UTC).replace(tzinfo=None)
        return told.isoformat(" ", "microseconds" if told.microsecond else "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
