"""What a dashboard asks of its database: next to nothing while nothing changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.health.model import MonitorStatus
from engine.incidents.model import IncidentHeadline
from engine.settings import Settings
from engine.workspace import Workspace
from tests.resting import until
from tests.servers.schemas import migrated_schema
from tests.tui.fakes import FakeWorkspace, opener, settings_for
from tui import pulse
from tui.desk import Desk
from tui.pulse import Pulse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.status import BoardStatus


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Watched:
    """A pulse over the fake world, and what it told."""

    def __init__(self, world: FakeWorkspace, clock: Clock) -> None:
        self.world, self.clock = world, clock
        self.desk = Desk(settings_for(refresh_s=1.0), opener(world), world.clock)
        self.desk.painted.set()
        self.desk.shown.set()
        self.changed: list[frozenset[str]] = []
        self.told: list[BoardStatus] = []
        self.pulse = Pulse(self.desk, changed=self.changed.append, status=self.told.append)

    async def after(self, seconds: float) -> list[str]:
        """Let time pass and the pulse look; return what it asked for."""
        self.clock.now += seconds
        self.world.calls.clear()
        await self.pulse.look()
        return self.world.calls


@pytest.fixture
async def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    clock = Clock()
    monkeypatch.setattr(pulse, "monotonic", clock)
    world = FakeWorkspace()
    world.monitor = MonitorStatus(alive=True, beat_age_s=1.0, count=1)
    found = Watched(world, clock)
    await found.after(0.0)
    return found


LOOK = ["revisions"]


async def test_while_nothing_changes_only_that_is_looked_for(watched: Watched) -> None:
    assert [await watched.after(1.0) for _ in range(8)] == [LOOK] * 8
    assert watched.changed == []


async def test_a_beat_asks_for_the_monitor_alone(watched: Watched) -> None:
    watched.world.monitor = replace(watched.world.monitor, count=2)
    watched.world.change("monitors")
    assert await watched.after(2.0) == [*LOOK, "monitor"]
    assert watched.told[-1].monitor == watched.world.monitor
    assert watched.changed == [frozenset({"monitors"})]


async def test_a_monitor_that_falls_silent_is_asked_for_without_a_word(watched: Watched) -> None:
    watched.world.monitor = MonitorStatus(alive=False)
    # Its last beat was one second old: after nine more it may still be alive.
    assert await watched.after(8.9) == LOOK
    assert await watched.after(5.0) == [*LOOK, "monitor"]
    assert watched.told[-1].monitor == MonitorStatus(alive=False)
    assert await watched.after(10.0) == LOOK


async def test_silences_begin_and_end_while_incidents_are_open(watched: Watched) -> None:
    watched.world.incidents.told = IncidentHeadline(critical=1)
    watched.world.change("incidents")
    assert "incidents" in await watched.after(2.0)
    watched.world.incidents.told = IncidentHeadline(silenced=1)
    assert await watched.after(5.0) == [*LOOK, "incidents"]
    assert watched.told[-1].incidents == IncidentHeadline(silenced=1)
    assert await watched.after(1.0) == LOOK


async def test_all_is_counted_now_and_then(watched: Watched) -> None:
    assert "counts" in await watched.after(pulse.COUNT_ANYWAY_S)


async def test_a_pause_asks_for_nothing(watched: Watched) -> None:
    watched.desk.paused = True
    watched.world.change("monitors", "health")
    assert await watched.after(100.0) == LOOK


@pytest.fixture
def shared() -> Iterator[Settings]:
    """The settings of a dashboard on a server, which would look once an hour."""
    with migrated_schema() as url:
        yield Settings(database=url, operator="dana", tenant="acme", refresh_s=3600.0)


@pytest.mark.postgres
async def test_a_server_tells_a_dashboard_that_would_look_in_an_hour(shared: Settings) -> None:
    theirs = Workspace.open(shared)
    desk, changed = Desk(shared), list[frozenset[str]]()
    desk.painted.set()
    desk.shown.set()
    found = Pulse(desk, changed=changed.append, status=lambda _: None)
    running = asyncio.create_task(found.run())
    try:
        mine = await desk.workspace()
        await until(lambda: mine.following.heard() is not None)
        await until(lambda: found.status.confirmed_at is not None)
        await theirs.tenants.ensure("acme", "Acme Ltd")
        await until(lambda: any("tenants" in one for one in changed))
    finally:
        running.cancel()
        await asyncio.wait([running])
        await desk.aclose()
        await theirs.aclose()
