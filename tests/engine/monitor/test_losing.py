"""What becomes of targets whose monitor is gone, or stood still for too long: never two at once."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.clock import SystemClock
from engine.monitor.attendance import Suspects
from engine.monitor.checking import Checker, Postponed
from engine.monitor.errands import Claimed
from engine.monitor.flights import Flights
from engine.monitor.limits import MonitorLimits
from engine.monitor.network import Network
from storage.database import Database
from storage.errors import StorageError
from storage.health import HealthDriver

from .test_processes import child, postgres_url, seed, sqlite_url, url

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable
    from datetime import datetime

    from engine.workspace import Workspace
    from storage.health import TargetRow

    from .conftest import CountingProvider, SetClock

__all__ = ["postgres_url", "sqlite_url", "url"]  # fixtures

# No lease ends within the test, and no check meets its deadline.
FOR_EVER: dict[str, float] = {"per_minute": 60_000, "deadline_s": 600, "lease_s": 100_000}
# On a slow machine too all checks have begun before the first of them meets its deadline.
BRIEF: dict[str, float] = {"per_minute": 60_000, "deadline_s": 6, "lease_s": 9}
END_SESSION = """
SELECT pg_terminate_backend(locks.pid) FROM monitors JOIN pg_locks AS locks
  ON locks.locktype = 'advisory'
  AND ((CAST(locks.classid AS bigint) << 32) | CAST(locks.objid AS bigint))
      = hashtextextended(CAST(CAST('monitors' AS regclass) AS oid) || ' ' || monitors.id, 0)
