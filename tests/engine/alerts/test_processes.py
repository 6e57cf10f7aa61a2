"""Several senders on one database, some of them killed: nothing is told twice by itself."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.clock import SystemClock
from engine.settings import Settings

from .conftest import TENANT, world_on

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from .conftest import Receiver, World

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[3]
# Larger where somebody asks for it.
KILLS = int(os.environ.get("LAMPBOARD_TEST_ALERT_KILLS", "4"))
# Only the kills wait for it; a sender that a busy machine holds up is no dead one.
LEASE_S, LONG_S = 6.0, 300.0


@asynccontextmanager
async def shared(url: str) -> AsyncIterator[World]:
    settings = Settings(database=url, operator="olga", master_key="ab" * 32)
    async with world_on(settings) as world:
        # At the machine's own time, which the processes have.
        world.workspace.clock = SystemClock()
        yield replace(world, clock=world.workspace.clock)


@asynccontextmanager
async def sending(url: str, lease_s: float = LEASE_S) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.engine.alerts.sending_child", url, str(lease_s)),
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


async def settled(world: World, count: int) -> list[str]:
    """Wait until so many alerts are there and none is still to be sent; gives their states."""
    async with asyncio.timeout(120):
        while True:
            states = [one.state for one in await world.alerts(limit=1000)]
            if len(states) >= count and not {"waiting", "sending"} & set(states):
                return states
            await asyncio.sleep(0.05)  # other processes' doing: there is nothing to wait on


async def test_two_senders_tell_each_alert_once(url: str, receiver: Receiver) -> None:
    many = 30
    async with shared(url) as world, sending(url, LONG_S), sending(url, LONG_S):
        for name in ("a", "b", "c"):
            channel = await world.channel(receiver.url, name, per_hour=1000)
            await world.workspace.alerts.add_route(TENANT, channel, wait_s=0)
        for place in range(many):
            world.open(f"gpt-{place}")
        assert set(await settled(world, 3 * many)) == {"sent"}
    assert len(receiver.keys) == 3 * many
    assert set(receiver.keys.values()) == {1}


async def test_a_sender_that_is_killed_while_it_sends_leaves_it_uncertain(
    url: str, receiver: Receiver
) -> None:
    receiver.held = asyncio.Event()
    async with shared(url) as world:
        await world.routed(receiver.url)
        world.open()
        async with sending(url) as process:
            await receiver.came(1)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        receiver.held.set()
        async with sending(url):
            assert await settled(world, 1) == ["uncertain"]
            # Its successor goes on with what comes next, and leaves that alone.
            world.open("next")
            assert sorted(await settled(world, 2)) == ["sent", "uncertain"]
    assert sorted(receiver.keys.values()) == [1, 1]


async def test_kills_at_any_moment_double_nothing(url: str, receiver: Receiver) -> None:
    dice = random.Random(7)  # noqa: S311 - when to kill
    async with shared(url) as world:
        await world.routed(receiver.url)
        (channel,) = await world.workspace.alerts.list_channels(TENANT)
        await world.workspace.alerts.edit_channel(TENANT, channel.id, per_hour=1000)
        count = 0
        for _ in range(KILLS):
            async with sending(url) as process:
                for _ in range(5):
                    count += 1
                    world.open(f"gpt-{count}")
                await receiver.came(len(receiver.heads) + 1)
                await asyncio.sleep(dice.random() * 0.05)
                process.send_signal(signal.SIGKILL)
                await process.wait()
        async with sending(url):
            states = await settled(world, count)
    assert set(states) <= {"sent", "uncertain"}
    assert states.count("uncertain") <= KILLS
    assert set(receiver.keys.values()) == {1}
    # What nobody was told of is shown as such, never as sent.
    assert len(receiver.keys) >= states.count("sent")


async def test_kills_at_any_moment_tell_no_growth_twice(url: str, receiver: Receiver) -> None:
    dice = random.Random(8)  # noqa: S311 - when to kill
    async with shared(url) as world:
        channel = await world.channel(receiver.url, per_hour=1000)
        await world.workspace.alerts.add_route(TENANT, channel, wait_s=0)
        numbers = [world.open(f"gpt-{place}", severity="warning") for place in range(6)]
        async with sending(url, LONG_S):
            assert set(await settled(world, len(numbers))) == {"sent"}
        for level in range(1, KILLS + 1):
            # Two that plan and send the same; both are killed in the midst of it.
            async with sending(url) as first, sending(url) as second:
                for number in numbers:
                    world.look(number, "warning", level=level)
                await receiver.came(len(receiver.heads) + 1)
                await asyncio.sleep(dice.random() * 0.05)
                for process in (first, second):
                    process.send_signal(signal.SIGKILL)
                    await process.wait()
        for number in numbers:
            world.worsen(number)
        async with sending(url), receiver.changed:
            # Whatever became of those before: of what nobody killed all is told.
            last = {(number, "worsened", KILLS + 1) for number in numbers}
            told = receiver.changed.wait_for(lambda: last <= growths(receiver).keys())
            await asyncio.wait_for(told, 120)
        states = {one.state for one in await world.alerts(limit=1000)}
    assert states <= {"sent", "uncertain", "dropped", "sending"}
    assert set(growths(receiver).values()) == set(receiver.keys.values()) == {1}


def growths(receiver: Receiver) -> Counter[tuple[int, str, int]]:
    """How often each incident was told to be as bad as that."""
    told = [one for body in receiver.bodies for one in body["incidents"]]
    return Counter((one["number"], one["event"], one["worsened"]) for one in told)
