from __future__ import annotations

import asyncio
import socket
import time
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import ReadOnlyRefused, WorkspaceError
from engine.monitor import MonitorLimits, run_monitor
from engine.monitor.checking import Checker
from engine.monitor.network import Network
from engine.monitor.pacing import Pace
from engine.settings import Settings
from engine.workspace import Workspace
from storage.health import HealthDriver
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from storage.health import CheckRow, TargetRow

    from .conftest import CountingProvider, SetClock

FAST = MonitorLimits(per_minute=None, deadline_s=60, lease_s=130, poll_s=0.05, beat_s=0.2)


class Recorded:
    """Told of what is committed; sets `enough` when it is so many results."""

    def __init__(self, count: int) -> None:
        self.numbers: list[int] = []
        self.enough = asyncio.Event()
        self._count = count

    def __call__(self, rows: Sequence[CheckRow]) -> None:
        self.numbers.extend(row.target_number for row in rows)
        if len(self.numbers) >= self._count:
            self.enough.set()


def lamps(workspace: Workspace) -> dict[str, TargetRow]:
    with workspace.database.read() as connection:
        page = HealthDriver(connection).lamps(None, limit=5000)
        return {row.name: row for row in page.rows}


async def test_one_run_checks_all_that_is_due_and_counts_it(
    workspace: Workspace, provider: CountingProvider, add: Callable[..., None]
) -> None:
    add(*(f"t{i}" for i in range(700)), "fail")
    counts = await run_monitor(workspace, once=True)
    told = counts.to_dict()
    assert told.pop("duration_s") > 0
    assert told == {
        "checked": 701,
        "healthy": 700,
        "degraded": 0,
        "failing": 1,
        "unknown": 0,
        "skipped": 0,
    }
    assert set(provider.seen.values()) == {1}
    found = lamps(workspace)
    assert found["t5"].state == "healthy"
    assert found["fail"].error == "http_503"
    assert all(lamp.lease_owner is None for lamp in found.values())
    assert all(lamp.due_at and lamp.due_at > workspace.clock.now() for lamp in found.values())


async def test_one_run_with_nothing_due_ends_at_once(workspace: Workspace) -> None:
    counts = await run_monitor(workspace, once=True)
    assert counts.checked == counts.skipped == 0


async def test_what_another_monitor_holds_is_skipped_and_said(
    workspace: Workspace, provider: CountingProvider, add: Callable[..., None]
) -> None:
    add("mine", "taken")
    number = lamps(workspace)["taken"].number
    with workspace.database.write() as connection:
        assert HealthDriver(connection).claim_one(number, "other", workspace.clock.now(), 60)
    counts = await run_monitor(workspace, once=True)
    assert (counts.checked, counts.skipped) == (1, 1)
    assert provider.seen["taken"] == 0
    assert lamps(workspace)["taken"].lease_owner == "other"


async def test_a_read_only_run_is_refused(tmp_path: Path, settings: Settings) -> None:
    Workspace.open(settings).database.close()
    workspace = Workspace.open(Settings(database=settings.database, read_only=True))
    with pytest.raises(ReadOnlyRefused):
        await run_monitor(workspace, once=True)
    await workspace.aclose()


async def test_an_unreadable_credential_is_one_lamp_and_all_others_go_on(
    workspace: Workspace, add: Callable[..., None]
) -> None:
    reference = None
    add("fine")
    reference = await workspace.credentials.store("acme", "sk-secret-1")
    add("gone", credential_ref="encrypted://00000000-0000-4000-8000-000000000000")
    add("unset", credential_ref="env://NO_SUCH_VARIABLE_HERE")
    add("keyed", credential_ref=reference)
    counts = await run_monitor(workspace, once=True)
    found = lamps(workspace)
    assert (counts.healthy, counts.failing) == (2, 2)
    assert found["gone"].error == found["unset"].error == "credential_unreadable"
    assert found["gone"].stage == "credential"


