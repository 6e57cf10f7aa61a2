from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput, NotFound
from engine.filters import parse_filter
from storage.health import CheckRow, HealthDriver, MonitorRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.clock import FixedClock
    from engine.workspace import Workspace

KIND = "integration"


async def lit(workspace: Workspace, name: str, *states: str, tenant: str = "acme") -> str:
    """Register an integration and record its checks, ten seconds apart up to now."""
    made = await workspace.integrations.create_integration(
        tenant, name, "custom", base_url="http://127.0.0.1:9/v1"
    )
    number = (await workspace.health.story(tenant, KIND, made.id)).lamp.number
    now = workspace.clock.now()
    rows = [
        CheckRow(
            target_number=number,
            checked_at=now - timedelta(seconds=10 * back),
            state=state,
            error=None if state == "healthy" else "http_500",
            message=f"It was {state}.",
            latency_ms=100 + back,
        )
        for back, state in zip(range(len(states) - 1, -1, -1), states, strict=True)
    ]
    await record(workspace, rows)
    return made.id


async def record(workspace: Workspace, rows: Sequence[CheckRow]) -> None:
    await workspace.write(lambda connection: HealthDriver(connection).record(rows))


async def test_lamps_are_worst_first_and_frozen(workspace: Workspace) -> None:
    await lit(workspace, "fine", "healthy")
    await lit(workspace, "dark")
    await lit(workspace, "slow", "degraded")
    await lit(workspace, "dead", "failing")
    lamps = await workspace.health.lamps("acme")
    assert [lamp.name for lamp in lamps] == ["dead", "slow", "dark", "fine"]
    with pytest.raises(FrozenInstanceError):
        lamps[0].state = "healthy"  # type: ignore[misc]
    assert [lamp.name for lamp in await workspace.health.lamps("acme", limit=1)] == ["dead"]
    chosen = await workspace.health.lamps("acme", terms=parse_filter("health:healthy"))
    assert [lamp.name for lamp in chosen] == ["fine"]


async def test_counts_have_all_states_and_know_their_tenant(workspace: Workspace) -> None:
    await lit(workspace, "fine", "healthy")
    await lit(workspace, "dead", "failing", tenant="other")
    empty = {"failing": 0, "degraded": 0, "unknown": 0, "healthy": 0}
    assert await workspace.health.counts("acme") == empty | {"healthy": 1}
    assert await workspace.health.counts(None) == empty | {"healthy": 1, "failing": 1}
    assert await workspace.health.counts("nobody") == empty


async def test_a_story_tells_all_of_one_target(workspace: Workspace, clock: FixedClock) -> None:
    found = await lit(workspace, "gpt", "healthy", "failing", "failing", "healthy")
    story = await workspace.health.story("acme", KIND, found)
    assert story.lamp.state == "healthy"
    assert [check.state for check in story.checks] == ["healthy", "failing", "failing", "healthy"]
    assert [ms for _, ms in story.latencies] == [103, 102, 101, 100]
    assert [change.to_state for change in story.transitions] == ["healthy", "failing", "healthy"]
    assert story.transitions[1].message == "It was failing."
    assert story.uptime.day == story.uptime.month == 0.5
    assert story.taken_at == clock.now()
    assert await workspace.health.uptime("acme", KIND, found) == story.uptime
    assert (await workspace.health.history("acme", KIND, found, limit=1))[0].state == "healthy"
    assert await workspace.health.hours("acme", KIND, found) == story.hours


async def test_another_tenants_target_is_not_found(workspace: Workspace) -> None:
    found = await lit(workspace, "gpt", "healthy")
    health = workspace.health
    for call in (
        health.story("other", KIND, found),
        health.history("other", KIND, found),
        health.hours("acme", KIND, "nothing"),
        health.uptime("acme", "source", found),
    ):
        with pytest.raises(NotFound):
            await call


async def test_the_board_groups_worst_first_with_ages(
    workspace: Workspace, clock: FixedClock
) -> None:
    await lit(workspace, "dead", "healthy", "failing")
    await lit(workspace, "fine", "healthy")
    clock.advance(30)
    board = await workspace.health.board("acme")
    assert [(group.state, group.total) for group in board.groups] == [
        ("failing", 1),
        ("degraded", 0),
        ("unknown", 0),
        ("healthy", 1),
    ]
    row = board.groups[0].rows[0]
    assert (row.lamp.name, row.age_s, row.uptime.day) == ("dead", 30.0, 0.5)
    assert board.overall_health == "failing"
    chosen = await workspace.health.board("acme", terms=parse_filter("fine"))
    assert [group.total for group in chosen.groups] == [0, 0, 0, 1]
    assert chosen.counts["failing"] == 1


async def test_the_overview_is_one_reading(workspace: Workspace) -> None:
    await lit(workspace, "dead", "failing")
    await lit(workspace, "fine", "healthy")
    overview = await workspace.health.overview("acme", limit=1)
    assert ([lamp.name for lamp in overview.lamps], overview.total) == (["dead"], 2)
    assert overview.overall_health == "failing"
    assert {change.name for change in overview.transitions} == {"dead", "fine"}
    assert not overview.monitor.alive
    chosen = await workspace.health.overview("acme", terms=parse_filter("fine"))
    assert ([lamp.name for lamp in chosen.lamps], chosen.total) == (["fine"], 1)


async def test_transitions_go_on_from_an_earlier_page(workspace: Workspace) -> None:
    await lit(workspace, "gpt", "healthy", "failing", "healthy")
    newest = await workspace.health.transitions("acme", limit=2)
    older = await workspace.health.transitions("acme", before_id=newest[-1].id)
    assert [change.to_state for change in (*newest, *older)] == ["healthy", "failing", "healthy"]


async def test_an_old_lamp_is_stale(workspace: Workspace, clock: FixedClock) -> None:
    await lit(workspace, "gpt", "healthy")
    await lit(workspace, "never")
    clock.advance(301)
    lamps = {lamp.name: lamp.stale for lamp in await workspace.health.lamps("acme")}
    assert lamps == {"gpt": True, "never": False}
    summary = await workspace.checks.get_health_summary("acme")
    assert (summary.stale, summary.total) == (1, 2)
    assert summary.checked_at == clock.now() - timedelta(seconds=301)


@pytest.mark.parametrize("limit", [0, -1, 10**9])
async def test_limits_have_their_bounds(workspace: Workspace, limit: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        await workspace.health.lamps("acme", limit=limit)
    assert caught.value.field == "limit"


async def test_a_monitor_is_known_by_its_heartbeat(workspace: Workspace, clock: FixedClock) -> None:
    assert not (await workspace.health.monitor_status()).alive
    row = MonitorRow(
        id="m",
        host="box",
        pid=7,
        started_at=clock.now(),
        beat_at=clock.now(),
        checks_per_minute=12,
        offline=True,
        version="1",
    )
    await workspace.write(lambda connection: HealthDriver(connection).beat(row))
    clock.advance(3)
    status = await workspace.health.monitor_status()
    assert (status.alive, status.pid, status.beat_age_s, status.offline) == (True, 7, 3.0, True)
    clock.advance(8)
    status = await workspace.health.monitor_status()
    assert (status.alive, status.beat_age_s) == (False, 11.0)
