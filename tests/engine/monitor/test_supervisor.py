from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from engine.errors import WorkspaceError
from engine.monitor import MonitorSupervisor, SupervisorStatus
from engine.monitor.heartbeats import is_watched
from engine.monitor.supervisor import SupervisorState, child_start
from engine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from engine.workspace import Workspace

    from .conftest import CountingProvider

pytestmark = pytest.mark.processes

# Like a monitor: says nothing and ends with its input.
QUIET = (sys.executable, "-c", "import sys; sys.stdin.read()")
LOUD = (sys.executable, "-c", "import sys; sys.exit('The database is gone.')")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)",
)


class Seen:
    """Collects statuses, and waits for one."""

    def __init__(self) -> None:
        self.all: list[SupervisorStatus] = []
        self._changed = asyncio.Event()

    def __call__(self, status: SupervisorStatus) -> None:
        self.all.append(status)
        self._changed.set()

    async def until(self, state: SupervisorState, times: int = 1) -> SupervisorStatus:
        async with asyncio.timeout(240):
            while True:
                found = [status for status in self.all if status.state is state]
                if len(found) >= times:
                    return found[times - 1]
                self._changed.clear()
                await self._changed.wait()


async def nobody() -> bool:
    return False


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=f"sqlite:///{tmp_path / 'lampboard.db'}")


@pytest.fixture
async def quiet(settings: Settings, seen: Seen) -> AsyncIterator[MonitorSupervisor]:
    supervisor = MonitorSupervisor(settings, nobody, changed=seen, command=QUIET)
    yield supervisor
    await supervisor.stop()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_monitor_is_started_niced_and_ended(quiet: MonitorSupervisor, seen: Seen) -> None:
    quiet.start()
    running = await seen.until(SupervisorState.RUNNING)
    assert running.pid is not None
    assert os.getpriority(os.PRIO_PROCESS, running.pid) == 10
    await quiet.stop()
    assert not is_alive(running.pid)
    assert quiet.status.state is SupervisorState.STOPPED
    assert quiet.status.pid is None


async def test_a_monitor_that_is_killed_is_said_and_started_again(
    quiet: MonitorSupervisor, seen: Seen
) -> None:
    quiet.start()
    first = await seen.until(SupervisorState.RUNNING)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    died = await seen.until(SupervisorState.RESTARTING)
    assert "signal 9" in died.message
    second = await seen.until(SupervisorState.RUNNING, times=2)
    assert second.pid != first.pid
    assert second.restarts == 1


async def test_what_a_monitor_said_last_is_shown(settings: Settings, seen: Seen) -> None:
    supervisor = MonitorSupervisor(settings, nobody, changed=seen, command=LOUD)
    supervisor.start()
    died = await seen.until(SupervisorState.RESTARTING)
    await supervisor.stop()
    assert died.message == "The monitor ended with code 1: The database is gone."


async def test_what_cannot_be_started_is_said(settings: Settings, seen: Seen) -> None:
    supervisor = MonitorSupervisor(settings, nobody, changed=seen, command=("/no/such/program",))
    supervisor.start()
    failed = await seen.until(SupervisorState.RESTARTING)
    await supervisor.stop()
    assert failed.message == "The monitor could not be started: No such file or directory."


async def test_a_monitor_that_does_not_listen_is_ended_all_the_same(
    settings: Settings, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.monitor.supervisor._POLITE_S", 0.2)
    supervisor = MonitorSupervisor(settings, nobody, changed=seen, command=STUBBORN)
    supervisor.start()
    running = await seen.until(SupervisorState.RUNNING)
    await supervisor.stop()
    assert running.pid is not None
    assert not is_alive(running.pid)


async def test_none_is_started_where_another_watches_until_that_one_is_gone(
    settings: Settings, seen: Seen
) -> None:
    other = True

    async def alive() -> bool:
        return other

    supervisor = MonitorSupervisor(settings, alive, changed=seen, command=QUIET, look_s=0.02)
    supervisor.start()
    await seen.until(SupervisorState.ELSEWHERE)
    assert [status.state for status in seen.all] == [SupervisorState.ELSEWHERE]
    other = False
    await seen.until(SupervisorState.RUNNING)
    await supervisor.stop()


async def test_a_database_that_cannot_be_read_does_not_end_the_supervisor(
    settings: Settings, seen: Seen
) -> None:
    async def alive() -> bool:
        raise WorkspaceError("Locked.", temporary=True)

    supervisor = MonitorSupervisor(settings, alive, changed=seen, command=QUIET)
    supervisor.start()
    await seen.until(SupervisorState.RUNNING)
    await supervisor.stop()


async def test_off_is_off() -> None:
    supervisor = MonitorSupervisor(Settings(database="sqlite://", monitor="off"), nobody)
    supervisor.start()
    assert supervisor.status.state is SupervisorState.OFF
    await supervisor.stop()


def test_no_secret_is_ever_an_argument() -> None:
    url = "postgresql://board:hunter2@db.example/lampboard"
    arguments, environment = child_start(
        Settings(database=url, master_key="ab" * 32), {"PATH": "/bin"}
    )
    assert arguments == ["monitor", "--child"]
    assert environment["LAMPBOARD_DATABASE"] == url
    assert environment["LAMPBOARD_MASTER_KEY"] == "ab" * 32
    assert environment["PATH"] == "/bin"


def test_the_monitor_gets_the_settings_of_the_run() -> None:
    settings = Settings(
        database="sqlite:////tmp/a b.db",
        allow_networks=("10.0.0.0/8", "fd00::/8"),
        deadline_s=3.5,
        test_deadline_s=1.5,
        credential_deadline_s=2.5,
        vault_addr="https://vault.example:8200",
        in_flight=7,
        read_only=True,
    )
    arguments, environment = child_start(settings, {})
    assert arguments == ["--database", "sqlite:////tmp/a b.db", "monitor", "--child"]
    told = Settings.load({"database": arguments[1]}, environment=environment)
    assert told.allow_networks == settings.allow_networks
    assert (told.deadline_s, told.test_deadline_s) == (3.5, 1.5)
    assert (told.credential_deadline_s, told.vault_addr) == (2.5, settings.vault_addr)
    assert (told.in_flight, told.read_only) == (7, False)


async def test_a_dashboards_monitor_checks_beats_and_comes_back_when_killed(
    workspace: Workspace, provider: CountingProvider, add: Callable[..., None], seen: Seen
) -> None:
    add("t1", interval_s=1)
    supervisor = MonitorSupervisor.over(workspace, changed=seen)
    assert not await is_watched(workspace)
    supervisor.start()
    first = await seen.until(SupervisorState.RUNNING)
    await provider.until(lambda found: found.seen["t1"] >= 2)
    assert first.pid is not None
    async with asyncio.timeout(240):
        while True:  # its last heartbeat may have grown old
            if await is_watched(workspace):
                break
            await asyncio.sleep(0.05)
    os.kill(first.pid, signal.SIGKILL)
    await seen.until(SupervisorState.RUNNING, times=2)
    before = provider.seen["t1"]
    await provider.until(lambda found: found.seen["t1"] > before)
    await supervisor.stop()
    assert not await is_watched(workspace)
