from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import NotFound, WorkspaceError
from engine.health.service import CusHealthService
from engine.workspace import Workspace

if TYPE_CHECKING:
    from engine.clock import FixedClock
    from engine.integrations import IntegrationDetailResult
    from engine.settings import Settings

KEY = "sk-planted-Canary-0123456789abcdef"


async def add(
    workspace: Workspace, provider: Any, name: str = "gpt", **more: Any
) -> IntegrationDetailResult:
    told = {"base_url": provider.url} | more
    return await workspace.integrations.create_integration("acme", name, "custom", **told)


async def test_a_check_is_real_and_recorded(
    workspace: Workspace, provider: Any, clock: FixedClock
) -> None:
    made = await add(workspace, provider, secret=KEY)
    result = await workspace.integrations.test_credentials("acme", made.id)
    assert (result.health_state, result.error, result.cached) == ("healthy", None, False)
    assert (result.name, result.previous_state) == ("gpt", "unknown")
    assert f"Authorization: Bearer {KEY}".lower() in provider.requests[0].lower()
    status = await workspace.integrations.get_health_status("acme", made.id)
    assert (status.health_state, status.health_checked_at) == ("healthy", clock.now())
    assert not status.stale
    story = await workspace.health.story("acme", "integration", made.id)
    assert [check.state for check in story.checks] == ["healthy"]
    assert [(t.from_state, t.to_state) for t in story.transitions] == [("unknown", "healthy")]
    assert {stage["name"] for stage in story.checks[0].stages} >= {"connect"}
    clock.advance(301)
    assert (await workspace.integrations.get_health_status("acme", made.id)).stale


async def test_at_most_one_check_a_minute_unless_forced(
    workspace: Workspace, provider: Any, clock: FixedClock
) -> None:
    made = await add(workspace, provider)
    first = await workspace.checks.check_health("acme", made.id)
    clock.advance(59)
    again = await workspace.checks.check_health("acme", made.id)
    assert (again.cached, again.checked_at) == (True, first.checked_at)
    assert len(provider.requests) == 1
    assert not (await workspace.checks.check_health("acme", made.id, force=True)).cached
    clock.advance(60)
    assert not (await workspace.checks.check_health("acme", made.id)).cached
    assert len(provider.requests) == 3


async def test_who_asks_meanwhile_waits_for_the_same_flight(
    workspace: Workspace, provider: Any, boarding: asyncio.Queue[str]
) -> None:
    made = await add(workspace, provider)
    provider.held = asyncio.Event()
    asking = [
        asyncio.create_task(workspace.checks.check_health("acme", made.id, force=True))
        for _ in range(5)
    ]
    await provider.asked(1)
    for _ in asking:
        await asyncio.wait_for(boarding.get(), 60)
    asking[0].cancel()
    provider.held.set()
    results = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert len({str(result) for result in results[1:]}) == 1
    assert len(provider.requests) == 1
    assert not workspace.checks._flights


async def test_a_refused_key_is_failing_with_its_reason(
    workspace: Workspace, provider: Any
) -> None:
    made = await add(workspace, provider, secret=KEY)
    provider.status = 401
    provider.body = {"error": {"message": f"Incorrect API key provided: {KEY}"}}
    result = await workspace.integrations.test_credentials("acme", made.id)
    assert (result.health_state, result.error, result.status_code) == (
        "failing",
        "auth_failed",
        401,
    )
    assert "planted" not in json.dumps(result.to_dict())
    summary = await workspace.checks.get_health_summary("acme")
    assert summary.overall_health == "failing"
    assert [lamp.name for lamp in summary.failing] == ["gpt"]


async def test_a_secret_that_cannot_be_read_fails_alone(
    workspace: Workspace, provider: Any, settings: Settings
) -> None:
    await add(workspace, provider, "broken", secret=KEY)
    await add(workspace, provider, "unset", credential_ref="env://NOT_SET_ANYWHERE")
    await add(workspace, provider, "fine")
    elsewhere = Workspace.open(replace(settings, master_key="ab" * 32))
    try:
        results = await elsewhere.checks.check_all_integrations("acme")
    finally:
        await elsewhere.aclose()
    told = {result.name: (result.health_state, result.error, result.stage) for result in results}
    unreadable = ("failing", "credential_unreadable", "credential")
    fine = ("healthy", None, "evaluate")
    assert told == {"broken": unreadable, "unset": unreadable, "fine": fine}
    assert len(provider.requests) == 1


