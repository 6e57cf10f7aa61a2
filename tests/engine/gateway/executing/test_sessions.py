"""Sessions between runs: reused, unchanged, replaced when dead, bounded, closed."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest

from engine.gateway.errors import SqlGatewayError
from engine.gateway.executing.failures import Lost
from engine.gateway.executing.pool import PooledDriver
from engine.gateway.executing.worker import Threaded
from tests.engine.gateway.conftest import nothing_found
from tests.engine.gateway.executing.worlds import forbidden, plan, sqlite_world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.gateway.executing import Plan
    from engine.gateway.model import SqlQueryResult
    from tests.engine.gateway.executing.worlds import World

ASKED = {
    "postgres": "SELECT name, setting FROM pg_settings"
    " WHERE name NOT IN ('statement_timeout', 'idle_in_transaction_session_timeout')"
    " UNION ALL SELECT locktype, mode FROM pg_locks WHERE locktype = 'advisory'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " UNION ALL SELECT name, statement FROM pg_prepared_statements"
    " UNION ALL SELECT 'listens', pg_listening_channels()"
    " UNION ALL SELECT relname, 'temporary' FROM pg_class WHERE relpersistence = 't' ORDER BY 1",
    "mysql": "SELECT variable_name, session_value FROM information_schema.system_variables"
    " WHERE variable_name NOT LIKE '%TIMESTAMP%' AND variable_name NOT IN ('PSEUDO_THREAD_ID',"
    " 'LAST_GTID', 'RAND_SEED1', 'RAND_SEED2', 'MAX_STATEMENT_TIME') ORDER BY 1",
    "duckdb": "SELECT name, value FROM duckdb_settings() ORDER BY 1",
    "sqlite": "SELECT changes(), total_changes(), last_insert_rowid()",
}
MORE = {
    "postgres": ["SELECT pg_advisory_lock(7)", "SELECT set_config('work_mem', '65536', false)"],
    "mysql": ["SELECT GET_LOCK('x', 0)", "SELECT a FROM t FOR UPDATE"],
    "duckdb": ["SELECT setseed(0.5)"],
    "sqlite": ["PRAGMA case_sensitive_like=ON"],
}


async def test_settings_and_locks_are_the_same_before_and_after_each_run(
    world: World, corpora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What refuses calls is left out, so that the session alone must hold.
    monkeypatch.setattr("engine.gateway.executing.postgres.asked_of", lambda _: ("{}", "{}"))
    monkeypatch.setattr("engine.gateway.executing.mysql._NOT_CALLED", frozenset())
    monkeypatch.setattr("engine.gateway.executing.duckdb.called", lambda _: frozenset())
    driver = world.driver()
    asked = plan(ASKED[world.dialect], max_rows=5_000)
    before = (await driver.run(asked)).rows
    assert before
    for sql in [*MORE[world.dialect], *forbidden(corpora, world.dialect)]:
        with suppress(SqlGatewayError):
            await driver.run(plan(sql, timeout_seconds=0.2))
    assert (await driver.run(asked)).rows == before
    await driver.close()


async def test_one_session_serves_run_after_run(driver: PooledDriver) -> None:
    for _ in range(3):
        await driver.run(plan("SELECT a FROM t"))
        assert driver.idle == 1
    await driver.close()
    assert driver.idle == 0
    assert (await driver.run(plan("SELECT a FROM t"))).row_count == 3


async def test_a_session_that_the_server_ended_is_replaced(
    world_of: Callable[[str], World],
) -> None:
    import psycopg

    world = world_of("postgres")
    driver = world.driver()
    (first,) = (await driver.run(plan("SELECT pg_backend_pid()"))).rows
    with psycopg.connect(world.url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", first)
    (second,) = (await driver.run(plan("SELECT pg_backend_pid()"))).rows
    assert second != first
    await driver.close()


async def test_a_file_that_takes_the_place_of_another_is_opened(
    tmp_path: Path,
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    world = sqlite_world(tmp_path / "one")
    sqlite_world(tmp_path / "two")
    driver = world.driver()
    await driver.run(plan("SELECT a FROM t"))
    newer = tmp_path / "two" / "world.db"
    with sqlite3.connect(newer) as connection:
        connection.execute("DELETE FROM t")
    connection.close()
    newer.replace(tmp_path / "one" / "world.db")
    assert (await driver.run(plan("SELECT a FROM t"))).row_count == 0
    await driver.close()


class Held:
    """A session whose runs end when they are told to, or cut."""

    def __init__(self, begun: SimpleQueue[Held], *, lost: bool = False) -> None:
        self.fit = True
        self.lost = lost
        self.closed = threading.Event()
        self.go = threading.Event()
        self.was_cut = False
        self._begun = begun

    def run(self, asked: Plan, within_s: float) -> SqlQueryResult:
        self._begun.put(self)
        assert within_s > 0
        self.go.wait(60)
        if self.was_cut or self.lost:
            raise Lost
        return nothing_found(asked)

    def cut(self) -> None:
        self.was_cut = True
        self.fit = False
        self.go.set()

    def close(self) -> None:
        self.closed.set()


class Pool:
    """A driver on sessions of the test's own."""

    def __init__(self, **more: Any) -> None:
        self.opened: list[Held] = []
        self.begun: SimpleQueue[Held] = SimpleQueue()
        self.going: list[Held] = []
        self.lost = False
        self.driver = PooledDriver(title="Test", dialect="sqlite", connect=self.connect, **more)

    async def connect(self, within_s: float) -> Threaded:
        assert within_s > 0
        self.opened.append(Held(self.begun, lost=self.lost))
        return Threaded(self.opened[-1])

    async def busy(self, count: int) -> None:
        """Wait until so many runs have begun."""
        while len(self.going) < count:
            self.going.append(await asyncio.to_thread(self.begun.get, timeout=60))


