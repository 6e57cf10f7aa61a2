"""Which incidents go which way, and when: routes, hours, silences, whose they are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.alerts.claiming import claim
from engine.alerts.planning import plan
from engine.silences import SilenceDraft
from tests.engine.conftest import NOON

from .conftest import TENANT

if TYPE_CHECKING:
    from .conftest import Receiver, World


def numbers(receiver: Receiver) -> list[int]:
    return [one["incidents"][0]["number"] for one in receiver.bodies]


@pytest.mark.parametrize(
    ("route", "incident", "goes"),
    [
        ({}, {"severity": "warning"}, True),
        ({"severity": "critical"}, {"severity": "warning"}, False),
        ({"severity": "critical"}, {"severity": "critical"}, True),
        ({"cause": "ledger"}, {}, False),
        ({"cause": "lamp"}, {}, True),
        ({"kind": "source"}, {}, False),
        ({"kind": "integration"}, {}, True),
        ({"technology": "anthropic"}, {}, False),
        ({"technology": "openai"}, {}, True),
        ({"tag": "pii"}, {}, False),
        ({}, {"tenant": "other"}, False),
        ({"all_tenants": True}, {"tenant": "other"}, True),
        ({}, {"tenant": None}, False),
        ({"all_tenants": True}, {"tenant": None}, True),
        ({"enabled": False}, {}, False),
    ],
)
async def test_a_route_takes_what_it_is_about(
    world: World, receiver: Receiver, route: dict[str, Any], incident: dict[str, Any], goes: bool
) -> None:
    await world.routed(receiver.url, **route)
    number = world.open(**incident)
    await world.tell()
    assert numbers(receiver) == ([number] if goes else [])


async def test_a_tag_is_that_of_the_thing(
    world: World, receiver: Receiver, add_source: Any
) -> None:
    await world.routed(receiver.url, tag="PII")
    add_source("orders", tags=("Pii", "eu"))
    add_source("logs", tags=("piii",))
    with world.workspace.database.read() as connection:
        found = dict(connection.exec_driver_sql("SELECT name, number FROM targets").fetchall())
    tagged = world.open("orders", target_number=found["orders"], kind="source")
    world.open("logs", target_number=found["logs"], kind="source")
    await world.tell()
    assert numbers(receiver) == [tagged]


@pytest.fixture
def workspace(world: World) -> object:
    """What adds sources does it in the world's own workspace."""
    return world.workspace


async def test_a_channel_reached_twice_is_told_once_by_the_first(
    world: World, receiver: Receiver
) -> None:
    channel = await world.routed(receiver.url, wait_s=300)
    await world.workspace.alerts.add_route(TENANT, channel, wait_s=60, severity="critical")
    world.open()
    await world.tell(59)
    assert receiver.bodies == []
    await world.tell(1)
    await world.tell(300)
    assert len(receiver.bodies) == 1


async def test_outside_of_hours_it_waits_for_them(world: World, receiver: Receiver) -> None:
    # It is noon on a Saturday.
    await world.routed(receiver.url, hours="mon-fri 08:00-18:00")
    over, lasting = world.open("over"), world.open("lasting")
    await world.tell()
    assert {one.due_at for one in await world.alerts()} == {NOON + timedelta(hours=44)}
    world.close(over)
    await world.tell(43 * 3600)
    assert receiver.bodies == []
    await world.tell(3600)
    assert numbers(receiver) == [lasting]
    assert sorted(await world.log()) == [("opened", "dropped"), ("opened", "sent")]


async def test_what_is_silenced_is_told_when_the_silence_ends_and_it_is_still_open(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url, wait_s=10)
    draft = SilenceDraft(
        tenant_id=TENANT,
        technology="openai",
        ends_at=NOON + timedelta(hours=2),
        reason="maintenance",
    )
    silence = await world.workspace.silences.add(TENANT, draft)
    first, other = world.open("first"), world.open("other", technology="anthropic")
    await world.tell(10)
    assert numbers(receiver) == [other]
    (waiting,) = await world.alerts(incident=first)
    assert (waiting.state, waiting.due_at) == ("waiting", NOON + timedelta(hours=2))
    # Ended by hand it is told at once.
    await world.workspace.silences.end(TENANT, silence.id)
    await world.tell(1)
    assert numbers(receiver) == [other, first]
    # A silence keeps reminders back, and no good news.
    (route,) = await world.workspace.alerts.list_routes(TENANT)
    await world.workspace.alerts.edit_route(TENANT, route.id, remind_s=600)
    await world.workspace.silences.add(TENANT, draft)
    await world.tell(3_000)
    assert numbers(receiver) == [other, first, other]
    world.close(first)
    await world.tell(1)
    assert receiver.bodies[-1]["event"] == "closed"


