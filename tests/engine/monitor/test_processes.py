"""Real monitor processes on one database: shared work, kills at any moment, clean ends."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError

from storage.database import Database, upgrade
from storage.health import HealthDriver
from tests.servers.provided import missing

from .conftest import fill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .conftest import CountingProvider, SetClock

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[3]
# A monitor that says which results are committed, as soon as they are.
CHILD = """
import asyncio, json, logging, signal, sys
from datetime import timedelta
from engine.monitor import MonitorLimits, flights, heartbeats, loop, run_monitor
from engine.settings import Settings
from engine.workspace import Workspace

# A busy machine's database is waited for, and that it was is no fault.
loop._END_S = flights._END_S = 30
logging.getLogger("engine").addHandler(logging.NullHandler())
# What a dead one held is left to its lease, though a successor here could tell that it is dead.
heartbeats._MISSED = timedelta(days=1)

def told(rows):
    for row in rows:
        print(row.target_number, int(row.checked_at.timestamp() * 1000))
    sys.stdout.flush()

async def main():
    workspace = Workspace.open(Settings(database=sys.argv[1]))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    limits = MonitorLimits(**json.loads(sys.argv[2]), poll_s=0.1)
    print("ready", flush=True)
    await run_monitor(workspace, limits=limits, stop=stop, recorded=told)
    await workspace.aclose()

asyncio.run(main())
"""


BRIEF: dict[str, float] = {"per_minute": 60_000, "deadline_s": 1, "lease_s": 3}


@dataclass
class Child:
    """A monitor's process, and what it acknowledged so far: targets with their moments."""

    process: asyncio.subprocess.Process
    told: set[tuple[int, int]] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Hear it until its output ends."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            # A kill can cut the last line; the rows before it were acknowledged.
            if line.endswith(b"\n"):
                number, at = line.split()
                self.told.add((int(number), int(at)))
                self.changed.set()

    async def end(self, by: int) -> None:
        """Send a signal, and hear the process to its end."""
        assert self.process.stderr is not None
        self.process.send_signal(by)
        _, err, _ = await asyncio.gather(
            self.listen(), self.process.stderr.read(), self.process.wait()
        )
        assert not err, err.decode()


async def acknowledged(*children: Child, count: int) -> None:
    """Wait until the processes have acknowledged so many results together."""
    hearing = [asyncio.create_task(one.listen()) for one in children]
    changed = [one.changed for one in children]
    try:
        async with asyncio.timeout(240):
            while sum(len(one.told) for one in children) < count:
                waiting = [asyncio.create_task(event.wait()) for event in changed]
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for event, task in zip(changed, waiting, strict=True):
                    task.cancel()
                    event.clear()
    finally:
        for task in hearing:
            task.cancel()
        await asyncio.gather(*hearing, return_exceptions=True)


