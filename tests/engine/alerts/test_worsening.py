"""What grows worse: told to who heard of something less bad, once, and like all else that is."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.alerts.claiming import claim
from engine.alerts.planning import plan
from engine.alerts.recording import MAX_ATTEMPTS, PAUSES_S
from engine.silences import SilenceDraft
from tests.engine.conftest import NOON
from tests.servers.schemas import migrated_schema

from .conftest import TENANT, receiving, world_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine.settings import Settings

    from .conftest import Receiver, World


def events(receiver: Receiver) -> list[str]:
    return [one["event"] for one in receiver.bodies]


def titles(receiver: Receiver) -> list[str]:
    return [one["title"] for one in receiver.bodies]


async def warned(world: World, receiver: Receiver, **route: object) -> int:
    """Open a warning that a channel was told of; gives its number."""
    await world.routed(receiver.url, **route)
    number = world.open(severity="warning")
    await world.tell(route.get("wait_s", 0))  # type: ignore[arg-type]
    assert titles(receiver) == ["[warning] New: gpt fails"]
    return number


async def test_who_was_told_of_a_warning_is_told_once_that_it_is_critical(
    world: World, receiver: Receiver
) -> None:
    number = await warned(world, receiver)
    world.worsen(number)
    for _ in range(3):
        await world.tell(30)
    for severity in ("warning", "critical") * 3:
        world.look(number, severity)
        await world.tell(30)
    assert events(receiver) == ["opened", "worsened"]
    assert titles(receiver)[1] == "[critical] Worse: gpt fails"
    (facts,) = receiver.bodies[1]["incidents"]
    assert (facts["event"], facts["severity"], facts["worsened"]) == ("worsened", "critical", 1)
    assert await world.log(query="event:worsened") == [("worsened", "sent")]
    world.close(number)
    await world.tell(1)
    assert events(receiver)[2:] == ["closed"]


async def test_each_level_of_a_limit_is_told(world: World, receiver: Receiver) -> None:
    number = await warned(world, receiver)
    for level in (80, 80, 50, 80, 95):
        world.look(number, "warning", level=level)
        await world.tell(30)
    world.worsen(number)
    await world.tell(30)
    assert titles(receiver)[1:] == [
        *["[warning] Worse: gpt fails"] * 2,
        "[critical] Worse: gpt fails",
    ]


async def test_it_waits_as_long_as_the_route_says_from_when_it_grew_worse(
    world: World, receiver: Receiver
) -> None:
    number = await warned(world, receiver, wait_s=60)
    world.worsen(number, ago_s=10)
    await world.tell(49)
    assert len(receiver.bodies) == 1
    await world.tell(1)
    assert events(receiver) == ["opened", "worsened"]


async def test_who_was_not_told_yet_hears_that_it_opened_as_it_is_by_now(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url, wait_s=300)
    number = world.open(severity="warning")
    await world.tell(100)
    world.worsen(number)
    await world.tell(200)
    await world.tell(300)
    assert titles(receiver) == ["[critical] New: gpt fails"]


@pytest.mark.parametrize("acknowledged", [False, True])
async def test_a_route_for_what_is_critical_alone_is_told_then(
    world: World, receiver: Receiver, acknowledged: bool
) -> None:
    async with receiving() as pager:
        number = await warned(world, receiver)
        channel = await world.channel(pager.url, "pager")
        await world.workspace.alerts.add_route(TENANT, channel, severity="critical", wait_s=0)
        await world.tell(60)
        if acknowledged:
            await world.workspace.incidents.acknowledge(TENANT, number, "Looking into it")
            await world.tell(60)
        world.worsen(number)
        await world.tell(1)
        await world.tell(60)
        assert titles(pager) == ["[critical] New: gpt fails"]
        assert titles(receiver)[1:] == ["[critical] Worse: gpt fails"]


async def test_what_happens_meanwhile_keeps_it_from_being_told(
    world: World, receiver: Receiver
) -> None:
    async def reason() -> str | None:
        await world.tell(1)
        *_, last = await world.alerts(query="event:worsened")
        assert last.state == "dropped"
        return last.error

    number = await warned(world, receiver, wait_s=60)
    world.look(number, "warning", level=80)
    await world.tell(1)
    world.look(number, "warning", level=95)
    assert (await world.alerts())[-1].state == "waiting"
    await world.tell(1)
    assert await world.log(query="event:worsened") == [
        ("worsened", "dropped"),
        ("worsened", "waiting"),
    ]
    world.look(number, "warning", level=0)
    assert await reason() == "The incident was less bad again before that was told."
    world.look(number, "warning", level=95)
    await world.tell(1)
    assert (await world.alerts())[-1].state == "waiting"
    world.acknowledge(number)
    assert await reason() == "Somebody acknowledged the incident first."
    world.worsen(number)
    await world.tell(1)
    world.close(number)
    assert await reason() == "The incident closed before it was told."
    await world.tell(120)
    assert events(receiver) == ["opened", "closed"]


async def test_what_is_bad_again_is_told_as_that_and_not_as_worse(
    world: World, receiver: Receiver
) -> None:
    number = await warned(world, receiver, wait_s=60)
    world.worsen(number)
    await world.tell(1)
    world.close(number)
    # No monitor looked between its end and its relapse.
    world.reopen(number, 1)
    world.change(number, worsened_at=None)
    await world.tell(1)
    worse = (await world.alerts(query="event:worsened"))[0]
    assert (worse.state, worse.error) == (
        *("dropped", "Another alert says how the incident is by now."),
    )
    await world.tell(60)
    await world.tell(60)
    assert titles(receiver)[1:] == ["[critical] Again: gpt fails"]


async def test_a_relapse_that_grows_worse_is_told_anew(world: World, receiver: Receiver) -> None:
    number = await warned(world, receiver)
    world.worsen(number)
    await world.tell(1)
    world.close(number)
    await world.tell(1)
    world.reopen(number, 1)
    mild = {"severity": "warning", "severity_rank": 1, "gravity": 0.0, "worst": 0.0}
    world.change(number, worsened_at=None, **mild)
    await world.tell(1)
    world.worsen(number)
    await world.tell(1)
    assert events(receiver) == ["opened", "worsened", "closed", "opened", "worsened"]
    assert set(receiver.keys.values()) == {1}


async def test_reminders_count_from_it_and_come_after_it(world: World, receiver: Receiver) -> None:
    number = await warned(world, receiver, wait_s=60, remind_s=600)
    await world.tell(590)
    world.worsen(number)
    await world.tell(59)
    assert events(receiver) == ["opened"], "the reminder comes after the news"
    await world.tell(1)
    assert events(receiver) == ["opened", "worsened"]
    await world.tell(599)
    assert len(receiver.bodies) == 2
    await world.tell(1)
    assert titles(receiver)[2:] == ["[critical] Still open: gpt fails"]


async def test_what_grows_worse_while_its_alert_is_under_way_is_told_after_it(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url)
    number = world.open(severity="warning")
    receiver.held = asyncio.Event()
    sender = world.sender()
    await sender.look()
    await receiver.came(1)
    world.worsen(number)
    world.clock.advance(20)
    receiver.held.set()
    await sender.settle()
    await world.tell(1)
    assert titles(receiver) == ["[warning] New: gpt fails", "[critical] Worse: gpt fails"]


async def test_what_was_found_before_the_alert_and_written_after_it_is_told(
    world: World, receiver: Receiver
) -> None:
    number = await warned(world, receiver)
    world.clock.advance(5)
    world.worsen(number, ago_s=8)
    await world.tell(1)
    assert events(receiver) == ["opened", "worsened"]


@pytest.mark.parametrize("refusals", [1, MAX_ATTEMPTS])
async def test_what_was_refused_says_how_it_is_when_it_is_tried_again(
    world: World, receiver: Receiver, refusals: int
) -> None:
    await world.routed(receiver.url)
    number = world.open(severity="warning")
    receiver.status = 503
    await world.tell()
    (waiting,) = await world.alerts()
    world.forge(waiting.id, attempts=refusals)
    world.worsen(number)
    await world.tell(max(PAUSES_S))
    receiver.status = 200
    await world.tell(max(PAUSES_S))
    await world.tell(1)
    # Given up, it has said so too: what the receiver was asked is not asked again by itself.
    assert titles(receiver)[-1] == "[critical] New: gpt fails"
    assert await world.log() == [("opened", "sent" if refusals == 1 else "failed")]


async def test_what_could_not_be_told_is_told_that_it_grew_worse(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url)
    number = world.open(severity="warning")
    receiver.silent = True
    await world.tell()
    receiver.silent = False
    world.worsen(number)
    await world.tell(30)
    assert await world.log() == [("opened", "uncertain"), ("worsened", "sent")]
    uncertain, sent = await world.alerts()
    world.forge(sent.id, state="uncertain")
    await world.workspace.alerts.resend(TENANT, sent.id)
    await world.tell(1)
    assert events(receiver) == ["opened", "worsened", "worsened"]
    assert (await world.alerts())[0].state == uncertain.state


async def test_what_was_overtaken_is_not_told_though_somebody_sends_it_again(
    world: World, receiver: Receiver
) -> None:
    number = await warned(world, receiver, wait_s=60)
    for level in (80, 95):
        world.look(number, "warning", level=level)
        await world.tell(1)
    await world.tell(60)
    overtaken, told = await world.alerts(query="event:worsened")
    assert (overtaken.state, told.state) == ("dropped", "sent")
    await world.workspace.alerts.resend(TENANT, overtaken.id)
    await world.tell(1)
    (again, _) = await world.alerts(query="event:worsened")
    assert (again.state, again.error) == (
        *("dropped", "Another alert says how the incident is by now."),
    )
    assert events(receiver) == ["opened", "worsened"]


async def test_silences_and_hours_hold_it_back(world: World, receiver: Receiver) -> None:
    # It is noon on a Saturday.
    number = await warned(world, receiver, hours="sat 08:00-13:00")
    ends_at = NOON + timedelta(minutes=30)
    draft = SilenceDraft(tenant_id=TENANT, ends_at=ends_at, reason="maintenance")
    await world.workspace.silences.add(TENANT, draft)
    world.look(number, "warning", level=80)
    await world.tell(1_799)
    assert events(receiver) == ["opened"]
    await world.tell(1)
    assert events(receiver) == ["opened", "worsened"]
    await world.tell(1_800)
    world.worsen(number)
    await world.tell(3_600)
    *_, waiting = await world.alerts()
    assert (waiting.state, waiting.due_at) == ("waiting", NOON + timedelta(days=6, hours=20))
    await world.tell(6 * 86_400 + 18 * 3_600)
    assert events(receiver) == ["opened", "worsened", "worsened"]


async def test_what_is_silenced_or_closed_at_that_moment_is_not_claimed(
    world: World, receiver: Receiver
) -> None:
    channel = await world.routed(receiver.url)
    numbers = [world.open(f"gpt-{place}", severity="warning") for place in range(3)]
    await world.tell()
    for number in numbers:
        world.worsen(number)
    with world.workspace.database.write() as connection:
        assert len(plan(connection, world.clock.now(), write=True).planned) == 3
    world.close(numbers[0])
    world.acknowledge(numbers[1])
    world.close(numbers[2])
    world.reopen(numbers[2], 1)
    world.change(numbers[2], worsened_at=None)
    with world.workspace.database.write() as connection:
        assert claim(connection, channel, "me", world.clock.now()).work is None


async def test_it_counts_among_an_hours_allowance(world: World, receiver: Receiver) -> None:
    channel = await world.channel(receiver.url, per_hour=2)
    await world.workspace.alerts.add_route(TENANT, channel, wait_s=0)
    number = world.open(severity="warning")
    await world.tell()
    world.worsen(number)
    world.open("other", severity="warning")
    await world.tell()
    assert events(receiver) == ["opened", "many"]
    assert receiver.bodies[1]["title"] == "[critical] 2 more incidents: 1 worse, 1 new"
    assert receiver.bodies[1]["body"].startswith("Worse: gpt fails (critical, incident ")


async def test_a_channel_out_of_use_is_told_nothing(world: World, receiver: Receiver) -> None:
    number = await warned(world, receiver)
    (channel,) = await world.workspace.alerts.list_channels(TENANT)
    await world.workspace.alerts.edit_channel(TENANT, channel.id, enabled=False)
    world.worsen(number)
    await world.tell(1)
    assert await world.log() == [("opened", "sent")]
    await world.workspace.alerts.edit_channel(TENANT, channel.id, enabled=True)
    await world.tell(1)
    assert events(receiver) == ["opened", "worsened"]


async def test_planning_it_again_changes_nothing(world: World, receiver: Receiver) -> None:
    number = await warned(world, receiver, wait_s=60, remind_s=600)
    world.worsen(number)
    await world.tell(1)
    for seconds in (1, 60, 1):
        with world.workspace.database.write() as connection:
            assert not plan(connection, world.clock.now(), write=True)
        await world.tell(seconds)
    assert events(receiver) == ["opened", "worsened"]


@pytest.fixture
async def shared(settings: Settings) -> AsyncIterator[World]:
    from dataclasses import replace

    with migrated_schema() as url:
        async with world_on(replace(settings, database=url, master_key="ab" * 32)) as world:
            yield world


@pytest.mark.postgres
async def test_monitors_that_plan_at_once_make_one_alert(shared: World, receiver: Receiver) -> None:
    world, monitors = shared, 4
    channel = await world.channel(receiver.url, per_hour=1_000)
    await world.workspace.alerts.add_route(TENANT, channel, wait_s=0)
    numbers = [world.open(f"gpt-{place}", severity="warning") for place in range(20)]
    await world.tell()
    assert len(receiver.bodies) == len(numbers)

    def planned() -> None:
        with world.workspace.database.write() as connection:
            plan(connection, world.clock.now(), write=True)

    for level in (50, 80, 95):
        for number in numbers:
            world.look(number, "warning", level=level)
        with ThreadPoolExecutor(monitors) as pool:
            for done in [pool.submit(planned) for _ in range(monitors)]:
                done.result(timeout=60)
        await world.tell(1)
    told = await world.log(limit=1_000)
    assert told.count(("worsened", "sent")) == len(told) - len(numbers) == 3 * len(numbers)
    assert set(receiver.keys.values()) == {1}
