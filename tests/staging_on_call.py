"""How the pictures of on call come about: what is open, who sees to it, what is kept quiet."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from engine.alerts.recording import DIED
from engine.silences import SilenceDraft
from storage.alerts import PlanDriver, PlannedRow
from storage.tables import alert_channels, alerts
from tests.staging import Scene, attacked, five_states, full, typed
from tests.worlds import NOW, TENANT, World

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from engine.workspace import Workspace

KEY = "exclamation_mark"


def on_call(world: World, corpora: Path) -> None:
    """Incidents that somebody sees to, that are kept quiet, that wait, and that are over."""
    full(world, corpora)
    asyncio.run(_attend(world))


async def _attend(world: World) -> None:
    workspace = world.open()
    try:
        await _see_to(workspace)
        await _keep_quiet(workspace)
        await _tell(workspace)
    finally:
        await workspace.aclose()


async def _numbers(workspace: Workspace) -> dict[str, int]:
    page = await workspace.incidents.page(TENANT)
    return {found.thing_name or found.title: found.number for found in page.items}


async def _see_to(workspace: Workspace) -> None:
    numbers = await _numbers(workspace)
    await workspace.incidents.acknowledge(TENANT, numbers["claude-batch"], "Looking into it")
    await workspace.incidents.note(
        TENANT, numbers["claude-batch"], "The key was rotated at 13:50; the batch has the old one"
    )
    await workspace.incidents.assign(TENANT, numbers["billing-api"], "ana")


async def _keep_quiet(workspace: Workspace) -> None:
    add = workspace.silences.add
    await add(
        TENANT,
        SilenceDraft(
            tenant_id=TENANT,
            technology="custom",
            ends_at=NOW + timedelta(hours=2),
            reason="The rack is moved today",
        ),
    )
    await add(
        TENANT,
        SilenceDraft(
            tenant_id=TENANT,
            tag="staging",
            schedule="weekly",
            days=("sat", "sun"),
            minute=120,
            duration_s=4 * 3600,
            timezone="Europe/Berlin",
            reason="Maintenance at the weekend",
        ),
    )


async def _tell(workspace: Workspace) -> None:
    """A pager and a chat, and what went, or could not go, to them."""
    facade = workspace.alerts
    url = "https://hooks.acme.example/planted"
    pager = await facade.add_channel(TENANT, "pager", "webhook", url=url, per_hour=120)
    chat = await facade.add_channel(TENANT, "team-chat", "webhook", url=url)
    await facade.add_channel(TENANT, "desk-bell", "bell")
    await facade.add_route(TENANT, pager.id, severity="critical", remind_s=1800)
    await facade.add_route(
        TENANT, chat.id, hours="mon-fri 08:00-18:00", timezone="Europe/Berlin", tag="billing"
    )
    numbers = await _numbers(workspace)
    await workspace.write(lambda connection: _outbox(connection, pager.id, chat.id, numbers))


def _outbox(connection: Connection, pager: str, chat: str, numbers: dict[str, int]) -> None:
    """What monitors would have written of alerts that they sent."""
    for thing, ago, channel, state, error in (
        ("billing-api", 22, pager, "uncertain", DIED),
        ("billing", 14, pager, "sent", None),
        ("claude-batch", 7, pager, "sent", None),
        ("clickstream", 2, chat, "waiting", REFUSED),
    ):
        at = NOW - timedelta(minutes=ago)
        planned = PlannedRow(
            tenant_id=TENANT,
            channel_id=channel,
            incident_number=numbers[thing],
            event="opened",
            ordinal=0,
            due_at=at,
            created_at=at,
        )
        PlanDriver(connection).plan([planned])
        told: dict[str, object] = {"last_error": error, "last_error_at": at if error else None}
        values: dict[str, object] = {"state": state, "error": error, "attempts": 1}
        if state == "waiting":
            values |= {"attempts": 3}
        else:
            values |= {"title": f"[critical] New: {thing} is failing", "sent_at": at}
            told |= {"last_sent_at": at}
        this = (alerts.c.incident_number == numbers[thing], alerts.c.channel_id == channel)
        connection.execute(update(alerts).where(*this).values(**values))
        connection.execute(
            update(alert_channels).where(alert_channels.c.id == channel).values(**told)
        )


REFUSED = "Connection refused by hooks.acme.example port 443"

_INCIDENTS = Scene(
    name="incidents", place="Incidents", title="Incidents", keys=(KEY,), fill=on_call
)

ON_CALL_SCENES: tuple[Scene, ...] = (
    *(
        replace(scene, fill=on_call) if scene.fill is full else scene
        for scene in five_states("incidents", KEY)
    ),
    replace(
        _INCIDENTS,
        name="incidents-story",
        title="What happened",
        keys=(KEY, "slash", *typed("claude"), "enter", "enter"),
    ),
    replace(
        _INCIDENTS, name="incidents-acknowledge", title="Seen to by one more key", keys=(KEY, "a")
    ),
    replace(
        _INCIDENTS,
        name="incidents-note",
        title="A note for whoever looks back",
        keys=(KEY, "n", *typed("Asked the provider:"), "enter", *typed("they look into it")),
    ),
    replace(
        _INCIDENTS,
        name="incidents-marked",
        title="Marked, to be seen to together",
        keys=(KEY, "space", "down", "space"),
    ),
    replace(_INCIDENTS, name="incidents-past", title="What was", keys=(KEY, "b", "down", "enter")),
    replace(
        _INCIDENTS,
        name="incidents-filter",
        title="Filtered",
        keys=(KEY, "slash", *typed("severity:critical !state:acknowledged"), "enter"),
    ),
    replace(
        _INCIDENTS,
        name="incidents-silences",
        title="What is kept quiet",
        keys=(KEY, "b", "down", "down", "enter"),
    ),
    replace(
        _INCIDENTS,
        name="incidents-silence",
        title="Kept quiet from where it is seen",
        keys=(KEY, "m"),
    ),
    replace(
        _INCIDENTS,
        name="incidents-channels",
        title="How people are told",
        keys=(KEY, "b", *["down"] * 3, "enter"),
    ),
    replace(
        _INCIDENTS,
        name="incidents-channel",
        title="A new channel",
        keys=(KEY, "b", *["down"] * 3, "enter", "n"),
    ),
    replace(
        _INCIDENTS,
        name="incidents-routes",
        title="Which incidents go where",
        keys=(KEY, "b", *["down"] * 4, "enter"),
    ),
    replace(
        _INCIDENTS,
        name="incidents-alerts",
        title="What was told, and what could not be",
        keys=(KEY, "b", *["down"] * 5, "enter"),
    ),
    replace(_INCIDENTS, name="incidents-write", title="A post-mortem", keys=(KEY, "w")),
    replace(
        _INCIDENTS, name="incidents-read-only", title="Read-only", settings={"read_only": True}
    ),
    replace(
        _INCIDENTS,
        name="incidents-hostile",
        title="Messages that attack the terminal",
        fill=attacked,
    ),
    replace(_INCIDENTS, name="incidents-ascii", title="ASCII glyphs", settings={"ascii": True}),
    replace(_INCIDENTS, name="incidents-no-color", title="NO_COLOR", environment={"NO_COLOR": "1"}),
)
