"""From a lamp that turned red to an alert that is kept back, end to end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.monitor.alerting import send_alerts
from engine.silences import SilenceDraft
from tests.engine.incidents.happening import TENANT, checked, integration

if TYPE_CHECKING:
    from engine.clock import FixedClock
    from engine.silences import Silence
    from engine.workspace import Workspace

HOURS = timedelta(hours=2)


async def loud(workspace: Workspace) -> None:
    """Lead all incidents of the tenant to a bell, at once."""
    bell = await workspace.alerts.add_channel(TENANT, "bell", "bell")
    await workspace.alerts.add_route(TENANT, bell.id, wait_s=0)


async def told(workspace: Workspace) -> list[tuple[int | None, str]]:
    """Which incidents were told of, after a monitor has looked."""
    await send_alerts(workspace, once=True)
    page = await workspace.alerts.page(TENANT)
    return [(one.incident_number, one.event) for one in reversed(page.items) if one.sent_at]


async def quiet(workspace: Workspace, **about: Any) -> Silence:
    ends_at = workspace.clock.now() + HOURS
    draft = SilenceDraft(**{"tenant_id": TENANT, **about}, ends_at=ends_at, reason="Maintenance")
    return await workspace.silences.add(TENANT, draft)


async def orders(workspace: Workspace) -> str:
    """Add a source of PostgreSQL with tags, which is checked; give its id."""
    config = {"host": "db", "database": "shop"}
    made = await workspace.sources.register_source(
        TENANT, "orders", "database", technology="postgresql", config=config, tags=["Prod", "pii"]
    )
    await workspace.sources.activate_source(TENANT, made.source_id)
    return made.source_id


ABOUT: list[dict[str, Any]] = [
    {"tag": "PROD"},
    {"technology": "postgresql"},
    {"kind": "source"},
    {"kind": "source", "thing_id": "the one"},
    {"tag": "pii", "technology": "postgresql", "kind": "source"},
    {},
    {"tenant_id": None},
]
ABOUT_OTHERS: list[dict[str, Any]] = [
    {"tag": "staging"},
    {"technology": "redis"},
    {"kind": "connector"},
    {"tag": "prod", "technology": "redis"},
]


async def test_whatever_a_silence_is_about_it_keeps_alerts_of_that_back(
    workspace: Workspace, clock: FixedClock
) -> None:
    source = await orders(workspace)
    await loud(workspace)
    first = await quiet(workspace)
    await checked(workspace, clock, [source], "---", kind="source")
    assert await told(workspace) == []
    await workspace.silences.end(TENANT, first.id)
    for about in ABOUT:
        one = {"thing_id": source} if "thing_id" in about else {}
        silence = await quiet(workspace, **about | one)
        found = await workspace.incidents.get(TENANT, 1)
        assert (found.state, found.silence_id) == ("silenced", silence.id), about
        assert (await workspace.incidents.headline(TENANT)).silenced == 1
        assert await told(workspace) == [], about
        await workspace.silences.end(TENANT, silence.id)
    for about in ABOUT_OTHERS:
        await quiet(workspace, **about)
    assert (await workspace.incidents.get(TENANT, 1)).state == "open"
    assert await told(workspace) == [(1, "opened")]


async def test_what_is_still_bad_when_it_ends_is_told_then_once(
    workspace: Workspace, clock: FixedClock
) -> None:
    source = await orders(workspace)
    await loud(workspace)
    await quiet(workspace, tag="prod")
    await checked(workspace, clock, [source], "---", kind="source")
    assert await told(workspace) == []
    clock.advance(HOURS.total_seconds())
    assert await told(workspace) == [(1, "opened")]
    assert await told(workspace) == [(1, "opened")]
    assert (await workspace.incidents.get(TENANT, 1)).state == "open"


async def test_what_came_and_went_in_silence_is_never_told(
    workspace: Workspace, clock: FixedClock
) -> None:
    source = await orders(workspace)
    await loud(workspace)
    await quiet(workspace, tag="prod")
    await checked(workspace, clock, [source], "---++", kind="source")
    clock.advance(HOURS.total_seconds())
    assert await told(workspace) == []
    assert (await workspace.incidents.get(TENANT, 1)).closed_because == "recovered"


async def test_a_provider_is_kept_quiet_as_one(workspace: Workspace, clock: FixedClock) -> None:
    ids = [(await integration(workspace, f"gpt-{place}", "openai")).id for place in range(3)]
    other = await integration(workspace, "claude", "anthropic")
    await loud(workspace)
    await quiet(workspace, kind="integration", technology="openai")
    await checked(workspace, clock, [*ids, other.id], "---")
    found = await workspace.incidents.page(TENANT)
    states = {one.cause: one.state for one in found.items}
    assert states == {"provider": "silenced", "lamp": "open"}
    (lamp,) = [one.number for one in found.items if one.cause == "lamp"]
    assert await told(workspace) == [(lamp, "opened")]


async def test_a_silence_that_comes_again_keeps_quiet_each_time(
    workspace: Workspace, clock: FixedClock
) -> None:
    source = await orders(workspace)
    await loud(workspace)
    daily = SilenceDraft(
        tenant_id=TENANT, tag="pii", schedule="cron", cron="0 12 * * *", duration_s=3600,
        reason="Backup",
    )  # fmt: skip
    await workspace.silences.add(TENANT, daily)
    await checked(workspace, clock, [source], "---", kind="source")
    assert await told(workspace) == []
    clock.advance(3600)
    assert await told(workspace) == [(1, "opened")]
    await checked(workspace, clock, [source], "++", kind="source")
    clock.advance(23 * 3600)
    await checked(workspace, clock, [source], "---", kind="source")
    await send_alerts(workspace, once=True)
    assert (await workspace.incidents.get(TENANT, 2)).state == "silenced"
    assert (2, "opened") not in await told(workspace)
