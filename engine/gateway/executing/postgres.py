"""PostgreSQL: one run in two round trips, by the extended protocol alone.

What keeps a run from doing anything but reading, each for itself:

- the extended protocol takes one statement, and values apart from it;
- the statement stands behind `DECLARE … CURSOR FOR`, where PostgreSQL's own grammar takes nothing
  but a query: no COMMIT, SET, COPY, CALL, DO, EXPLAIN;
- the transaction is read-only, which it cannot leave after its first query;
- functions that PostgreSQL itself calls volatile, so that they may do anything, are not called;
- a superuser's login is `pg_read_all_data` for as long as the run lasts;
- the transaction is rolled back, and the session discarded.

Rows are fetched in small batches, and none is asked for beyond the caps.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from engine.connectors.sql.watched import most_on_the_wire
from engine.gateway.errors import SqlGatewayError
from engine.gateway.executing.failures import Lost, TooLarge, may_not_call
from engine.gateway.executing.gathering import Gathered
from engine.gateway.executing.outcome import outcome
from engine.gateway.executing.postgres_calls import STATEMENT, asked_of
from engine.gateway.executing.postgres_line import Line
from engine.gateway.executing.postgres_rows import Decoder, naming
from engine.gateway.executing.postgres_words import error_of
from engine.gateway.executing.spelling import spell

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

    from engine.gateway.executing.plan import Plan
    from engine.gateway.executing.spelling import Spelled
    from engine.gateway.model import SqlQueryResult
    from engine.probes.attempt import Attempt

_SINCE_14 = 140_000
_PASSED = 1_000
# Bytes of a small answer, such as that of a setting.
_SMALL = 4 * 1024 * 1024
# Bytes of the first rows after which they are counted.
_SEVERAL = 512 * 1024
# PGRES_COMMAND_OK, PGRES_TUPLES_OK and PGRES_SINGLE_TUPLE of libpq-fe.h.
_STEPS = 2
_FINE = frozenset({1, 2, 9})
_TIMEOUTS = ("statement_timeout", "idle_in_transaction_session_timeout")

_BEGIN = b"BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
_DECLARE = b"DECLARE lampboard NO SCROLL CURSOR WITHOUT HOLD FOR "
_FETCH = b"FETCH FORWARD %d FROM lampboard"
_SETTINGS = {
    "client_encoding": "UTF8",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    # All rows are wanted, as far as the caps go; a cursor's plan is made for the first tenth.
    "cursor_tuple_fraction": "1",
}


async def connect(attempt: Attempt) -> PostgresSession:
    """Return a session that is logged in; its address is judged as for every check.

    Raises:
        Refused: It could not be made.
    """
    from engine.probes.databases.postgresql import open_connection

    return PostgresSession(await open_connection(attempt))


class PostgresSession:
    """One connection; see the module for what bounds a run on it.

    Args:
        connection: One that is logged in.
    """

    def __init__(self, connection: PGconn) -> None:
        self._line = Line(connection)
        self._settings = _settings(connection)
        self._decoder = Decoder()
        self._passed: set[str] = set()
        self._clean = True

    @property
    def fit(self) -> bool:
        """Whether it may be used again."""
        return self._clean and self._line.open

    async def run(self, plan: Plan, within_s: float) -> SqlQueryResult:
        """Run a plan, and discard what it did to the session; raises SqlGatewayError, Lost."""
        began = time.perf_counter()
        spelled = spell(plan, "postgres", "$")
        run = _Run(self._line, self._decoder, plan)
        self._clean = False
        with self._line.attended():
            try:
                await self._require_calm(plan.sql, plan.timeout_seconds)
                await run.begin(self._settings, spelled, within_s)
                await run.read()
            except SqlGatewayError:
                self._clean = await run.undone()
                raise
            self._clean = await run.undone()
        return run.result(began)

    def close(self) -> None:
        """Close; what runs there ends."""
        self._line.drop()
        self._line.close()

    async def closed(self, within_s: float) -> None:
        """It is closed at once."""

    async def _require_calm(self, sql: str, timeout_s: float) -> None:
        """Refuse a statement that may call a function which does more than compute."""
        if sql in self._passed:
            return
        asked = asked_of(sql)
        found = asked if isinstance(asked, str) else await self._first(asked, timeout_s)
        if found is not None:
            raise may_not_call(found)
        if len(self._passed) >= _PASSED:
            self._passed.clear()
        self._passed.add(sql)

    async def _first(self, arrays: tuple[str, str], timeout_s: float) -> str | None:
        self._line.most = _SMALL
        self._line.ask(STATEMENT, [array.encode() for array in arrays])
        self._line.sync()
        answer = await self._line.answer()
        await self._line.drain()
        _require(answer, timeout_s)
        found = answer.get_value(0, 0) if answer.ntuples else None
        return found.decode("utf-8", "replace") if found is not None else None


class _Run:
    """One run under way: it is begun, read, and undone."""

    def __init__(self, line: Line, decoder: Decoder, plan: Plan) -> None:
        self._line = line
        self._decoder = decoder
        self._plan = plan
        self._gathered = Gathered(plan.max_rows, plan.max_result_bytes)
        self._more = True
        self._undoing = False
        self._unread = 0

    async def begin(self, settings: bytes, spelled: Spelled, within_s: float) -> None:
        """Open the transaction, declare the cursor and fetch the first rows."""
        line, (first, *_) = self._line, self._gathered.batches()
        line.ask(_BEGIN)
        line.ask(settings, [b"%d" % max(1, int(within_s * 1000))])
        line.ask(_DECLARE + spelled.text.encode(), *self._decoder.bound(spelled.values))
        line.ask(_FETCH % first)
        line.sync()
        for _ in range(3):
            self._require(await line.answer())
        line.most = most_on_the_wire(self._plan.max_result_bytes)
        try:
            await self._take_first(first)
            await self._name_types()
        except TooLarge:
            self._gathered.cut()

    async def read(self) -> None:
        """Fetch what is left, as far as the caps go; with the last of it, undo the run."""
        line = self._line
        while self._more and not self._gathered.full:
            counts = self._gathered.batches()
            for count in counts:
                line.ask(_FETCH % count)
            self._unread = len(counts)
            if len(self._gathered.rows) + sum(counts) > self._plan.max_rows:
                self._undo()
            line.sync()
            await line.drain(1)
            try:
                await self._take(counts)
            except TooLarge:
                self._gathered.cut()
        if line.open and not self._undoing:
            self._unread = 0
            self._undo()
            line.sync()
            await line.drain(1)

    async def undone(self) -> bool:
        """Undo what is not undone yet; tell whether the session is as it was before.

        A rollback undoes settings, objects and notices, too; locks of the session are let go by
        themselves. Where something has failed, all that a session can hold is discarded.
        """
        with suppress(Lost, TooLarge):
            if not self._line.open:
                return False
            done = self._undoing and await self._answered()
            await self._line.drain()
            return done or await self._discarded()
        return False

    async def _answered(self) -> bool:
        """Read the rows that are left; tell whether the steps that undo the run went well."""
        for _ in range(self._unread):
            await self._line.answer()
        return all([_fine(await self._line.answer()) for _ in range(_STEPS)])

    async def _discarded(self) -> bool:
        answers = []
        for statement in (b"ROLLBACK", b"DISCARD ALL"):
            self._line.ask(statement)
            self._line.sync()
            answers.append(await self._line.answer())
            await self._line.drain()
        return all(_fine(answer) for answer in answers)

    def result(self, began: float) -> SqlQueryResult:
        """Return what the run brought; `began` is of `time.perf_counter`."""
        return outcome(self._plan, self._decoder.columns, self._gathered, began)

    async def _take_first(self, count: int) -> None:
        """Take rows that come one by one, so that a large one is not waited for with others."""
        batch: list[tuple[Any, ...]] = []
        start, came, first = self._line.came, 0, True
        async for found in self._line.rows():
            self._require(found)
            if first:
                first = False
                self._decoder.begin(found)
            batch += self._decoder.rows(found)
            came += found.ntuples
            if self._line.came - start > _SEVERAL:
                self._gathered.take(batch)
                batch, start = [], self._line.came
                if self._gathered.full:
                    break
        self._gathered.take(batch)
        self._more = came == count

    async def _name_types(self) -> None:
        """Ask what types are called that have not been seen on this connection."""
        kinds = self._decoder.unnamed
        if kinds:
            await self._line.drain()
            self._line.ask(naming(kinds))
            self._line.sync()
            answer = await self._line.answer()
            self._require(answer)
            self._decoder.name(kinds, answer)

    async def _take(self, counts: list[int]) -> None:
        for count in counts:
            found = await self._line.answer()
            self._unread -= 1
            self._require(found)
            self._gathered.take(self._decoder.rows(found))
            self._more = found.ntuples == count
            if self._gathered.full or not self._more:
                return

    def _undo(self) -> None:
        """Ask for everything to be undone; `undone` reads the answers."""
        self._line.ask(b"SELECT pg_catalog.pg_advisory_unlock_all()")
        self._line.ask(b"ROLLBACK")
        self._undoing = True

    def _require(self, answer: PGresult) -> None:
        _require(answer, self._plan.timeout_seconds)


def _require(answer: PGresult, timeout_s: float) -> None:
    if not _fine(answer):
        raise error_of(answer, timeout_s)


def _fine(answer: PGresult) -> bool:
    return answer.status in _FINE


def _settings(connection: PGconn) -> bytes:
    """Return the statement that sets everything up for one transaction; $1 is its timeout."""
    settings = dict(_SETTINGS)
    if connection.server_version >= _SINCE_14:
        settings["client_connection_check_interval"] = "1000"
        if connection.parameter_status(b"is_superuser") == b"on":
            # Rows that a policy hides would be missing without a word.
            settings |= {"row_security": "off", "role": "pg_read_all_data"}
    told = [f"set_config('{name}', '{value}', true)" for name, value in settings.items()]
    told += [f"set_config('{name}', $1, true)" for name in _TIMEOUTS]
    return f"SELECT {', '.join(told)}".encode()
