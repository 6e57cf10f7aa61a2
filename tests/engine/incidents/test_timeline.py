"""What is told of an incident: everything that was written down about that time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert

from engine.incidents import timeline as telling
from engine.monitor.watching import Watcher
from engine.silences import SilenceDraft
from storage.health import HealthDriver
from storage.limits.gauges import GaugesDriver, Reckoned
from storage.limits.meters import MetersDriver
from storage.tables import alert_channels, alerts
from tests.engine.incidents.happening import KEY, TENANT, checked, integration

if TYPE_CHECKING:
    from datetime import datetime

    import pytest
    from sqlalchemy import Connection

    from engine.clock import FixedClock
    from engine.incidents.model import IncidentStory
    from engine.workspace import Workspace


def told(story: IncidentStory, *sources: str) -> list[str]:
    """The entries of some sources, each as one word or two."""
    return [
        f"{entry.source} {entry.what}"
        for entry in story.timeline
        if not sources or entry.source in sources
    ]


async def test_everything_is_told_in_its_order(workspace: Workspace, clock: FixedClock) -> None:
    one = await integration(workspace, "claude-batch")
    other = await integration(workspace, "other")
    clock.advance(3 * 3600)  # that they were made is no news by then
    await checked(workspace, clock, [one.id, other.id], "+")
    clock.advance(3 * 3600)
    await workspace.integrations.update_integration(TENANT, one.id, interval_s=30)
    await workspace.integrations.update_integration(TENANT, other.id, interval_s=30)
    await checked(workspace, clock, [one.id], "---")
    await workspace.incidents.acknowledge(TENANT, 1, "Looking into it")
    await checked(workspace, clock, [one.id], "-", error="timeout")
    await workspace.incidents.note(TENANT, 1, "The key was rotated.")
    await checked(workspace, clock, [one.id], "++")
    clock.advance(3600)
    await workspace.integrations.update_integration(TENANT, one.id, interval_s=60)

    story = await workspace.incidents.story(TENANT, 1)
    assert told(story) == [
        "activity integration.updated",
        "transition failing",
        "check failing",
        "incident opened",
        "incident acknowledged",
        "check failing",
        "incident error",
        "incident noted",
        "check healthy",
        "transition healthy",
        "incident closed",
    ]
    changed, turned, found, *_ = story.timeline
    assert (changed.said, changed.actor) == ("claude-batch (interval_s)", "olga")
    assert changed.detail["changed"] == {"interval_s": [None, 30]}
    assert turned.said == "claude-batch: 401 Authentication failed: invalid credentials"
    assert found.said == "1 check, auth_failed"


async def test_what_was_changed_about_other_things_is_left_out(
    workspace: Workspace, clock: FixedClock
) -> None:
    one, other = [await integration(workspace, name) for name in ("one", "other")]
    clock.advance(3 * 3600)
    await checked(workspace, clock, [one.id], "---")
    for thing in (one, other):
        await workspace.silences.add_for(
            TENANT, "integration", thing.id, timedelta(hours=1), f"Of {thing.name}"
        )
    await workspace.credentials.register(TENANT, "env://ANOTHER_KEY", "Another key")
    await workspace.credentials.rename(TENANT, KEY, "The key of both")
    for scope, subject in (
        *(("integration", one.id), ("integration", other.id)),
        *(("provider", "anthropic"), ("tenant", TENANT)),
    ):
        await workspace.limits.set_limits(TENANT, scope, subject, warning_levels=[50.0])
    await workspace.alerts.add_channel(TENANT, "desk", "bell")
    await workspace.silences.add(
        TENANT,
        SilenceDraft(
            tenant_id=TENANT,
            tag="nightly",
            ends_at=clock.now() + timedelta(hours=1),
            reason="Backup",
        ),
    )
    changes = [
        entry.said
        for entry in (await workspace.incidents.story(TENANT, 1)).timeline
        if entry.source == "activity"
    ]
    assert changes == ["integration one: Of one", "The key of both", "one (warning_levels)"]


async def test_of_a_limit_that_is_over_its_own_changes_are_told(
    workspace: Workspace, clock: FixedClock
) -> None:
    await integration(workspace, "one")
    for scope, subject in (("tenant", TENANT), ("provider", "anthropic")):
        await workspace.limits.set_limits(TENANT, scope, subject, token_limit_month=100)
    with workspace.database.read() as connection:
        meter = MetersDriver(connection).get(TENANT, "tenant", TENANT)
    assert meter is not None
    found = Reckoned(
        meter_number=meter.number,
        measure="tokens",
        state="over",
        used=120,
        percent=120,
        urgency=1,
    )
    await workspace.write(lambda held: GaugesDriver(held).reckon([found], clock.now()))
    await Watcher(workspace).look()
    story = await workspace.incidents.story(TENANT, 1)
    assert story.incident.cause == "limit"
    limits = [entry.said for entry in story.timeline if entry.what == "limits.updated"]
    assert limits == [f"{meter.name} (token_limit_month)"]


async def test_what_kept_it_quiet_is_told_from_when_on(
    workspace: Workspace, clock: FixedClock
) -> None:
    one = await integration(workspace, "one")
    base = SilenceDraft(tenant_id=TENANT, technology="anthropic", reason="Backup")
    daily = {"schedule": "cron", "duration_s": 600}
    for draft in (
        replace(base, **daily, cron="10 12 * * *"),  # type: ignore[arg-type]
        replace(base, **daily, cron="0 11 * * *"),  # type: ignore[arg-type]
        replace(base, technology="openai", ends_at=clock.now() + timedelta(days=1)),
        replace(base, tenant_id=None, reason="Moving", ends_at=clock.now() + timedelta(days=1)),
    ):
        await workspace.silences.add(TENANT, draft)
    await checked(workspace, clock, [one.id], "-" * 12)
    story = await workspace.incidents.story(TENANT, 1)
    opened = story.incident.opened_at
    assert [(entry.at, entry.said) for entry in story.timeline if entry.what == "silenced"] == [
        (opened, "anthropic, all tenants: Moving"),
        (opened.replace(minute=10), "anthropic: Backup"),
    ]


async def test_too_many_changes_are_told_at_both_ends(
    workspace: Workspace, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "MOST", 4)
    one = await integration(workspace, "nervous")
    await checked(workspace, clock, [one.id], "---" + "+-" * 8)
    entries = [
        entry
        for entry in (await workspace.incidents.story(TENANT, 1)).timeline
        if entry.source == "transition"
    ]
    assert [entry.what for entry in entries] == [
        "failing",
        "healthy",
        "left_out",
        "healthy",
        "failing",
    ]
    assert entries[2].detail == {"left": 13}


async def test_what_people_said_is_all_told(
    workspace: Workspace, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "MOST", 2)
    one = await integration(workspace, "nervous")
    for place in range(2):
        await checked(workspace, clock, [one.id], "---")
        await workspace.incidents.acknowledge(TENANT, 1, f"Again {place}")
        await checked(workspace, clock, [one.id], "++")
        await workspace.incidents.note(TENANT, 1, f"Seen {place}")
    told = (await workspace.incidents.story(TENANT, 1)).timeline
    assert [entry.said or entry.what for entry in told if entry.source == "incident"] == [
        *("nervous is failing", "Again 0", "2 more", "Seen 0"),
        *("Again 1", "recovered", "Seen 1"),
    ]
    text = await workspace.incidents.post_mortem(TENANT, 1)
    assert "| (2 more are not told here) |" in text
    assert all(f": Seen {place}\n" in text for place in range(2))


async def test_checks_that_are_only_kept_by_the_hour_are_counted(
    workspace: Workspace, clock: FixedClock
) -> None:
    one = await integration(workspace, "slow")
    await checked(workspace, clock, [one.id], "-----")
    clock.advance(4 * 3600)

    def tidy(connection: Connection) -> None:
        driver = HealthDriver(connection)
        driver.roll_up(clock.now())
        while driver.prune(clock.now()):
            pass

    await workspace.write(tidy)
    clock.advance(3 * 86_400)
    await workspace.write(tidy)
    (found,) = [
        entry
        for entry in (await workspace.incidents.story(TENANT, 1)).timeline
        if entry.source == "check"
    ]
    assert found.what == "hours"
    assert found.detail == {"count": 5, "failures": 5}


async def test_alerts_are_told_to_whom_the_channel_belongs(
    workspace: Workspace, clock: FixedClock
) -> None:
    one = await integration(workspace, "one")
    await workspace.tenants.ensure("globex")
    await checked(workspace, clock, [one.id], "---")
    at = clock.now()

    def work(connection: Connection) -> None:
        for tenant, name in ((TENANT, "ops"), ("globex", "theirs")):
            connection.execute(insert(alert_channels), channel(tenant, name, at))
        connection.execute(
            insert(alerts),
            [
                alert("ops", "opened", at, state="sent", sent_at=at),
                alert("ops", "reminder", at + timedelta(hours=1)),
                alert("theirs", "opened", at, state="failed", error="timeout"),
            ],
        )

    await workspace.write(work)
    story = await workspace.incidents.story(TENANT, 1)
    said = [(one.what, one.said) for one in story.timeline if one.source == "alert"]
    assert said == [("sent", "opened, by ops")]


def channel(tenant: str, name: str, at: datetime) -> dict[str, object]:
    return {
        "id": name,
        "tenant_id": tenant,
        "name": name,
        "sort_name": name,
        "type": "bell",
        "per_hour": 60,
        "enabled": True,
        "created_at": at,
    }


def alert(to: str, event: str, due: datetime, **more: object) -> dict[str, object]:
    base = {"state": "waiting", "sent_at": None, "error": None, "ordinal": 0, "created_at": due}
    return {**base, "channel_id": to, "incident_number": 1, "event": event, "due_at": due, **more}