async def test_sessions_are_bounded_and_further_runs_wait() -> None:
    pool = Pool(sessions=2)
    runs = [asyncio.ensure_future(pool.driver.run(plan("SELECT 1"))) for _ in range(3)]
    await pool.busy(2)
    assert len(pool.opened) == 2
    pool.opened[0].go.set()
    await pool.busy(3)
    assert pool.going[2] is pool.opened[0]
    pool.opened[1].go.set()
    await asyncio.gather(*runs)
    assert (len(pool.opened), pool.driver.idle) == (2, 2)
    await pool.driver.close()
    assert all(session.closed.is_set() for session in pool.opened)


async def test_a_run_that_nobody_waits_for_is_cut_and_its_session_closed() -> None:
    pool = Pool()
    run = asyncio.ensure_future(pool.driver.run(plan("SELECT 1")))
    await pool.busy(1)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert pool.opened[0].was_cut
    assert await asyncio.to_thread(pool.opened[0].closed.wait, 60)
    assert pool.driver.idle == 0


async def test_a_server_that_stops_answering_does_not_hold_a_run() -> None:
    pool = Pool()
    with pytest.raises(SqlGatewayError) as caught:
        await pool.driver.run(plan("SELECT 1", timeout_seconds=0.01))
    assert caught.value.code == "timeout"
    assert pool.opened[0].was_cut


async def test_an_unused_session_is_closed_after_a_while() -> None:
    pool = Pool(idle_s=0.01)
    run = asyncio.ensure_future(pool.driver.run(plan("SELECT 1")))
    await pool.busy(1)
    pool.opened[0].go.set()
    await run
    assert await asyncio.to_thread(pool.opened[0].closed.wait, 60)
    assert pool.driver.idle == 0


async def test_a_connection_that_is_lost_at_once_is_told() -> None:
    pool = Pool()
    pool.lost = True
    run = asyncio.ensure_future(pool.driver.run(plan("SELECT 1")))
    await pool.busy(1)
    pool.opened[0].go.set()
    with pytest.raises(SqlGatewayError) as caught:
        await run
    assert caught.value.code == "connection_lost"
