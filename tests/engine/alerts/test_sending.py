"""What is told, when, how often, and what becomes of what could not be."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import TYPE_CHECKING

import pytest

from engine.alerts.claiming import LEASE_S
from engine.alerts.messages import Message
from engine.alerts.recording import MAX_ATTEMPTS, PAUSES_S
from engine.alerts.webhook import post
from engine.errors import LifecycleRefused, NotFound
from engine.http import HttpAnswer, HttpFault, HttpRequest, Stage
from tests.engine.conftest import NOON

from .conftest import TENANT

if TYPE_CHECKING:
    from .conftest import Receiver, World


async def test_an_incident_is_told_once_with_its_facts(world: World, receiver: Receiver) -> None:
    await world.routed(receiver.url)
    number = world.open()
    for _ in range(3):
        await world.tell(1)
    assert await world.log() == [("opened", "sent")]
    (told,) = receiver.bodies
    assert told["event"] == "opened"
    assert told["title"] == "[critical] New: gpt fails"
    assert told["body"].startswith(f"HTTP 503\nIncident {number} of acme, open for 1 s since")
    (facts,) = told["incidents"]
    assert (facts["number"], facts["thing_name"], facts["technology"]) == (number, "gpt", "openai")
    assert list(receiver.keys) == [told["id"]]
    (channel,) = await world.workspace.alerts.list_channels(TENANT)
    assert channel.last_error is None
    assert channel.last_sent_at is not None


async def test_a_short_one_is_never_told(world: World, receiver: Receiver) -> None:
    await world.routed(receiver.url, wait_s=30)
    number = world.open()
    await world.tell(29)
    world.close(number)
    await world.tell(60)
    assert receiver.bodies == []
    (dropped,) = await world.alerts()
    assert (dropped.state, dropped.error) == ("dropped", "The incident closed before it was told.")


async def test_the_end_is_told_to_who_was_told_the_beginning(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url)
    number = world.open()
    await world.tell()
    world.close(number)
    await world.tell(90)
    await world.tell(90)
    assert [one["event"] for one in receiver.bodies] == ["opened", "closed"]
    assert "Closed: recovered." in receiver.bodies[1]["body"]
    world.reopen(number, 1)
    await world.tell(1)
    assert receiver.bodies[2]["title"] == "[critical] Again: gpt fails"
    world.close(number)
    await world.tell(1)
    assert [one["event"] for one in receiver.bodies[2:]] == ["opened", "closed"]
    assert set(receiver.keys.values()) == {1}


async def test_no_end_is_told_where_nobody_wants_it_or_it_is_another_incidents(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url, on_recovery=False)
    first = world.open("first")
    await world.tell()
    world.close(first)
    await world.tell(1)
    (route,) = await world.workspace.alerts.list_routes(TENANT)
    await world.workspace.alerts.edit_route(TENANT, route.id, on_recovery=True)
    second, third = world.open("second"), world.open("third")
    await world.tell()
    world.close(second, "merged", merged_into=third)
    await world.tell(1)
    # The route that wants it now hears of the first too, which closed a moment ago.
    ends = [one["incidents"][0]["number"] for one in receiver.bodies if one["event"] == "closed"]
    assert ends == [first]


async def test_reminders_come_until_somebody_has_it(world: World, receiver: Receiver) -> None:
    await world.routed(receiver.url, remind_s=600, on_acknowledged=True)
    number = world.open()
    await world.tell()
    await world.tell(599)
    assert len(receiver.bodies) == 1
    await world.tell(1)
    await world.tell(600)
    assert [one["title"] for one in receiver.bodies[1:]] == ["[critical] Still open: gpt fails"] * 2
    world.acknowledge(number)
    await world.tell(3_600)
    assert [one["event"] for one in receiver.bodies[3:]] == ["acknowledged"]
    assert "Acknowledged by dana: Looking into it." in receiver.bodies[3]["body"]
    world.change(number, acknowledged_at=None)
    await world.tell(1)
    assert receiver.bodies[4]["event"] == "reminder"


async def test_what_is_acknowledged_first_is_told_when_it_no_longer_is(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url, wait_s=60)
    number = world.open()
    await world.tell()
    world.acknowledge(number)
    await world.tell(120)
    (dropped,) = await world.alerts()
    assert dropped.error == "Somebody acknowledged the incident first."
    world.change(number, acknowledged_at=None)
    await world.tell(1)
    assert await world.log() == [("opened", "sent")]
    assert len(receiver.bodies) == 1


@pytest.mark.parametrize("status", [301, 404, 429, 503])
async def test_what_is_refused_is_tried_again_with_growing_pauses(
    world: World, receiver: Receiver, status: int
) -> None:
    await world.routed(receiver.url)
    receiver.status = status
    world.open()
    await world.tell()
    (waiting,) = await world.alerts()
    assert (waiting.state, waiting.attempts) == ("waiting", 1)
    assert waiting.error is not None
    assert f"HTTP {status}" in waiting.error
    (channel,) = await world.workspace.alerts.list_channels(TENANT)
    assert channel.last_error == waiting.error
    for number, pause in enumerate(PAUSES_S[:2], start=2):
        await world.tell(pause - 1)
        assert len(receiver.bodies) == number - 1
        await world.tell(1)
        assert len(receiver.bodies) == number
    receiver.status = 204
    await world.tell(PAUSES_S[2])
    assert await world.log() == [("opened", "sent")]
    # The same alert by the same key each time, so that a receiver can tell.
    assert list(receiver.keys.values()) == [4]


async def test_a_receiver_may_ask_for_a_longer_pause(world: World, receiver: Receiver) -> None:
    await world.routed(receiver.url)
    receiver.status, receiver.more = 429, "Retry-After: 200\r\n"
    world.open()
    await world.tell()
    await world.tell(199)
    assert len(receiver.bodies) == 1
    await world.tell(1)
    assert len(receiver.bodies) == 2


async def test_it_gives_up_after_a_day_and_says_so(world: World, receiver: Receiver) -> None:
    await world.routed(receiver.url)
    receiver.status = 500
    world.open()
    await world.tell()
    (waiting,) = await world.alerts()
    world.forge(waiting.id, attempts=MAX_ATTEMPTS - 1)
    await world.tell(600)
    (failed,) = await world.alerts()
    assert failed.state == "failed"
    page = await world.workspace.activity.page(TENANT, query="action:alert.failed")
    assert [one.thing_name for one in page.items] == ["hook"]
    receiver.status = 200
    await world.tell(86_400)
    assert await world.log() == [("opened", "failed")]
    await world.workspace.alerts.resend(TENANT, failed.id)
    await world.tell()
    assert await world.log() == [("opened", "sent")]


async def test_what_was_sent_and_not_answered_is_never_sent_again_by_itself(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url, remind_s=600)
    receiver.silent = True
    world.open()
    await world.tell()
    unsure = (await world.alerts())[0]
    assert unsure.state == "uncertain"
    assert unsure.error is not None
    assert unsure.error.startswith("It was sent, and no answer came")
    receiver.silent = False
    await world.tell(599)
    assert len(receiver.bodies) == 1
    await world.tell(1)  # the reminder covers it
    assert [one["event"] for one in receiver.bodies] == ["opened", "reminder"]
    again = await world.workspace.alerts.resend(TENANT, unsure.id)
    assert again.state == "waiting"
    await world.tell()
    assert [one["event"] for one in receiver.bodies] == ["opened", "reminder", "opened"]
    with pytest.raises(LifecycleRefused):
        await world.workspace.alerts.resend(TENANT, unsure.id)
    with pytest.raises(NotFound):
        await world.workspace.alerts.resend("other", unsure.id)


async def test_a_receiver_that_drops_repeats_is_asked_again(
    world: World, receiver: Receiver
) -> None:
    channel = await world.channel(receiver.url, again="yes")
    await world.workspace.alerts.add_route(TENANT, channel, wait_s=0)
    receiver.silent = True
    world.open()
    await world.tell()
    receiver.silent = False
    await world.tell(PAUSES_S[0])
    assert await world.log() == [("opened", "sent")]
    assert list(receiver.keys.values()) == [2]


async def test_an_unreachable_receiver_was_told_nothing(world: World) -> None:
    await world.routed("http://127.0.0.1:9/nobody")
    world.open()
    await world.tell()
    (waiting,) = await world.alerts()
    assert (waiting.state, waiting.attempts) == ("waiting", 1)


async def test_more_than_an_hours_allowance_goes_together(world: World, receiver: Receiver) -> None:
    channel = await world.channel(receiver.url, per_hour=3)
    await world.workspace.alerts.add_route(TENANT, channel, wait_s=0)
    for place in range(9):
        world.open(f"gpt-{place}", severity="warning" if place else "critical")
    world.open("worst")
    await world.tell()
    events = [one["event"] for one in receiver.bodies]
    assert events == ["opened", "opened", "many"]
    assert receiver.bodies[0]["incidents"][0]["severity"] == "critical"
    assert receiver.bodies[1]["incidents"][0]["severity"] == "critical"
    assert receiver.bodies[2]["title"] == "[warning] 8 more incidents: 8 new"
    assert len(receiver.bodies[2]["incidents"]) == 8
    assert set(await world.log()) == {("opened", "sent")}
    world.open("after")
    await world.tell(3_500)
    assert len(receiver.bodies) == 3
    await world.tell(200)
    assert len(receiver.bodies) == 4


async def test_a_request_is_signed_over_its_time_and_body(world: World, receiver: Receiver) -> None:
    channel = await world.channel(receiver.url, signing="k3y")
    await world.workspace.alerts.add_route(TENANT, channel, wait_s=0)
    world.open()
    await world.tell()
    (head,), (body,) = receiver.heads, receiver.raw
    at = receiver.header(head, "x-lampboard-timestamp")
    expected = hmac.new(b"k3y", at.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert receiver.header(head, "x-lampboard-signature") == f"sha256={expected}"
    assert at == str(int(world.clock.now().timestamp()))


async def test_what_a_dead_sender_left_is_uncertain_after_its_lease(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url)
    world.open()
    receiver.held = asyncio.Event()
    dying = world.sender()
    await dying.look()
    await receiver.came(1)
    await world.tell(LEASE_S - 1)
    assert await world.log() == [("opened", "sending")]
    await world.tell(1)
    assert await world.log() == [("opened", "uncertain")]
    # It was only slow: what it says now is what holds.
    receiver.held.set()
    await dying.settle()
    assert await world.log() == [("opened", "sent")]
    assert list(receiver.keys.values()) == [1]


async def test_a_monitor_that_is_stopped_says_what_is_not_known(
    world: World, receiver: Receiver
) -> None:
    await world.routed(receiver.url)
    world.open()
    receiver.held = asyncio.Event()
    stopped = world.sender()
    await stopped.look()
    await receiver.came(1)
    await stopped.end()
    assert await world.log() == [("opened", "uncertain")]
    receiver.held.set()
    await world.tell(3_600)
    assert len(receiver.heads) == 1


async def test_one_slow_channel_holds_no_other_up(world: World, receiver: Receiver) -> None:
    from .conftest import receiving

    await world.routed(receiver.url)
    receiver.held = asyncio.Event()
    async with receiving() as quick:
        other = await world.channel(quick.url, "quick")
        await world.workspace.alerts.add_route(TENANT, other, wait_s=0)
        world.open()
        sender = world.sender()
        await sender.look()
        await receiver.came(1)
        await quick.came(1)
        receiver.held.set()
        await sender.settle()
    assert sorted(await world.log()) == [("opened", "sent")] * 2


@pytest.mark.parametrize(
    ("stage", "passed", "outcome"),
    [
        ("resolve", (), "refused"),
        ("connect", ("resolve", "connect"), "refused"),
        ("tls", ("resolve", "connect", "tls"), "refused"),
        ("response", ("connect", "response"), "unsure"),
        ("body", ("connect", "response", "body"), "unsure"),
        # TLS can break while the answer comes: the request has gone out by then.
        ("tls", ("connect", "tls", "response"), "unsure"),
    ],
)
async def test_only_what_broke_before_anything_was_sent_is_refused(
    stage: str, passed: tuple[str, ...], outcome: str
) -> None:
    class Broken:
        async def send(self, _: HttpRequest) -> HttpAnswer:
            stages = tuple(Stage(name=name, ms=1.0) for name in passed)
            raise HttpFault(code="c", stage=stage, message="It broke.", stages=stages)

    message = Message(
        key="k", event="test", title="t", body="b", at=NOON, channel_id="c", channel_name="n"
    )
    found = await post(Broken(), "https://hooks.example/x", message, signing=None)
    assert found.outcome == outcome