async def test_hanging_targets_stay_behind_their_own_cap(
    workspace: Workspace, provider: CountingProvider, add: Callable[..., None]
) -> None:
    add(*(f"hang{i}" for i in range(1000)))
    add(*(f"t{i}" for i in range(60)), provider_type="openai", credential_ref="env://PATH")
    stop = asyncio.Event()
    limits = MonitorLimits(
        per_minute=None, in_flight=20, per_technology=10, deadline_s=120, lease_s=250, poll_s=0.05
    )
    running = asyncio.create_task(run_monitor(workspace, limits=limits, stop=stop))
    await provider.until(lambda seen: sum(seen.seen[f"t{i}"] for i in range(60)) >= 60)
    assert sum(provider.now.values()) <= 20
    assert sum(count for name, count in provider.now.items() if name.startswith("hang")) <= 10
    stop.set()
    await running


async def test_the_end_waits_for_no_check_that_hangs(
    workspace: Workspace, provider: CountingProvider, add: Callable[..., None]
) -> None:
    add(*(f"hang{i}" for i in range(50)), *(f"t{i}" for i in range(5)))
    stop, told = asyncio.Event(), Recorded(5)
    before = asyncio.all_tasks()
    running = asyncio.create_task(run_monitor(workspace, stop=stop, recorded=told))
    await provider.until(lambda seen: len(seen.seen) >= 55)
    await told.enough.wait()
    with within(3):
        stop.set()
        counts = await running
    assert counts.checked == 5
    found = lamps(workspace)
    assert all(lamp.lease_owner is None for lamp in found.values())
    assert found["hang1"].checked_at is None
    ours = {task for task in asyncio.all_tasks() - before if "hostile" not in repr(task)}
    assert not ours
    with workspace.database.read() as connection:
        assert HealthDriver(connection).monitors(workspace.clock.now() - timedelta(hours=1)) == []


