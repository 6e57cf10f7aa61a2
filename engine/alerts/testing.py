"""Saying a word through a channel to see whether it comes out: for real, and told in the log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from engine.alerts.delivery import TOLD, Delivery
from engine.alerts.messages import sample
from engine.alerts.model import FAILED, LOCAL, SENT, TEST, UNCERTAIN, ChannelTest
from engine.alerts.speaking import SIGNING
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.alerts.given import Secrets
    from engine.alerts.messages import Message
    from engine.alerts.speaking import Speaker
    from engine.hop import Hop, Run
    from storage.alerts import ChannelRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A channel as it is typed; what is not typed is that of `channel_id`, which is edited."""

    tenant_id: str
    type: str
    secrets: Secrets
    channel_id: str | None


_ON_DASHBOARDS = "Every open dashboard of the tenant carries it out now."


async def test_channel(hop: Hop, speaker: Speaker, tenant_id: str, channel_id: str) -> ChannelTest:
    """Test a channel; see the facade."""
    channel = await hop.read(partial(_channel, tenant_id=tenant_id, channel_id=channel_id))
    message = sample(channel, f"{channel.id}-test-{hop.ids()}", hop.clock.now())
    delivery = Delivery(outcome=TOLD, message=_ON_DASHBOARDS)
    if channel.type not in LOCAL:
        delivery = await _said(speaker, channel, message)
    await hop.write(partial(_record, run=hop, channel=channel, message=message, delivery=delivery))
    return _told(delivery)


async def test_draft(hop: Hop, speaker: Speaker, draft: Draft) -> ChannelTest:
    """Test what is not saved yet; see the facade."""
    tenant_id, secrets = draft.tenant_id, draft.secrets
    if draft.type in LOCAL:
        return ChannelTest(ok=True, message="Save it: open dashboards carry it out by themselves.")
    now = hop.clock.now()
    channel = _draft(tenant_id, draft.type, now)
    if draft.channel_id is not None:
        reading = partial(_channel, tenant_id=tenant_id, channel_id=draft.channel_id)
        channel = await hop.read(reading)
    options = dict(channel.options)
    if secrets.signing_ref:
        options[SIGNING] = secrets.signing_ref
    if secrets.unsigned or secrets.signing:
        options.pop(SIGNING, None)
    url_ref = secrets.url_ref or channel.credential_ref
    channel = replace(channel, options=options, credential_ref=url_ref)
    message = sample(channel, f"test-{hop.ids()}", now)
    if not secrets.url and url_ref is None:
        raise InvalidInput("The channel needs the URL that alerts go to.", field="url")
    return _told(await _draft_said(speaker, channel, secrets, message))


async def _draft_said(
    speaker: Speaker, channel: ChannelRow, secrets: Secrets, message: Message
) -> Delivery:
    """Say it with what was typed, and with what is stored where nothing was."""
    typed = {"url": secrets.url, "signing": secrets.signing}
    return await speaker.say(
        channel.tenant_id,
        channel.type,
        channel.credential_ref,
        channel.options,
        message,
        typed=typed,
    )


async def _said(speaker: Speaker, channel: ChannelRow, message: Message) -> Delivery:
    return await speaker.say(
        channel.tenant_id, channel.type, channel.credential_ref, channel.options, message
    )


def _told(delivery: Delivery) -> ChannelTest:
    return ChannelTest(
        ok=delivery.outcome == TOLD, message=delivery.message, latency_ms=delivery.latency_ms
    )


def _channel(connection: Connection, *, tenant_id: str, channel_id: str) -> ChannelRow:
    from engine.errors import NotFound
    from storage.alerts import ChannelsDriver

    row = ChannelsDriver(connection).get(tenant_id, channel_id)
    if row is None:
        raise NotFound("This tenant has no such channel.", field="channel")
    return row


def _draft(tenant_id: str, kind: str, now: datetime) -> ChannelRow:
    from storage.alerts import ChannelRow

    return ChannelRow(
        id="draft",
        tenant_id=tenant_id,
        name="this channel",
        type=kind,
        credential_ref=None,
        per_hour=1,
        enabled=True,
        created_at=now,
    )


def _record(
    connection: Connection, *, run: Run, channel: ChannelRow, message: Message, delivery: Delivery
) -> None:
    """Put the test into the log; a local one is carried out by its being there."""
    from engine.activity.record import note
    from storage.alerts import SendingDriver

    driver, now = SendingDriver(connection), run.clock.now()
    ok = delivery.outcome == TOLD
    state = SENT if ok else (FAILED if delivery.outcome == "refused" else UNCERTAIN)
    at = driver.next_local(now) if channel.type in LOCAL else now
    driver.add(
        channel,
        {
            "event": TEST,
            "state": state,
            "due_at": now,
            "attempts": 1,
            "title": message.title,
            "body": message.body,
            "error": None if ok else delivery.message,
            "created_at": now,
            "sent_at": at if ok else None,
        },
    )
    if ok:
        driver.tell(channel.id, last_sent_at=at, last_error=None)
    else:
        driver.tell(channel.id, last_error=delivery.message, last_error_at=now)
    note(
        connection,
        run,
        channel.tenant_id,
        action="channel.tested",
        concept="alerts",
        thing_id=channel.id,
        thing_name=channel.name,
        detail={"ok": ok},
    )