async def test_all_but_the_disabled_are_checked_in_the_order_of_names(
    workspace: Workspace, provider: Any
) -> None:
    facade = workspace.integrations
    for name in ("b", "A", "c", "off"):
        made = await add(workspace, provider, name)
    await facade.enable_integration("acme", made.id)
    await facade.disable_integration("acme", made.id)
    results = await workspace.checks.check_all_integrations("acme")
    assert [result.name for result in results] == ["A", "b", "c"]
    assert not any(result.cached for result in results)
    assert all(result.cached for result in await workspace.checks.check_all_integrations("acme"))
    assert len(provider.requests) == 3
    summary = await workspace.checks.get_health_summary("acme")
    assert summary.counts == {"failing": 0, "degraded": 0, "unknown": 1, "healthy": 3}
    assert summary.total == 4


async def test_a_sweep_reads_on_over_many_pages(
    workspace: Workspace, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.health.checker.READ_ROWS", 2)
    for number in range(5):
        await add(workspace, provider, f"n{number}")
    results = await workspace.checks.check_all_integrations("acme")
    assert [result.name for result in results] == ["n0", "n1", "n2", "n3", "n4"]


async def test_a_sweep_keeps_to_what_may_be_in_flight(settings: Settings, provider: Any) -> None:
    opened = Workspace.open(replace(settings, in_flight=2, rate_per_minute=1_000_000))
    provider.held = asyncio.Event()
    try:
        for number in range(4):
            await add(opened, provider, f"n{number}")
        sweep = asyncio.create_task(opened.checks.check_all_integrations("acme"))
        await provider.asked(2)
        assert len(opened.checks._flights) == 2
        provider.held.set()
        assert len(await sweep) == 4
    finally:
        await opened.aclose()


async def test_a_form_is_checked_before_it_is_saved(workspace: Workspace, provider: Any) -> None:
    facade = workspace.integrations
    result = await facade.test_draft("acme", "custom", secret=KEY, base_url=provider.url)
    assert (result.health_state, result.integration_id) == ("healthy", "")
    assert KEY in provider.requests[0]
    assert (await facade.list_integrations("acme")).total == 0
    assert (await workspace.revisions())["credentials"] == 0


async def test_a_form_over_a_stored_one_takes_what_it_does_not_say(
    workspace: Workspace, provider: Any
) -> None:
    made = await add(workspace, provider, secret=KEY)
    result = await workspace.integrations.test_draft("acme", "custom", integration_id=made.id)
    assert (result.health_state, result.name) == ("healthy", "gpt")
    assert KEY in provider.requests[0]
    lamp = (await workspace.health.story("acme", "integration", made.id)).lamp
    assert lamp.checked_at is None


async def test_a_provider_that_is_not_installed_is_no_way_to_check(
    workspace: Workspace, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await add(workspace, provider)
    monkeypatch.delitem(
        __import__("engine.integrations.providers.registry", fromlist=["BUILT_IN"]).BUILT_IN,
        "custom",
    )
    result = await workspace.integrations.test_credentials("acme", made.id)
    assert (result.health_state, result.error) == ("unknown", "provider_missing")


async def test_a_provider_whose_code_breaks_does_not_stop_the_others(
    workspace: Workspace, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await add(workspace, provider, secret=KEY)

    async def broken(*_: object, **told: object) -> None:
        raise RuntimeError(str(told["credential"]))

    monkeypatch.setattr("engine.integrations.checking.check_provider", broken)
    result = await workspace.integrations.test_credentials("acme", made.id)
    assert (result.health_state, result.error) == ("unknown", "provider_broken")
    assert "planted" not in str(result.to_dict())


async def test_a_database_that_is_away_is_said_once(
    workspace: Workspace, provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        await add(workspace, provider, name)

    async def away(*_: object, **__: object) -> None:
        raise WorkspaceError("The disk is full.", temporary=True)

    monkeypatch.setattr(workspace, "write", away)
    with pytest.raises(WorkspaceError, match="disk is full"):
        await workspace.checks.check_all_integrations("acme")


async def test_unknown_ids_are_not_found(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        await workspace.checks.check_health("acme", "nothing")
    assert await workspace.checks.check_all_integrations("acme") == []


def test_the_worst_state_is_the_whole() -> None:
    assert CusHealthService._calculate_overall_health({"healthy": 2, "failing": 1}) == "failing"
