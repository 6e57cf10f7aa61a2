"""Telling people beside the checks: looked at when something changed, stopped by no fault."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.errors import WorkspaceError
from engine.monitor import MonitorLimits, alerting, loop, run_monitor
from engine.monitor.alerting import send_alerts
from storage import forgetting, revisions
from storage.forgetting import KEEP_INCIDENTS
from tests.engine.alerts.conftest import TENANT, Receiver, World, receiving
from tests.engine.conftest import NOON

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from engine.workspace import Workspace

    from .conftest import CountingProvider


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
async def world(workspace: Workspace) -> World:
    await workspace.tenants.ensure(TENANT)
    return World(workspace, workspace.clock)


async def test_a_monitor_tells_what_opens_while_it_runs(world: World, receiver: Receiver) -> None:
    await world.routed(receiver.url)
    stop = asyncio.Event()
    running = asyncio.create_task(
        run_monitor(world.workspace, limits=MonitorLimits(per_minute=60_000), stop=stop)
    )
    number = world.open()
    await receiver.came(1)
    assert receiver.bodies[0]["incidents"][0]["number"] == number
    stop.set()
    await running


async def test_a_lamp_that_fails_is_told_from_its_check_to_the_receiver(
    world: World, receiver: Receiver, provider: CountingProvider, add: Callable[..., None]
) -> None:
    workspace = world.workspace
    workspace.settings = replace(workspace.settings, incident_failures=1)
    await world.routed(receiver.url, technology="custom")
    add("fail-1", "fine-1", url=provider.url)
    stop = asyncio.Event()
    running = asyncio.create_task(
        run_monitor(workspace, limits=MonitorLimits(per_minute=60_000), stop=stop)
    )
    await receiver.came(1)
    stop.set()
    await running
    (told,) = receiver.bodies
    (facts,) = told["incidents"]
    assert (facts["cause"], facts["thing_name"], facts["error"]) == ("lamp", "fail-1", "http_503")


async def test_what_was_over_long_ago_is_forgotten_and_what_is_open_is_told_once(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting.forget, "__kwdefaults__", {"most": 2})
    await world.routed(receiver.url, on_recovery=False)
    lasting, over = world.open("lasting"), [world.open(f"gpt-{place}") for place in range(5)]
    limits = MonitorLimits(per_minute=60_000)
    await run_monitor(world.workspace, limits=limits, once=True)
    for number in over:
        world.close(number)
    world.clock.offset = KEEP_INCIDENTS + timedelta(days=1)
    await run_monitor(world.workspace, limits=limits, once=True)
    await run_monitor(world.workspace, limits=limits, once=True)
    assert [one.incident_number for one in await world.alerts()] == [lasting]
    assert len(receiver.bodies) == 6
    page = await world.workspace.incidents.page(TENANT, closed=None)
    assert [one.number for one in page.items] == [lasting]


async def test_a_single_run_tells_what_is_due(world: World, receiver: Receiver) -> None:
    await world.routed(receiver.url)
    world.open()
    limits = MonitorLimits(per_minute=60_000)
    await run_monitor(world.workspace, limits=limits, once=True)
    assert await world.log() == [("opened", "sent")]
    assert len(receiver.heads) == 1


async def test_a_stopped_monitor_leaves_nothing_in_the_air(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url)
    receiver.held = asyncio.Event()
    world.open()
    stop = asyncio.Event()
    running = asyncio.create_task(
        run_monitor(world.workspace, limits=MonitorLimits(per_minute=60_000), stop=stop)
    )
    await receiver.came(1)
    stop.set()
    await running
    assert await world.log() == [("opened", "uncertain")]
    receiver.held.set()


async def test_what_was_being_told_is_waited_for_when_the_database_is_slow(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.routed(receiver.url)
    receiver.held = asyncio.Event()
    world.open()
    stop, gave_up = asyncio.Event(), asyncio.Event()
    monkeypatch.setattr(loop, "_END_S", 0.1)
    monkeypatch.setattr(loop.logger, "warning", lambda *_: gave_up.set())
    running = asyncio.create_task(
        run_monitor(world.workspace, limits=MonitorLimits(per_minute=60_000), stop=stop)
    )
    await receiver.came(1)
    path = world.workspace.settings.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        stop.set()
        await gave_up.wait()
    await running
    assert await world.log() == [("opened", "uncertain")]
    receiver.held.set()


async def test_it_looks_only_when_something_changed_or_is_due(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    turns = asyncio.Semaphore(0)
    looking, asking = alerting._look, alerting._Turns.due

    async def look(sender: object, *, once: bool) -> None:
        looks.append(1)
        await looking(sender, once=once)  # type: ignore[arg-type]

    async def due(self: alerting._Turns) -> bool:
        found = await asking(self)
        turns.release()
        return found

    monkeypatch.setattr(alerting, "_look", look)
    monkeypatch.setattr(alerting._Turns, "due", due)
    monkeypatch.setattr(alerting, "ANYWAY_S", 3_600)
    telling = asyncio.create_task(send_alerts(world.workspace, look_s=0))
    try:
        for _ in range(20):
            await turns.acquire()
        assert len(looks) == 1
        await world.routed(receiver.url)
        world.open()
        with world.workspace.database.write() as connection:
            revisions.bump(connection, "incidents")
        await receiver.came(1)
    finally:
        telling.cancel()
        await asyncio.wait({telling})


async def test_a_look_that_fails_is_followed_by_another(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.routed(receiver.url)
    world.open()
    failed: list[int] = []
    looking = alerting._look

    async def look(sender: object, *, once: bool) -> None:
        if len(failed) < 2:
            failed.append(1)
            raise (RuntimeError if len(failed) == 1 else WorkspaceError)("it broke")
        await looking(sender, once=once)  # type: ignore[arg-type]

    monkeypatch.setattr(alerting, "_look", look)
    monkeypatch.setattr(alerting, "AGAIN_S", 0.0)
    telling = asyncio.create_task(send_alerts(world.workspace, look_s=0))
    await receiver.came(1)
    telling.cancel()
    await asyncio.wait({telling})
    assert len(failed) == 2


async def test_a_long_look_is_followed_by_a_rest(world: World) -> None:
    workspace = world.workspace
    workspace.clock = clock = FixedClock(NOON)
    turns = alerting._Turns(workspace, world.sender())
    assert await turns.due()
    clock.advance(1)  # so long it took
    turns.looked()
    world.open()
    with workspace.database.write() as connection:
        revisions.bump(connection, "incidents")
    clock.advance(alerting.REST - 0.5)
    assert not await turns.due()
    clock.advance(0.5)
    assert await turns.due()
