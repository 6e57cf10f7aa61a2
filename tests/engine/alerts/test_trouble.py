"""What is told, and how often it is tried, when much goes wrong at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from engine.alerts.claiming import claim
from engine.alerts.messages import message_of
from engine.alerts.planning import plan
from engine.alerts.sending import REFUSALS, REST_S
from engine.alerts.speaking import Speaker
from engine.errors import WorkspaceError
from engine.silences import SilenceDraft
from storage.alerts import AlertRow, ChannelRow, PlanDriver, SendingDriver
from storage.alerts import planning as stored
from storage.tables import alerts
from tests.engine.conftest import NOON

from .conftest import TENANT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.alerts.sending import Sender

    from .conftest import Receiver, World


async def said(sender: Sender) -> None:
    """Let one monitor say what it has to, as it looks again and again at one moment."""
    while await sender.look():
        await sender.settle()


async def test_a_receiver_that_is_down_is_not_asked_for_each_alert(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url)
    receiver.status = 503
    for place in range(10):
        world.open(f"gpt-{place}")
    sender = world.sender()
    await said(sender)
    assert len(receiver.bodies) == REFUSALS
    assert sender.next_at == NOON + timedelta(seconds=REST_S)
    world.clock.advance(REST_S - 1)
    await said(sender)
    assert len(receiver.bodies) == REFUSALS
    world.clock.advance(1)
    await said(sender)
    assert len(receiver.bodies) == 2 * REFUSALS
    receiver.status = 200
    world.clock.advance(REST_S)
    await said(sender)
    world.clock.advance(REST_S)
    await said(sender)
    assert set(await world.log()) == {("opened", "sent")}


async def test_one_alert_that_is_refused_holds_no_other_up(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url)
    receiver.statuses = [400, 400, 200, 400]
    for place in range(6):
        world.open(f"gpt-{place}")
    await said(world.sender())
    states = [state for _, state in await world.log()]
    assert sorted(states) == ["sent"] * 3 + ["waiting"] * 3


async def test_a_pause_that_the_receiver_asks_for_holds_for_all_alerts(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url)
    receiver.status, receiver.more = 429, "Retry-After: 200\r\n"
    world.open("first")
    world.open("second")
    sender = world.sender()
    await said(sender)
    world.clock.advance(199)
    await said(sender)
    assert len(receiver.bodies) == 1
    receiver.status = 200
    world.clock.advance(1)
    await said(sender)
    assert [state for _, state in await world.log()] == ["sent", "sent"]
    # A pause that a clock left which was set back since is none.
    receiver.status = 429
    world.open("third")
    await said(sender)
    receiver.status = 200
    world.clock.advance(-86_400)
    world.open("fourth", opened_at=world.clock.now())
    await said(sender)
    assert (await world.log())[-1] == ("opened", "sent")


async def test_who_gives_no_answer_is_left_alone_before_the_next_is_lost_too(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url)
    receiver.silent = True
    for place in range(3):
        world.open(f"gpt-{place}")
    sender = world.sender()
    await said(sender)
    assert sorted(state for _, state in await world.log()) == ["uncertain", "waiting", "waiting"]
    receiver.silent = False
    world.clock.advance(REST_S)
    await said(sender)
    assert sorted(state for _, state in await world.log()) == ["sent", "sent", "uncertain"]


async def test_the_hours_allowance_holds_for_thousands_too(
    world: World, receiver: Receiver
) -> None:
    channel = await world.channel(receiver.url, per_hour=3)
    await world.workspace.alerts.add_route(TENANT, channel, wait_s=0)
    for place in range(2_100):
        world.open(f"gpt-{place}")
    sender = world.sender()
    await said(sender)
    await said(sender)
    assert [one["event"] for one in receiver.bodies] == ["opened", "opened", "many"]
    assert sender.next_at == NOON + timedelta(hours=1)


async def test_what_was_tried_before_a_silence_is_told_as_soon_as_that_is_ended(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url)
    receiver.status = 500
    world.open()
    await world.tell()
    ends_at = NOON + timedelta(hours=8)
    draft = SilenceDraft(tenant_id=TENANT, ends_at=ends_at, reason="maintenance")
    silence = await world.workspace.silences.add(TENANT, draft)
    await world.tell(60)
    (waiting,) = await world.alerts()
    assert (waiting.state, waiting.due_at) == ("waiting", ends_at)
    assert len(receiver.bodies) == 1
    receiver.status = 200
    await world.workspace.silences.end(TENANT, silence.id)
    await world.tell(1)
    assert await world.log() == [("opened", "sent")]
    assert list(receiver.keys.values()) == [2]


async def test_what_another_monitor_drops_at_that_moment_is_not_told(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await world.channel(receiver.url, per_hour=1)
    await world.workspace.alerts.add_route(TENANT, channel, wait_s=0)
    numbers = [world.open(f"gpt-{place}") for place in range(3)]
    take = SendingDriver.take

    def late(self: SendingDriver, ids: Sequence[int], owner: str, until: datetime) -> set[int]:
        PlanDriver(self.connection).drop({ids[0]: "It closed."})
        return take(self, ids, owner, until)

    with world.workspace.database.write() as connection:
        plan(connection, world.clock.now(), write=True)
    monkeypatch.setattr(SendingDriver, "take", late)
    with world.workspace.database.write() as connection:
        work = claim(connection, channel, "me", world.clock.now()).work
    assert work is not None
    assert [one["number"] for one in work.message.facts] == numbers[1:]
    assert work.message.title == "[critical] 2 more incidents: 2 new"


async def test_so_many_can_close_at_once_as_no_database_takes_in_one_statement(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    await world.routed(receiver.url, wait_s=60)
    numbers = [world.open(f"gpt-{place}") for place in range(60)]
    await world.tell()
    for number in numbers:
        world.close(number)
    monkeypatch.setattr(stored, "_AT_ONCE", 40)
    with world.workspace.database.read() as connection:
        own = connection.connection.driver_connection
        assert own is not None
        before = own.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 50)
        assert len(plan(connection, world.clock.now(), write=False).dropped) == 60
        own.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, before)


async def test_of_an_incident_of_weeks_the_last_reminders_are_looked_at(
    world: World, receiver: Receiver
) -> None:
    channel = await world.routed(receiver.url, remind_s=60)
    number = world.open()
    await world.tell()
    told = {"tenant_id": TENANT, "channel_id": channel, "incident_number": number}
    told |= {"event": "reminder", "state": "sent", "due_at": NOON, "created_at": NOON}
    with world.workspace.database.write() as connection:
        for ordinal in range(2, 301):  # the first waits already
            sent_at = NOON + timedelta(seconds=60 * ordinal)
            connection.execute(insert(alerts).values(**told, ordinal=ordinal, sent_at=sent_at))
    with world.workspace.database.read() as connection:
        assert len(PlanDriver(connection).told_of_open()) == 1 + stored.REMINDERS
    await world.tell(300 * 60 + 59)
    assert len(receiver.bodies) == 1
    await world.tell(1)
    assert [one["event"] for one in receiver.bodies] == ["opened", "reminder"]
    last = max(await world.alerts(limit=1_000), key=lambda one: one.sent_at or NOON)
    assert last.sent_at == NOON + timedelta(seconds=301 * 60)


async def test_a_title_that_comes_to_nothing_is_the_usual_one(
    world: World, receiver: Receiver
) -> None:
    channel = await world.channel(receiver.url, title_template="{error}", body_template="{because}")
    await world.workspace.alerts.add_route(TENANT, channel, wait_s=0)
    world.open()
    await world.tell()
    assert receiver.bodies[0]["title"] == "[critical] New: gpt fails"


async def test_an_end_that_was_held_up_by_a_relapse_is_told_with_the_next(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url, wait_s=30)
    number = world.open()
    await world.tell(30)
    receiver.status = 500
    world.close(number)
    await world.tell(1)
    world.reopen(number, 1)
    await world.tell(5)
    assert await world.log() == [("opened", "sent"), ("closed", "dropped"), ("opened", "waiting")]
    receiver.status = 200
    world.close(number)
    await world.tell(60)
    await world.tell(60)
    assert [one["event"] for one in receiver.bodies] == ["opened", "closed", "closed"]
    assert set(receiver.keys.values()) == {1}
    # Of a relapse that nobody was told of nobody is told that it is over.
    world.reopen(number, 2)
    await world.tell(5)
    world.close(number)
    await world.tell(60)
    assert len(receiver.bodies) == 3


async def test_what_cannot_be_read_for_a_moment_is_tried_again(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.routed(receiver.url)
    world.open()
    busy = WorkspaceError("The database is busy.", code="busy")

    async def refused(*_: object, **__: object) -> dict[str, str]:
        raise busy

    with monkeypatch.context() as patched:
        patched.setattr(Speaker, "_opened", refused)
        await world.tell()
    assert await world.log() == [("opened", "waiting")]
    await world.tell(REST_S)
    assert await world.log() == [("opened", "sent")]


@pytest.mark.parametrize(("kind", "called"), [("apprise", False), ("webhook", True)])
async def test_no_name_calls_everybody_in_a_chat(world: World, kind: str, called: bool) -> None:
    name = "@Everyone <!channel> <@U123> a@x.example"
    channel = ChannelRow(
        id="c", tenant_id=TENANT, name="c", type=kind, credential_ref=None, per_hour=1,
        enabled=True, created_at=NOON, body_template="@here {name}",
    )  # fmt: skip
    number = world.open(name)
    with world.workspace.database.read() as connection:
        about = PlanDriver(connection).about([number])[number]
    lead = AlertRow(
        id=1, tenant_id=TENANT, channel_id="c", incident_number=number, event="opened", ordinal=0,
        attempts=0, due_at=NOON,
    )  # fmt: skip
    alone = message_of(channel, [(lead, about)], NOON)
    many = message_of(channel, [(lead, about)] * 2, NOON)
    said = name if called else "@ Everyone < !channel> < @U123> a@x.example"
    assert alone.body == f"@here {said}"
    assert said in alone.title
    assert said in many.body


async def test_what_a_dead_sender_left_is_in_the_activity_whoever_has_the_channel(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.routed(receiver.url)
    world.open()
    await world.tell()
    (told,) = await world.alerts()
    world.forge(told.id, state="sending", lease_until=NOON, lease_owner="dead")
    monkeypatch.setattr(SendingDriver, "hold", lambda *_: None)
    await world.tell(1)
    assert await world.log() == [("opened", "uncertain")]
    page = await world.workspace.activity.page(TENANT, query="action:alert.uncertain")
    assert [one.thing_name for one in page.items] == ["hook"]
