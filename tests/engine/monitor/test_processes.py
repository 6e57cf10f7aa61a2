"""Real monitor processes on one database: shared work, kills at any moment, clean ends."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import sys
import time
import uuid
from contextlib import asynccontextmanager
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
import asyncio, signal, sys
from engine.monitor import MonitorLimits, run_monitor
from engine.settings import Settings
from engine.workspace import Workspace

def told(rows):
    for row in rows:
        print(row.target_number, int(row.checked_at.timestamp() * 1000))
    sys.stdout.flush()

async def main():
    workspace = Workspace.open(Settings(database=sys.argv[1]))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    limits = MonitorLimits(per_minute=float(sys.argv[2]), deadline_s=1, lease_s=3, poll_s=0.1)
    print("ready", flush=True)
    await run_monitor(workspace, limits=limits, stop=stop, recorded=told)
    await workspace.aclose()

asyncio.run(main())
"""


@asynccontextmanager
async def child(url: str, per_minute: int = 60_000) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CHILD,
        url,
        str(per_minute),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n", await process.communicate()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ended(process: asyncio.subprocess.Process, by: int) -> set[tuple[int, int]]:
    """Send a signal; give what the process had acknowledged by its end."""
    process.send_signal(by)
    out, err = await process.communicate()
    assert not err, err.decode()
    # A kill can cut the last line; the rows before it were acknowledged.
    lines = out.decode().split("\n")[:-1]
    return {(int(number), int(at)) for number, at in (line.split() for line in lines)}


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The URL of a migrated schema of this test's own."""
    text = os.environ.get(
        "LAMPBOARD_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test?connect_timeout=3"
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
    names = [f"t{i}" for i in range(300)]
    seed(url, provider, clock, *names, every=60)
    # Each could do all alone in the time, so both are there to claim everything.
    async with child(url, 6000) as first, child(url, 6000) as second:
        await provider.until(lambda seen: len(seen.seen) == len(names))
        await asyncio.sleep(1)  # long enough for a second check, were there one
        shares = [await ended(process, signal.SIGTERM) for process in (first, second)]
    assert set(provider.seen.values()) == {1}
    assert max(provider.most_at_once.values()) == 1
    assert min(len(share) for share in shares) > 0, "both had a part in it"
    assert sum(len(share) for share in shares) == len(names)


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
    acknowledged: set[tuple[int, int]] = set()
    for _ in range(6):
        async with child(sqlite_url) as process:
            before = sum(provider.seen.values())
            await provider.until(lambda seen, n=before: sum(seen.seen.values()) > n + 20)  # type: ignore[misc]
            await asyncio.sleep(luck.uniform(0, 0.6))
            acknowledged |= await ended(process, signal.SIGKILL)
        assert acknowledged <= history_of(tmp_path / "lampboard.db")
    assert acknowledged


async def test_what_a_dead_monitor_held_is_checked_within_a_lease(
    url: str, provider: CountingProvider, clock: SetClock
) -> None:
    names = [f"hang{i}" for i in range(40)]
    seed(url, provider, clock, *names, every=3600)
    async with child(url) as process:
        await provider.until(lambda seen: len(seen.seen) == len(names))
        await ended(process, signal.SIGKILL)
        died = time.monotonic()
    async with child(url):
        await provider.until(lambda seen: min(seen.seen.values()) == 2)
        # The lease of 3 s, the successor's look, and its start on this machine.
        assert time.monotonic() - died < 3 + 2 + 3
    assert max(provider.most_at_once.values()) == 1


async def tui_monitor(url: str, *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "always::ResourceWarning", "-W", "always::RuntimeWarning", "-m", "tui"),
        *("--database", url, "monitor", *options),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "LAMPBOARD_MONITOR": "off"},
    )


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "end of input"])
async def test_the_process_ends_cleanly_within_a_second_though_checks_hang(
    sqlite_url: str, provider: CountingProvider, clock: SetClock, how: str
) -> None:
    seed(sqlite_url, provider, clock, *(f"hang{i}" for i in range(30)), every=60)
    process = await tui_monitor(sqlite_url, "--child")
    try:
        await provider.until(lambda seen: len(seen.seen) == 30)
        began = time.monotonic()
        assert process.stdin is not None
        if how == "end of input":
            process.stdin.close()
        else:
            process.send_signal(signal.Signals[how])
        async with asyncio.timeout(5):
            assert process.stderr is not None
            said = await process.stderr.read()
            code = await process.wait()
        assert time.monotonic() - began < 1
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