async def test_what_is_silenced_between_planning_and_sending_is_not_told(
    world: World, receiver: Receiver
) -> None:
    channel = await world.routed(receiver.url)
    world.open()
    draft = SilenceDraft(tenant_id=TENANT, ends_at=NOON + timedelta(hours=1), reason="maintenance")
    with world.workspace.database.write() as connection:
        assert plan(connection, world.clock.now(), write=True).planned
    await world.workspace.silences.add(TENANT, draft)
    with world.workspace.database.write() as connection:
        assert claim(connection, channel, "me", world.clock.now()).work is None


async def test_a_merged_one_is_not_told_of_any_more(world: World, receiver: Receiver) -> None:
    await world.routed(receiver.url, wait_s=60)
    lamp = world.open("gpt")
    await world.tell(1)
    provider = world.open("openai", cause="provider", kind=None, thing_id=None)
    world.close(lamp, "merged", merged_into=provider)
    await world.tell(60)
    assert numbers(receiver) == [provider]
    (dropped,) = await world.alerts(incident=lamp)
    assert dropped.error == f"The incident became part of incident {provider}."


async def test_a_channel_out_of_use_says_nothing_and_keeps_nothing(
    world: World, receiver: Receiver
) -> None:
    channel = await world.routed(receiver.url)
    await world.workspace.alerts.edit_channel(TENANT, channel, enabled=False)
    number = world.open()
    await world.tell()
    world.close(number)
    await world.workspace.alerts.edit_channel(TENANT, channel, enabled=True)
    await world.tell(60)
    assert (receiver.bodies, await world.log()) == ([], [])


async def test_planning_again_changes_nothing(world: World, receiver: Receiver) -> None:
    await world.routed(receiver.url, wait_s=60, remind_s=600, hours="mon-sun 00:00-23:59")
    for place in range(5):
        world.open(f"gpt-{place}")
    database, now = world.workspace.database, world.clock.now()
    with database.write() as connection:
        assert len(plan(connection, now, write=True).planned) == 5
    with database.write() as connection:
        assert not plan(connection, now + timedelta(seconds=7), write=True)
    await world.tell(60)
    with database.write() as connection:
        assert not plan(connection, world.clock.now() + timedelta(seconds=7), write=True)


async def test_the_end_of_what_became_less_bad_is_told(world: World, receiver: Receiver) -> None:
    await world.routed(receiver.url, severity="critical")
    number = world.open()
    await world.tell()
    world.change(number, severity="warning", severity_rank=1)
    world.close(number)
    await world.tell(1)
    assert [one["event"] for one in receiver.bodies] == ["opened", "closed"]


async def test_what_becomes_worse_is_told_then(world: World, receiver: Receiver) -> None:
    await world.routed(receiver.url, severity="critical")
    number = world.open(severity="warning")
    await world.tell(60)
    assert receiver.bodies == []
    world.change(number, severity="critical", severity_rank=0)
    await world.tell(1)
    assert numbers(receiver) == [number]


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("UTC", "Moon/Base"),
        ("08:00", "late"),
        ("18:00", "99:99"),
        ('"mon","tue","wed","thu","fri"', '"never"'),
        ("days", "nights"),
    ],
)
async def test_hours_that_this_machine_cannot_read_keep_nothing_back(
    world: World, receiver: Receiver, said: str, instead: str
) -> None:
    await world.routed(receiver.url, hours="mon-fri 08:00-18:00")
    with world.workspace.database.write() as connection:
        changed = "UPDATE alert_routes SET hours = replace(hours, ?, ?)"
        connection.exec_driver_sql(changed, (said, instead))
        stored = connection.exec_driver_sql("SELECT hours FROM alert_routes").scalar()
    assert instead in str(stored)
    number = world.open()
    await world.tell()
    assert numbers(receiver) == [number]


async def test_a_clock_that_is_set_back_holds_nothing_up_and_repeats_nothing(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url, wait_s=60, remind_s=600)
    told = world.open("told")
    await world.tell(60)
    waits = world.open("waits")
    # Both were written down an hour later than it is now: neither waits until then.
    await world.tell(-3600)
    assert sorted(numbers(receiver)) == [told, told, waits]
    for _ in range(6):
        await world.tell(90)
    assert len(receiver.keys) == 3
    # From here on reminders come at their interval again.
    await world.tell(60)
    assert sorted(numbers(receiver)) == [told, told, told, waits, waits]
    assert set(receiver.keys.values()) == {1}


async def test_clocks_that_differ_a_little_change_no_pause(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url, wait_s=60)
    world.open("ahead", opened_at=world.clock.now() + timedelta(seconds=30))
    await world.tell(80)
    assert await world.log() == [("opened", "waiting")]
    await world.tell(10)
    assert await world.log() == [("opened", "sent")]
