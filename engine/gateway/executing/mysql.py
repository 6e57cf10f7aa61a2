"""MySQL and MariaDB: a prepared statement in brackets, in a read-only transaction.

What keeps a run from doing anything but reading, each for itself:

- a statement is prepared by the server, which takes one, and values apart from it;
- it stands in brackets, where the grammar takes nothing but a query: no COMMIT, SET, CALL, SHOW;
  only one that begins with WITH does not need them;
- one without columns, such as SELECT … INTO a file or a variable, is not executed;
- the transaction is read-only;
- functions that lock, wait, read files or come from libraries are not called;
- the connection is reset, which gives back locks, variables and temporary tables.
"""

from __future__ import annotations

import re
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from engine.connectors.sql.watched import most_on_the_wire
from engine.gateway.executing.calling import called
from engine.gateway.executing.failures import may_not_call, not_reading
from engine.gateway.executing.gathering import Gathered
from engine.gateway.executing.mysql_line import line_class
from engine.gateway.executing.mysql_words import TITLE, error_of
from engine.gateway.executing.outcome import outcome
from engine.gateway.executing.spelling import spell
from engine.gateway.executing.worker import Threaded
from engine.gateway.model import ResultColumn
from engine.probes.refusals import Refused
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.gateway.executing.mysql_binary import Column
    from engine.gateway.executing.mysql_line import Prepared
    from engine.gateway.executing.plan import Plan
    from engine.gateway.executing.spelling import Spelled
    from engine.gateway.model import SqlQueryResult
    from engine.probes.attempt import Attempt

PORT = 3306
_BATCH = 256
# Of one batch of rows, as far as it can be known beforehand.
_BATCH_BYTES = 16 * 1024 * 1024
# Beyond the run's own time: the driver's deadline ends it before.
_GRACE_S = 5
_NOT_CALLED = frozenset(
    {
        *("load_file", "get_lock", "release_lock", "release_all_locks", "sleep", "benchmark"),
        *("master_pos_wait", "source_pos_wait", "master_gtid_wait", "wait_for_executed_gtid_set"),
        *("wait_until_sql_thread_after_gtids", "nextval", "setval", "lastval"),
        *("sys_eval", "sys_exec", "sys_get", "sys_set", "service_get_read_locks"),
        *("service_get_write_locks", "service_release_locks", "version_tokens_set"),
    }
)
# In such a comment there is text that the server runs.
_RUN_COMMENTS = ("/*!", "/*M!")
_WITH = re.compile(r"(?:\s|#[^\n]*\n|--\s[^\n]*\n|/\*.*?\*/)*with\b", re.IGNORECASE | re.DOTALL)
# They decide how a text is read, and templates were read without them.
_OTHER_READING = frozenset(
    {
        *("ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE"),
        *("POSTGRESQL", "MYSQL323", "MYSQL40"),
    }
)


async def connect(attempt: Attempt) -> Threaded:
    """Return a session that is logged in; its address is judged as for every check.

    Raises:
        Refused: It could not be made.
    """
    from engine.connectors.sql.drivers import dial, mysql_options
    from engine.probes.databases.mysql import refusal_of
    from engine.probes.refusals import no_user, translated

    if not attempt.place.username:
        raise no_user()
    host, port = attempt.where(PORT)
    addresses = await attempt.resolve(host)
    within_s = attempt.remaining_s
    options = mysql_options(attempt, within_s)

    def opened() -> MySqlSession:
        line = line_class()(host=host, port=port, defer_connect=True, **options)
        sock = dial(addresses, port, within_s)
        # Small packets follow one another; without this each waits for the answer to the last.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            line.connect(sock)
            return MySqlSession(line)
        except BaseException:
            sock.close()
            raise

    with translated(lambda error: refusal_of(error, attempt)):
        return Threaded(await in_thread(opened))