@asynccontextmanager
async def child(url: str, limits: dict[str, float] = BRIEF) -> AsyncIterator[Child]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CHILD,
        url,
        json.dumps(limits),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n", await process.communicate()
        yield Child(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The URL of a migrated schema of this test's own."""
    text = os.environ.get(
        "LAMPBOARD_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test?connect_timeout=30"
    )
    url = make_url(text).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    name = f"lampboard_{uuid.uuid4().hex}"
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    except OperationalError:
        missing("postgresql", "PostgreSQL does not answer")
    here = url.set(drivername="postgresql").update_query_dict({"options": f"-csearch_path={name}"})
    found = here.render_as_string(hide_password=False)
    upgrade(found)
    yield found
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    engine.dispose()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'lampboard.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


def seed(url: str, provider: CountingProvider, clock: SetClock, *names: str, every: int) -> None:
    database = Database.open(url)
    with database.write() as connection:
        fill(connection, provider.url, list(names), now=clock.now(), interval_s=every)
    database.close()


async def test_two_monitors_share_the_work_and_never_meet_at_a_target(
    url: str, provider: CountingProvider, clock: SetClock
) -> None:
    provider.delay_s = 0.3  # longer than several claims of the other
    provider.held = asyncio.Event()
    names = [f"t{i}" for i in range(300)]
    seed(url, provider, clock, *names, every=3600)
    alone = 50
    caps = {"per_minute": 3000, "in_flight": alone, "deadline_s": 120, "lease_s": 300}
    async with child(url, caps) as first, child(url, caps) as second:
        # One alone has no more under way, and holds too few to leave none to the other.
        await provider.until(lambda seen: len(seen.seen) > alone)
        provider.held.set()
        await acknowledged(first, second, count=len(names))
        await asyncio.sleep(1)  # long enough for a second check, were there one
        for one in (first, second):
            await one.end(signal.SIGTERM)
    assert set(provider.seen.values()) == {1}
    assert max(provider.most_at_once.values()) == 1
    assert min(len(one.told) for one in (first, second)) > 0, "both had a part in it"
    assert len(first.told) + len(second.told) == len(names)


def history_of(path: Path) -> set[tuple[int, int]]:
    raw = sqlite3.connect(path)
    try:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return set(raw.execute("SELECT target_number, checked_at FROM checks").fetchall())
    finally:
        raw.close()


async def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(
    sqlite_url: str, provider: CountingProvider, clock: SetClock, tmp_path: Path
) -> None:
    seed(sqlite_url, provider, clock, *(f"t{i}" for i in range(200)), every=1)
    luck = random.Random(20)  # noqa: S311 - moments, not secrets
    told: set[tuple[int, int]] = set()
    for turn in range(6):
        async with child(sqlite_url) as one:
            before = sum(provider.seen.values())
            await provider.until(lambda seen, n=before: sum(seen.seen.values()) > n + 20)  # type: ignore[misc]
            if turn % 2:  # else it may be killed before its first write
                await acknowledged(one, count=1)
            await asyncio.sleep(luck.uniform(0, 0.6))
            await one.end(signal.SIGKILL)
            told |= one.told
        assert told <= history_of(tmp_path / "lampboard.db")
    assert told


async def test_what_a_dead_monitor_held_is_checked_within_a_lease(
    url: str, provider: CountingProvider, clock: SetClock
) -> None:
    names = [f"hang{i}" for i in range(40)]
    # On a machine that is too busy some have met their deadline before the kill: they are due soon.
    seed(url, provider, clock, *names, every=1)
    async with child(url) as one:
        await provider.until(lambda seen: len(seen.seen) == len(names))
        await one.end(signal.SIGKILL)
    async with child(url):
        await provider.until(lambda seen: min(seen.seen.values()) >= 2)
    assert max(provider.most_at_once.values()) == 1


# The program, with patience for a busy machine's database at the end.
PROGRAM = """
import runpy
from engine.monitor import flights, loop

loop._END_S = flights._END_S = 30
runpy.run_module("tui", run_name="__main__", alter_sys=True)
"""


async def tui_monitor(url: str, *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "always::ResourceWarning", "-W", "always::RuntimeWarning", "-c", PROGRAM),
        *("--database", url, "monitor", *options),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "LAMPBOARD_MONITOR": "off", "LAMPBOARD_DEADLINE_S": "120"},
    )


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "end of input"])
async def test_the_process_ends_cleanly_and_waits_for_no_check_that_hangs(
    sqlite_url: str, provider: CountingProvider, clock: SetClock, how: str
) -> None:
    seed(sqlite_url, provider, clock, *(f"hang{i}" for i in range(30)), every=60)
    process = await tui_monitor(sqlite_url, "--child")
    try:
        await provider.until(lambda seen: len(seen.seen) == 30)
        assert process.stdin is not None
        if how == "end of input":
            process.stdin.close()
        else:
            process.send_signal(signal.Signals[how])
        async with asyncio.timeout(60):
            assert process.stderr is not None
            said = await process.stderr.read()
            code = await process.wait()
        assert said == b""
        assert code == (130 if how == "SIGINT" else 0)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
    database = Database.open(sqlite_url)
    with database.read() as connection:
        rows = HealthDriver(connection).lamps(None, limit=100).rows
    database.close()
    assert all(row.lease_owner is None for row in rows)
