"""DuckDB: a file attached for reading alone to a database in memory that nobody else has.

DuckDB opens a file but once in a process, with one configuration for all. A database in memory
of the session's own, to which the file is attached, leaves the file to others in this process,
such as a check. Then everything outside is switched off and the configuration locked.

A statement is parsed by DuckDB before it runs, and is one SELECT or does not run. Functions that
DuckDB calls volatile are not called, and neither are table functions but a few.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.gateway.executing.calling import called, spells_names_out
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
    from pathlib import Path

    from engine.gateway.errors import SqlGatewayError
    from engine.gateway.executing.plan import Plan
    from engine.gateway.executing.spelling import Spelled
    from engine.gateway.executing.worker import Threaded
    from engine.gateway.model import SqlQueryResult
    from engine.probes.attempt import Attempt

TITLE = "DuckDB"
# Rows at once, as far as the first ones are any guide to their size.
_BATCH = 1024
_PASSED = 500
_CONFIG: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # Names of tables are not looked for among this program's own variables.
    "python_enable_replacements": False,
    "memory_limit": "48MiB",
    "threads": 1,
    "temp_directory": "",
}
# Functions whose answers DuckDB does not count as memory; it makes some 2,000 of them at once.
_LONGEST = 16 * 1024
_BOUNDED = {
    "repeat(a, b)": ("repeat(a, {})", "length(a) * b"),
    "lpad(a, b, c)": ("lpad(a, {}, c)", "b"),
    "rpad(a, b, c)": ("rpad(a, {}, c)", "b"),
}
# Volatile only because each answer is another one.
_HARMLESS = frozenset(
    {"random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "error", "current_query"}
)
_TABLES = frozenset(
    {"range", "generate_series", "unnest", "json_each", "json_tree", "repeat", "repeat_row"}
)
_ASK = (
    "SELECT min(function_name) FROM duckdb_functions() WHERE function_name IN"
    " (SELECT unnest(?)) AND (stability = 'VOLATILE' AND function_name NOT IN (SELECT unnest(?))"
    " OR function_type IN ('table', 'table_macro', 'pragma') AND internal"
    " AND function_name NOT IN (SELECT unnest(?)))"
)
_WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ABOUT_TEXT = ("ParserException", "CatalogException", "BinderException")


async def connect(attempt: Attempt) -> Threaded:
    """Return a session on a file that is there.

    Raises:
        Refused: There is no such file, it is no database, or another process holds it.
    """
    from engine.probes.databases.duckdb import refusal_of

    return await opened(attempt, DuckDbSession, refusal_of)


class DuckDbSession:
    """One connection that can only read.

    Args:
        path: The database's file.
    """

    def __init__(self, path: Path) -> None:
        import duckdb

        self._errors = duckdb
        self._path = path
        self._file = identity(path)
        self._stopped = False
        self._passed: set[str] = set()
        self._read: set[str] = set()
        self._raw = duckdb.connect(":memory:", config=_CONFIG)
        try:
            _close_in(self._raw, path)
        except BaseException:
            self._raw.close()
            raise

    @property
    def fit(self) -> bool:
        """Whether it may be used again."""
        return not self._stopped

    def run(self, plan: Plan, within_s: float) -> SqlQueryResult:
        """Run a plan; raises SqlGatewayError, Lost where another file has taken its place.

        DuckDB has no timeout of its own: the driver's deadline interrupts it.
        """
        del within_s
        if identity(self._path) != self._file:
            raise Lost
        began = time.perf_counter()
        spelled = spell(plan, "duckdb", "$")
        try:
            self._require_calm(plan.sql)
            self._require_reading(spelled.text)
            self._raw.execute("BEGIN TRANSACTION READ ONLY")
            try:
                if self._stopped:
                    # An interruption that came before the statement is lost by itself.
                    raise timed_out(plan.timeout_seconds)
                return self._gather(plan, spelled, began)
            finally:
                with suppress(self._errors.Error):  # an error may have ended it already
                    self._raw.rollback()
        except self._errors.Error as error:
            raise self._error(error, plan) from error

    def cut(self) -> None:
        """End what runs, from another thread."""
        self._stopped = True
        self._raw.interrupt()

    def close(self) -> None:
        """Close."""
        self._raw.close()

    def _require_calm(self, sql: str) -> None:
        """Refuse a statement that may call a function which does more than compute."""
        if sql in self._passed:
            return
        if spells_names_out(sql):
            raise may_not_call('U&"…"')
        asked = [sorted(names) for names in (called(sql), _HARMLESS, _TABLES)]
        row = self._raw.execute(_ASK, asked).fetchone()
        if row and row[0] is not None:
            raise may_not_call(row[0])
        _remember(self._passed, sql)

    def _require_reading(self, text: str) -> None:
        if text in self._read:
            return
        try:
            kinds = [statement.type.name for statement in self._raw.extract_statements(text)]
        except ValueError:  # a kind of statement that the driver has no name for
            kinds = []
        if kinds != ["SELECT"]:
            raise not_reading(TITLE)
        _remember(self._read, text)

    def _gather(self, plan: Plan, spelled: Spelled, began: float) -> SqlQueryResult:
        columns, zoned = self._execute(spelled)
        gathered = Gathered(plan.max_rows, plan.max_result_bytes)
        while not gathered.full:
            count = min(_BATCH, sum(gathered.batches()))
            rows = self._raw.fetchmany(count)
            gathered.take([_in_utc(row, zoned) for row in rows] if any(zoned) else rows)
            if len(rows) < count:
                break
        return outcome(plan, columns, gathered, began)

    def _execute(self, spelled: Spelled) -> tuple[tuple[ResultColumn, ...], tuple[bool, ...]]:
        """Execute; times with a zone come as microseconds, for the driver needs more for them."""
        self._raw.execute(spelled.text, list(spelled.values))
        told = self._raw.description or []
        columns = tuple(ResultColumn(name=name, type=str(kind)) for name, kind, *_ in told)
        zoned = tuple(column.type == _WITH_ZONE for column in columns)
        if any(zoned):
            self._raw.execute(_in_microseconds(spelled.text, zoned), list(spelled.values))
        return columns, zoned

    def _error(self, error: Exception, plan: Plan) -> SqlGatewayError:
        name = type(error).__name__
        if name == "InterruptException":
            return timed_out(plan.timeout_seconds)
        self._stopped = self._stopped or name in {"FatalException", "InternalException"}
        if name == "OutOfMemoryException":
            return failed(TITLE, "overloaded", "it would take more memory than a run may")
        if name in _ABOUT_TEXT:
            said = str(error).partition("\n")[0]
            missing = name == "CatalogException" and "does not exist" in said
            return failed(TITLE, "not_found" if missing else "statement_failed", said.rstrip("!."))
        return failed(
            TITLE, "statement_failed", words_of(name.removesuffix("Exception")) + " error"
        )


def _remember(passed: set[str], text: str) -> None:
    """Remember that a text has passed; not any number of them."""
    if len(passed) >= _PASSED:
        passed.clear()
    passed.add(text)


def _close_in(raw: Any, path: Path) -> None:
    """Attach the file under the name it would have by itself, and switch everything else off."""
    name = path.stem.replace('"', '""')
    where = str(path).replace("'", "''")
    raw.execute(f"ATTACH '{where}' AS \"{name}\" (READ_ONLY)")
    for call, (own, length) in _BOUNDED.items():
        # Within the argument: of constants DuckDB works out each branch beforehand.
        times = f"CASE WHEN {length} > {_LONGEST} THEN error('too long') ELSE b END"
        raw.execute(f"CREATE TEMP MACRO {call} AS system.main.{own.format(times)}")
    raw.execute(f'USE "{name}"')
    with suppress(Exception):  # an extension knows zones; without it there are none
        raw.execute("SET TimeZone = 'UTC'")
    raw.execute("SET enable_external_access = false")
    raw.execute("SET lock_configuration = true")


def _in_microseconds(text: str, zoned: tuple[bool, ...]) -> str:
    names = [f"c{at}" for at in range(len(zoned))]
    told = [f"epoch_us({name})" if zone else name for name, zone in zip(names, zoned, strict=True)]
    return f"SELECT {', '.join(told)} FROM (\n{text}\n) AS q({', '.join(names)})"  # noqa: S608


def _in_utc(row: tuple[Any, ...], zoned: tuple[bool, ...]) -> tuple[Any, ...]:
    return tuple(
        _moment(value) if zone and value is not None else value
        for value, zone in zip(row, zoned, strict=True)
    )


def _moment(microseconds: int) -> datetime | str:
    try:
        return _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:  # a year that Python does not have, or infinity
        return "infinity" if microseconds > 0 else "-infinity"