class MySqlSession:
    """One connection; see the module for what bounds a run on it.

    Args:
        line: A connection that is logged in.
    """

    def __init__(self, line: Any) -> None:
        import pymysql

        self._failure = pymysql.MySQLError
        self._line = line
        self._clean = True
        # As it is after each run: the driver has changed settings as it logged in.
        line.reset(None)
        self._settings = _settings(line)
        self._libraries = _libraries(line)

    @property
    def fit(self) -> bool:
        """Whether it may be used again."""
        return self._clean and bool(self._line.open)

    def run(self, plan: Plan, within_s: float) -> SqlQueryResult:
        """Run a plan, and reset the connection; raises SqlGatewayError, Lost."""
        began = time.perf_counter()
        spelled = spell(plan, "mysql", "?", again=False)
        self._require_calm(plan.sql)
        self._line.most = most_on_the_wire(plan.max_result_bytes)
        self._line.wait(within_s + _GRACE_S)
        self._clean = False
        run = _Run(self._line, plan)
        try:
            self._begin(plan, within_s)
            run.read(spelled)
        except (self._failure, OSError) as error:
            raise error_of(error, plan.timeout_seconds) from error
        finally:
            self._clean = self._reset(run)
        return outcome(plan, run.columns, run.gathered, began)

    def cut(self) -> None:
        """End what runs, from another thread."""
        self._clean = False
        self._line.cut()

    def close(self) -> None:
        """Close at once."""
        if self._line.open:
            self._line.drop()

    def _begin(self, plan: Plan, within_s: float) -> None:
        self._line.query(self._settings(plan.max_rows + 1, within_s))
        self._line.query("START TRANSACTION READ ONLY")

    def _reset(self, run: _Run) -> bool:
        """Forget everything the run did; tell whether the connection is as it was before."""
        if not self._line.open:
            return False
        if run.left:
            # The server would send all that is left before it listens again.
            self._line.drop()
            return False
        with suppress(self._failure, OSError):
            self._line.reset(run.statement)
            return True
        return False

    def _require_calm(self, sql: str) -> None:
        if any(sign in sql for sign in _RUN_COMMENTS):
            raise not_reading(TITLE)
        found = min(called(sql) & (_NOT_CALLED | self._libraries), default=None)
        if found is not None:
            raise may_not_call(found)


class _Run:
    """One run under way.

    Attributes:
        gathered: Its rows.
        statement: What was prepared, if anything.
        left: Whether rows are left that were not read.
    """

    def __init__(self, line: Any, plan: Plan) -> None:
        self._line = line
        self._told: list[Column] = []
        self.gathered = Gathered(plan.max_rows, plan.max_result_bytes)
        self.statement: Prepared | None = None
        self.left = False

    @property
    def columns(self) -> tuple[ResultColumn, ...]:
        """The columns, as far as is known."""
        return tuple(ResultColumn(name=one.name, type=one.type) for one in self._told)

    def read(self, spelled: Spelled) -> None:
        """Prepare, execute, and read rows as far as the caps go."""
        self.statement = self._line.prepare(_bracketed(spelled.text))
        if not self.statement.columns:
            raise not_reading(TITLE)
        self._told = self._line.execute(self.statement, spelled.values)
        self.left = True
        try:
            self._take(self._line.rows(self._told))
        except Refused:  # a row is larger than all that may come
            self.gathered.cut()

    def _take(self, rows: Iterator[tuple[Any, ...]]) -> None:
        while not self.gathered.full:
            wanted = min(_BATCH, self.gathered.batches()[0])
            batch, start = [], self._line.brought
            for row in rows:
                batch.append(row)
                if len(batch) == wanted or self._line.brought - start > _BATCH_BYTES:
                    break
            else:
                self.left = False
            self.gathered.take(batch)
            if not self.left:
                return
        # The cap of rows is the server's as well, so that the end may be all that is left.
        if self.gathered.truncated_by == "rows":
            self.left = next(rows, None) is not None


def _bracketed(text: str) -> str:
    """Return a statement in brackets; MariaDB takes none around WITH, behind which is a query.

    The last bracket is on a line of its own: the text may end in a comment.
    """
    return text if _WITH.match(text) else f"({text}\n)"


def _settings(line: Any) -> Any:
    """Return what makes the statement that sets a session up, by its rows and its seconds."""
    with line.cursor() as cursor:
        cursor.execute("SELECT @@SESSION.sql_mode")
        modes = str((cursor.fetchone() or ("",))[0]).split(",")
    mode = ",".join(one for one in modes if one and one not in _OTHER_READING)
    mariadb = "MariaDB" in line.get_server_info()

    def settings(rows: int, within_s: float) -> str:
        if mariadb:
            limit = f"max_statement_time = {within_s:.3f}"
        else:
            limit = f"max_execution_time = {max(1, int(within_s * 1000))}"
        wait = max(1, int(within_s))
        return (
            f"SET NAMES utf8mb4, SESSION sql_mode = '{mode}', SESSION time_zone = '+00:00',"
            f" SESSION sql_select_limit = {rows}, SESSION lock_wait_timeout = {wait},"
            f" SESSION innodb_lock_wait_timeout = {wait}, SESSION {limit}"
        )

    return settings


def _libraries(line: Any) -> frozenset[str]:
    """Return the functions that come from libraries, as far as this login may know them."""
    import pymysql

    found: set[str] = set()
    for asked in (
        "SELECT name FROM mysql.func",
        "SELECT udf_name FROM performance_schema.user_defined_functions",
    ):
        with suppress(pymysql.MySQLError), line.cursor() as cursor:
            cursor.execute(asked)
            found |= {str(row[0]).lower() for row in cursor.fetchall()}
    return frozenset(found)
