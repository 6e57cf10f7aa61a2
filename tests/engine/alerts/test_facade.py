"""Channels and routes as callers have them: secrets apart, versions held, tenants apart."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import (
    CredentialInUse,
    EditConflict,
    InvalidInput,
    LifecycleRefused,
    NameTaken,
    NotFound,
    ReadOnlyRefused,
)
from engine.settings import Settings
from storage.sources import SourceRow, SourcesDriver

from .conftest import TENANT, world_on

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from engine.alerts.facade import AlertsFacade

    from .conftest import Receiver, World

SECRET = "canary-hook-41ff"
URL = f"https://hooks.example/{SECRET}"


@pytest.fixture
async def shared(url: str) -> AsyncIterator[World]:
    """A world on either kind of database."""
    settings = Settings(database=url, operator="olga", master_key="ab" * 32)
    async with world_on(settings) as found:
        yield found


async def test_a_url_is_a_credential_that_the_channel_uses(shared: World) -> None:
    alerts, credentials = shared.workspace.alerts, shared.workspace.credentials
    made = await alerts.add_channel(TENANT, "On-call", "webhook", url=URL, signing=SECRET)
    assert SECRET not in f"{made} {made.to_dict()}"
    assert made.options == {"place": "https://hooks.example", "signed": True}
    assert made.credential_ref is not None
    told = await credentials.get(TENANT, made.credential_ref)
    assert [(one.kind, one.name) for one in told.users] == [("channel", "On-call")]
    assert told.credential.label == "URL of On-call"
    with pytest.raises(CredentialInUse):
        await credentials.delete(TENANT, made.credential_ref)
    # Another URL takes the place of the first, which is forgotten; so is the signing secret.
    edited = await alerts.edit_channel(TENANT, made.id, url=URL + "2", unsigned=True)
    assert edited.credential_ref != made.credential_ref
    with pytest.raises(NotFound):
        await credentials.get(TENANT, made.credential_ref)
    listed, _ = await credentials.page_references(TENANT)
    assert [one.reference for one in listed] == [edited.credential_ref]
    await alerts.delete_channel(TENANT, made.id)
    assert await credentials.count_references(TENANT) == 0
    said = await shared.workspace.activity.page(TENANT, concept="alerts")
    assert [one.action for one in said.items] == [
        "channel.deleted",
        "channel.updated",
        "channel.created",
    ]
    assert SECRET not in str(said)


async def test_edits_at_once_are_told_apart(shared: World) -> None:
    alerts = shared.workspace.alerts
    channel = await alerts.add_channel(TENANT, "desk", "bell")
    changes = [
        alerts.edit_channel(TENANT, channel.id, expected_version=1, per_hour=hour)
        for hour in (5, 6)
    ]
    done = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Channel", "EditConflict"]
    route = await alerts.add_route(TENANT, channel.id)
    await alerts.edit_route(TENANT, route.id, expected_version=1, wait_s=60)
    with pytest.raises(EditConflict):
        await alerts.edit_route(TENANT, route.id, expected_version=1, wait_s=90)
    found = await alerts.get_route(TENANT, route.id)
    assert (found.wait_s, found.version) == (60, 2)
    with pytest.raises(NameTaken):
        await alerts.add_channel(TENANT, "DESK", "desktop")
    other = await alerts.add_channel(TENANT, "other", "desktop")
    with pytest.raises(NameTaken):
        await alerts.edit_channel(TENANT, other.id, name="Desk")
    await alerts.delete_channel(TENANT, channel.id)
    assert await alerts.list_routes(TENANT) == ()
    assert (await alerts.add_channel(TENANT, "desk", "desktop")).name == "desk"


async def test_every_change_raises_the_revision(shared: World) -> None:
    alerts, seen = shared.workspace.alerts, [0]

    async def rose() -> bool:
        seen.append((await shared.workspace.revisions())["alerts"])
        return seen[-1] > seen[-2]

    channel = await alerts.add_channel(TENANT, "desk", "bell")
    assert await rose()
    route = await alerts.add_route(TENANT, channel.id, wait_s=0)
    assert await rose()
    await alerts.edit_route(TENANT, route.id, wait_s=1)
    assert await rose()
    shared.open()
    await shared.tell(1)
    assert await rose()
    await alerts.test_channel(TENANT, channel.id)
    assert await rose()
    await alerts.delete_route(TENANT, route.id)
    assert await rose()


async def test_a_test_is_in_the_log_and_not_sent_again(shared: World) -> None:
    alerts = shared.workspace.alerts
    channel = await alerts.add_channel(TENANT, "desk", "bell")
    await alerts.test_channel(TENANT, channel.id)
    (told,) = await shared.alerts()
    with pytest.raises(LifecycleRefused, match="was a test of desk") as refused:
        await alerts.resend(TENANT, told.id)
    assert "alerts channels test" in (refused.value.hint or "")
    with pytest.raises(NotFound):
        await alerts.resend(TENANT, told.id + 1)


async def test_of_another_tenant_there_is_nothing(shared: World) -> None:
    alerts = shared.workspace.alerts
    channel = await alerts.add_channel(TENANT, "desk", "bell")
    route = await alerts.add_route(TENANT, channel.id, wait_s=0)
    shared.open()
    await shared.tell(1)
    (told,) = await shared.alerts()
    asked: list[Any] = [
        alerts.get_channel("other", channel.id),
        alerts.edit_channel("other", channel.id, per_hour=1),
        alerts.delete_channel("other", channel.id),
        alerts.test_channel("other", channel.id),
        alerts.test_draft("other", "webhook", channel_id=channel.id),
        alerts.add_route("other", channel.id),
        alerts.edit_route("other", route.id, wait_s=5),
        alerts.delete_route("other", route.id),
        alerts.resend("other", told.id),
    ]
    for one in asked:
        with pytest.raises(NotFound):
            await one
    assert await alerts.list_channels("other") == ()
    assert await alerts.list_routes("other") == ()
    assert (await alerts.page("other")).items == ()
    assert await alerts.count("other") == 0
    assert await alerts.local("other", 0) == ()
    assert await alerts.last_id("other") == 0


async def test_what_is_about_a_hidden_thing_is_not_in_the_log(shared: World) -> None:
    now = shared.clock.now()
    row = SourceRow(
        id="s1",
        tenant_id=TENANT,
        name="payroll",
        type="database",
        technology="postgresql",
        status="active",
        created_at=now,
        access_roles=("finance",),
    )
    with shared.workspace.database.write() as connection:
        number = SourcesDriver(connection).insert(row, active=True, interval_s=60, due_at=now)
    alerts = shared.workspace.alerts
    channel = await alerts.add_channel(TENANT, "desk", "bell")
    await alerts.add_route(TENANT, channel.id, wait_s=0)
    shared.open("payroll", kind="source", target_number=number)
    shared.open("gpt")
    await shared.tell(1)
    assert await alerts.count(TENANT) == 1
    shared.workspace.settings = replace(shared.workspace.settings, roles=("support",))
    assert await alerts.count(TENANT) == 1
    shared.workspace.settings = replace(shared.workspace.settings, roles=("finance",))
    assert len((await alerts.page(TENANT)).items) == 2


async def test_the_log_is_filtered(shared: World) -> None:
    alerts = shared.workspace.alerts
    channel = await alerts.add_channel(TENANT, "Desk", "bell")
    await alerts.add_route(TENANT, channel.id, wait_s=0)
    number = shared.open("Ünder")
    shared.open("gpt")
    await shared.tell(1)
    found: dict[str, int] = {
        "state:sent": 2,
        "!state:sent": 0,
        "event:opened channel:desk": 2,
        f"incident:{number}": 1,
        "gpt": 1,
        "type:bell": 2,
        "type:webhook": 0,
    }
    for query, many in found.items():
        assert await alerts.count(TENANT, query=query) == many, query
        assert len((await alerts.page(TENANT, query=query)).items) == many, query
    assert await alerts.count(TENANT, channel=channel.id, incident=number) == 1


async def test_a_read_only_run_says_nothing(world: World, receiver: Receiver) -> None:
    channel = await world.channel(receiver.url)
    workspace = world.workspace
    workspace.settings = replace(workspace.settings, read_only=True)
    asked: list[Any] = [
        workspace.alerts.add_channel(TENANT, "desk", "bell"),
        workspace.alerts.add_route(TENANT, channel),
        workspace.alerts.test_channel(TENANT, channel),
        workspace.alerts.test_draft(TENANT, "webhook", url=receiver.url),
        workspace.alerts.resend(TENANT, 1),
    ]
    for one in asked:
        with pytest.raises(ReadOnlyRefused):
            await one
    assert receiver.heads == []


async def test_a_draft_is_tried_with_what_is_stored_where_nothing_was_typed(
    world: World, receiver: Receiver
) -> None:
    alerts = world.workspace.alerts
    tried = await alerts.test_draft(TENANT, "webhook", url=receiver.url, signing="k")
    assert (tried.ok, tried.message) == (True, "HTTP 200")
    assert "x-lampboard-signature" in receiver.heads[0].lower()
    channel = await world.channel(receiver.url)
    assert (await alerts.test_draft(TENANT, "webhook", channel_id=channel)).ok
    assert len(receiver.heads) == 2
    # Nothing of a draft is told in the log.
    assert await world.log() == []
    with pytest.raises(InvalidInput):
        await alerts.test_draft(TENANT, "webhook")


async def test_a_secret_that_cannot_be_had_told_nobody(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_HOOK", raising=False)
    alerts = world.workspace.alerts
    made = await alerts.add_channel(TENANT, "hook", "webhook", url_ref="env://NO_SUCH_HOOK")
    await alerts.add_route(TENANT, made.id, wait_s=0)
    world.open()
    await world.tell()
    (waiting,) = await world.alerts()
    assert waiting.state == "waiting"
    assert waiting.error is not None
    assert "NO_SUCH_HOOK is not set" in waiting.error
    monkeypatch.setenv("NO_SUCH_HOOK", receiver.url)
    await world.tell(30)
    assert await world.log() == [("opened", "sent")]


async def test_bells_are_carried_out_in_one_order(shared: World) -> None:
    alerts: AlertsFacade = shared.workspace.alerts
    for name in ("a", "b"):
        channel = await alerts.add_channel(TENANT, name, "bell")
        await alerts.add_route(TENANT, channel.id, wait_s=0)
    for place in range(5):
        shared.open(f"gpt-{place}")
    await shared.tell()
    ids, since = list[int](), 0
    while found := await alerts.local(TENANT, since):
        ids += [one.id for one in found]
        since = found[-1].id
    assert len(ids) == len(set(ids)) == 10
    assert since == await alerts.last_id(TENANT)