async def test_starts_are_paced(
    workspace: Workspace,
    provider: CountingProvider,
    add: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments: list[float] = []
    take = Pace.take

    def noted(pace: Pace, now: float) -> None:
        moments.append(now)
        take(pace, now)

    monkeypatch.setattr(Pace, "take", noted)
    add(*(f"t{i}" for i in range(60)))
    await run_monitor(workspace, once=True, per_minute=3000)
    assert len(moments) == len(provider.seen) == 60
    assert moments[-1] - moments[0] >= 1.0
    # No machine is fast all the time; most starts come when they should.
    assert median(b - a for a, b in pairwise(moments)) < 0.05
    for start in moments:
        assert sum(start <= moment < start + 0.2 for moment in moments) <= 13


async def test_targets_go_on_being_checked_at_their_interval(
    workspace: Workspace,
    provider: CountingProvider,
    add: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts: dict[int, list[float]] = defaultdict(list)
    check = Checker.check

    async def noted(checker: Checker, work: Any) -> Any:
        starts[work.target.number].append(time.monotonic())
        return await check(checker, work)

    monkeypatch.setattr(Checker, "check", noted)
    add(*(f"t{i}" for i in range(20)), interval_s=1)
    stop = asyncio.Event()
    running = asyncio.create_task(run_monitor(workspace, limits=FAST, stop=stop))
    await provider.until(lambda seen: len(seen.seen) == 20 and min(seen.seen.values()) >= 4)
    stop.set()
    await running
    assert len(starts) == 20
    for moments in starts.values():
        gaps = [b - a for a, b in pairwise(moments)]
        assert min(gaps) > 0.9
        # A machine that stands still for a while makes one gap longer.
        assert median(gaps) < 1.5
    assert max(provider.most_at_once.values()) == 1


async def test_it_tells_that_it_lives(
    workspace: Workspace, provider: CountingProvider, add: Callable[..., None]
) -> None:
    add("hang1", "t1")
    stop = asyncio.Event()
    running = asyncio.create_task(run_monitor(workspace, limits=FAST, stop=stop))
    await provider.until(lambda seen: len(seen.seen) == 2)
    async with asyncio.timeout(60):
        while True:
            with workspace.database.read() as connection:
                rows = HealthDriver(connection).monitors(
                    workspace.clock.now() - timedelta(seconds=10)
                )
            if rows and rows[0].checks_total == 1 and rows[0].in_flight == 1:
                break
            await asyncio.sleep(0.02)
    assert not rows[0].offline
    stop.set()
    await running


@pytest.mark.parametrize("jump_s", [3600, -3600, 31_536_000, -31_536_000])
async def test_a_clock_that_is_set_starts_no_storm_and_starves_nobody(
    workspace: Workspace,
    provider: CountingProvider,
    clock: SetClock,
    add: Callable[..., None],
    jump_s: int,
) -> None:
    add(*(f"t{i}" for i in range(10)), interval_s=2)
    stop = asyncio.Event()
    running = asyncio.create_task(run_monitor(workspace, limits=FAST, stop=stop))
    await provider.until(lambda seen: len(seen.seen) == 10)
    clock.offset = timedelta(seconds=jump_s)
    began, before = time.monotonic(), provider.seen.copy()
    await provider.until(lambda seen: all(seen.seen[n] >= before[n] + 3 for n in before))
    took = time.monotonic() - began
    stop.set()
    await running
    # One check more than the interval gives: the clock cannot be trusted, so it is looked again.
    assert all(provider.seen[name] - before[name] <= took / 2 + 2 for name in before)
    for lamp in lamps(workspace).values():
        assert abs((clock.now() - lamp.checked_at).total_seconds()) < 600  # type: ignore[operator]
        assert lamp.latency_ms is not None
        assert lamp.latency_ms >= 0


async def test_plans_that_a_wrong_clock_left_in_the_future_are_mended_at_the_start(
    workspace: Workspace, provider: CountingProvider, clock: SetClock, add: Callable[..., None]
) -> None:
    clock.offset = timedelta(days=365)
    add("t1", interval_s=1)
    await run_monitor(workspace, once=True)
    clock.offset = timedelta(0)
    stop = asyncio.Event()
    running = asyncio.create_task(run_monitor(workspace, limits=FAST, stop=stop))
    await provider.until(lambda seen: seen.seen["t1"] >= 3)
    stop.set()
    await running
    lit = lamps(workspace)["t1"].checked_at
    assert lit is not None
    assert abs(lit - clock.now()) < timedelta(minutes=10)


async def test_a_database_that_is_away_for_a_while_costs_nothing(
    workspace: Workspace,
    provider: CountingProvider,
    add: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add(*(f"t{i}" for i in range(30)))
    write, failures = workspace.write, iter(range(3))
    claimed = asyncio.Event()

    async def sometimes(work: object, **how: object) -> object:
        if claimed.is_set() and next(failures, None) is not None:
            raise WorkspaceError("Locked.", temporary=True, code="database_locked")
        claimed.set()
        return await write(work, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(workspace, "write", sometimes)
    told = Recorded(30)
    async with asyncio.timeout(90):
        counts = await run_monitor(workspace, limits=FAST, stop=told.enough, recorded=told)
    assert sorted(told.numbers) == sorted(lamp.number for lamp in lamps(workspace).values())
    assert counts.healthy == 30
    assert set(provider.seen.values()) == {1}


async def test_a_database_that_is_lost_ends_the_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(work: object, **how: object) -> object:
        raise WorkspaceError("The file is damaged.", code="database_corrupt")

    monkeypatch.setattr(workspace, "write", broken)
    with pytest.raises(WorkspaceError, match="damaged"):
        await run_monitor(workspace, stop=asyncio.Event())


async def test_offline_nothing_turns_red_and_the_board_is_told(
    workspace: Workspace,
    provider: CountingProvider,
    add: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_answer(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "no name server is reached")

    monkeypatch.setattr("engine.monitor.loop.Network", lambda: Network(routed=lambda _: False))
    add("here", "fail")
    add("far", url="http://far.invalid")
    stop, told = asyncio.Event(), Recorded(2)
    monkeypatch.setattr(socket, "getaddrinfo", no_answer)
    running = asyncio.create_task(run_monitor(workspace, limits=FAST, stop=stop, recorded=told))
    async with asyncio.timeout(60):
        while True:
            with workspace.database.read() as connection:
                rows = HealthDriver(connection).monitors(
                    workspace.clock.now() - timedelta(seconds=10)
                )
            if rows and rows[0].offline:
                break
            await asyncio.sleep(0.02)
    await told.enough.wait()
    stop.set()
    counts = await running
    found = lamps(workspace)
    assert len(provider.seen) == 2
    assert found["far"].state == "unknown"
    assert found["far"].checked_at is None
    assert found["here"].state == "healthy"
    assert found["fail"].state == "failing", "loopback needs no route"
    assert counts.skipped >= 1