WHERE monitors.pid = {}
"""


@pytest.mark.postgres
@pytest.mark.processes
async def test_what_a_killed_monitor_held_is_anothers_long_before_the_lease_ends(
    postgres_url: str, provider: CountingProvider, clock: SetClock
) -> None:
    names = [f"hang{i}" for i in range(20)]
    seed(postgres_url, provider, clock, *names, every=3600)
    async with child(postgres_url, FOR_EVER) as one:
        await provider.until(lambda seen: len(seen.seen) == len(names))
        async with child(postgres_url, FOR_EVER):
            await one.end(signal.SIGKILL)
            await provider.until(lambda seen: min(seen.seen.values()) == 2)
    assert max(provider.most_at_once.values()) == 1


@pytest.mark.postgres
@pytest.mark.processes
async def test_a_monitor_whose_session_ends_stops_its_checks_before_others_begin(
    postgres_url: str, provider: CountingProvider, clock: SetClock
) -> None:
    names = [f"hang{i}" for i in range(20)]
    seed(postgres_url, provider, clock, *names, every=3600)
    async with child(postgres_url, FOR_EVER) as one:
        await provider.until(lambda seen: len(seen.seen) == len(names))
        async with child(postgres_url, FOR_EVER):
            database = Database.open(postgres_url)
            with database.read() as connection:
                ended = connection.exec_driver_sql(END_SESSION.format(one.process.pid)).scalars()
                assert list(ended) == [True]
            database.close()
            # One of the two has begun them again: the first comes back, or the other was quicker.
            await provider.until(lambda seen: min(seen.seen.values()) >= 2)
            assert one.process.returncode is None
    assert max(provider.most_at_once.values()) == 1


@pytest.mark.postgres
@pytest.mark.processes
async def test_a_monitor_that_stood_still_for_too_long_records_nothing_of_what_it_lost(
    url: str, provider: CountingProvider, clock: SetClock
) -> None:
    names = [f"t{i}" for i in range(20)]
    seed(url, provider, clock, *names, every=3600)
    provider.held = asyncio.Event()
    async with child(url, BRIEF) as one:
        await provider.until(lambda seen: len(seen.seen) == len(names))
        await stand_still(one.process, url)
        provider.held.set()  # its answers are there, and it is not
        async with child(url, BRIEF) as other:
            await provider.until(lambda seen: min(seen.seen.values()) == 2)
            await other.end(signal.SIGTERM)
        went_on = clock.now()
        one.process.send_signal(signal.SIGCONT)
        database = Database.open(url)
        await until_it_beats(database, one.process.pid, went_on)
        await one.end(signal.SIGTERM)
    with database.read() as connection:
        (count,) = connection.exec_driver_sql("SELECT count(*) FROM checks").one()
    database.close()
    assert not one.told
    assert (count, len(other.told)) == (20, 20)
    assert set(provider.seen.values()) == {2}


async def stand_still(process: Process, url: str) -> None:
    """Stop a process between two of its writes: everybody would wait for the one it is at."""
    with closing(Database.open(url, busy_timeout_ms=100)) as database:
        async with asyncio.timeout(240):
            while not stopped_and_nobody_writes(process, database):
                process.send_signal(signal.SIGCONT)
                await asyncio.sleep(0.01)


def stopped_and_nobody_writes(process: Process, database: Database) -> bool:
    """Stop it, and tell whether one can write alone then, as an upgrade does."""
    process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
    try:
        with database.write() as connection:
            if database.dialect == "postgresql":
                connection.exec_driver_sql("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
    except StorageError:
        return False
    return True


async def until_it_beats(database: Database, pid: int, since: datetime) -> None:
    """Wait for a heartbeat of a process after a time."""
    async with asyncio.timeout(240):
        while True:
            with database.read() as connection:
                rows = HealthDriver(connection).monitors(since)
            if any(row.pid == pid for row in rows):
                return
            await asyncio.sleep(0.05)


def claimed(workspace: Workspace, *, lease_s: float) -> Claimed:
    """The one target there is, claimed for so long from now on."""
    from engine.health import things

    with workspace.database.write() as connection:
        (row,) = HealthDriver(connection).claim_due(workspace.clock.now(), "me", 60, 10)
        core = workspace.credentials.core
        thing = things.read(connection, core, [row])[row.number]
    now = time.monotonic()
    return Claimed(thing, now, now + lease_s)


async def test_a_result_that_comes_after_its_lease_is_none(
    workspace: Workspace, provider: CountingProvider, add: Callable[..., None]
) -> None:
    add("t1")
    checker = Checker(workspace.tools, Network(), workspace.clock, MonitorLimits())
    outcome = await checker.check(claimed(workspace, lease_s=-1))
    assert provider.seen["t1"] == 1
    assert isinstance(outcome, Postponed)


async def test_a_check_that_was_let_start_does_not_when_its_lease_has_run_down_meanwhile(
    workspace: Workspace, add: Callable[..., None]
) -> None:
    add("t1")
    begun, woken = [], asyncio.Event()

    async def check(work: Claimed) -> None:
        begun.append(work.target.number)

    class Stopped(SystemClock):
        """Stands still for an hour once a check was let start."""

        def monotonic(self) -> float:
            return time.monotonic() + 3600 * bool(flights.in_flight)

    flights = Flights(MonitorLimits(), Stopped(), check=check, wake=woken.set)
    work = claimed(workspace, lease_s=60)
    flights.add([work])
    assert flights.in_flight == 1
    await woken.wait()
    await flights.end()
    assert not begun
    assert flights.dropped == [work.target.number]
    assert flights.in_flight == 0


async def test_what_is_abandoned_is_neither_held_nor_given_back(
    workspace: Workspace, add: Callable[..., None]
) -> None:
    add("t1")
    begun, ended = asyncio.Event(), asyncio.Event()

    async def check(_: Claimed) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    flights = Flights(MonitorLimits(), SystemClock(), check=check, wake=lambda: None)
    work = claimed(workspace, lease_s=600)
    flights.add([work, replace_number(work)])
    await begun.wait()
    flights.abandon()
    assert not flights.held
    assert not flights.dropped
    await ended.wait()
    await flights.end()
    assert flights.idle


def replace_number(work: Claimed) -> Claimed:
    """The same for another target, which is due in a minute."""
    target: TargetRow = replace(work.target, number=work.target.number + 1)
    return Claimed(replace(work.thing, target=target), work.ready_at + 60, work.lease_ends)


def test_who_is_missed_at_two_looks_is_gone() -> None:
    suspects = Suspects()
    assert suspects.seen(["a", "b"], 10.0) == ()
    assert suspects.seen(["a"], 10.1) == (), "too soon"
    assert suspects.seen(["a", "b"], 10.5) == ("a",), "b was there in between"
    assert suspects.seen([], 11.0) == ()
    assert suspects.seen(["a"], 11.5) == ()


@pytest.mark.postgres
async def test_leases_go_by_the_servers_clock_whatever_this_machine_thinks(
    postgres_url: str, clock: SetClock, provider: CountingProvider
) -> None:
    from functools import partial

    from engine.monitor import errands
    from engine.settings import Settings
    from engine.workspace import Workspace

    seed(postgres_url, provider, clock, "t1", every=3600)
    workspace = Workspace.open(Settings(database=postgres_url), clock=clock)

    def haul(owner: str) -> list[Claimed]:
        claim = errands.Claim(limit=5, lease_s=60, ahead_s=1)
        run = partial(
            errands.run_errand,
            errand=errands.Errand(owner=owner, claim=claim),
            clock=clock,
            credentials=workspace.credentials.core,
            settings=workspace.settings,
        )
        with workspace.database.write() as connection:
            return run(connection).claimed

    assert len(haul("one")) == 1
    clock.offset = timedelta(minutes=30)  # a machine whose clock goes wrong sees no lease end
    assert haul("two") == []
    await workspace.aclose()
