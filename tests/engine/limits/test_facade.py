"""The way in to limits: lists, one meter's story, setting limits and what they would mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import EditConflict, InvalidInput, NotFound
from engine.limits.results import SCOPES

if TYPE_CHECKING:
    from engine.limits import LimitsFacade
    from tests.engine.limits.conftest import Board


@pytest.fixture
def limits(board: Board) -> LimitsFacade:
    return board.workspace.limits


async def test_a_list_says_what_runs_out_first(board: Board, limits: LimitsFacade) -> None:
    for name, cents in {"calm": 10**8, "over": 100, "soon": 2_000, "free": 0}.items():
        await board.integration(name, budget_limit_cents=cents)
    for day in range(8):
        at = board.clock.now() - timedelta(days=day)
        board.record(*(board.call(at, integration=name) for name in ("calm", "over", "soon")))
    board.reckon()

    page, keys = await limits.page_gauges(board.tenant, scope="integration", measure="budget")
    assert [gauge.name for gauge in page] == ["over", "soon", "calm", "free"]
    assert [gauge.state for gauge in page] == ["over", "ok", "ok", "unlimited"]
    assert [gauge.urgency for gauge in page] == [key[0] for key in keys]
    assert await limits.count_gauges(board.tenant, query="state:over") == 1
    found, total = await limits.list_gauges(board.tenant, offset=1, limit=1, query="so")
    assert ([gauge.name for gauge in found], total) == (["soon"], 3)
    headline = await limits.headline(board.tenant)
    assert headline.first is not None
    assert (headline.first.name, headline.states["over"]) == ("over", 1)


async def test_pages_go_on_after_each_other(board: Board, limits: LimitsFacade) -> None:
    from engine.paging import after

    for number in range(5):
        await board.integration(f"i-{number}")
    first, keys = await limits.page_gauges(board.tenant, sort="name", limit=10)
    rest, _ = await limits.page_gauges(board.tenant, sort="name", limit=10, anchor=after(keys[-1]))
    names = [(gauge.name, gauge.measure) for gauge in (*first, *rest)]
    assert len(names) == len(set(names)) == await limits.count_gauges(board.tenant)
    assert names == sorted(names, key=lambda one: one[0])
    shown, total = await limits.list_gauges(board.tenant, sort="name", offset=10, limit=10)
    assert ([gauge.id for gauge in shown], total) == ([gauge.id for gauge in rest], len(names))


async def test_another_tenants_gauges_are_nobodys(board: Board, limits: LimitsFacade) -> None:
    made = await board.integration(budget_limit_cents=5)
    board.spend(1)
    for scope, subject in (("integration", made), ("model", "gpt-4o"), ("provider", "openai")):
        for ask in (limits.gauges_of, limits.get_meter):
            with pytest.raises(NotFound):
                await ask("other", scope, subject)  # type: ignore[operator]
    assert await limits.gauges_of_integrations("other", [made]) == {}
    assert await limits.page_gauges("other") == ((), ())
    with pytest.raises(NotFound):
        await limits.set_limits("other", "integration", made, budget_limit_cents=1)
    with pytest.raises(NotFound):
        await limits.set_limits("no-such", "provider", "openai", budget_limit_cents=1)
    with pytest.raises(NotFound):
        await limits.preview(board.tenant, "tenant", "other", budget_limit_cents=1)


async def test_a_deleted_integration_has_no_gauges_and_keeps_its_usage(
    board: Board, limits: LimitsFacade
) -> None:
    made = await board.integration(budget_limit_cents=5)
    board.spend(1)
    await board.workspace.integrations.delete_integration(board.tenant, made)
    with pytest.raises(NotFound):
        await limits.get_meter(board.tenant, "integration", made)
    assert await limits.gauges_of_integrations(board.tenant, [made]) == {}
    assert [one.cost_nanos for one in await limits.groups(board.tenant, "provider")] == [10**9]


async def test_a_list_asks_for_several_integrations_at_once(
    board: Board, limits: LimitsFacade
) -> None:
    ids = [await board.integration(name, rate_limit_rpm=5) for name in ("gpt", "claude")]
    board.record(board.call())
    found = await limits.gauges_of_integrations(board.tenant, [*ids, "no-such"])
    assert list(found) == ids
    assert [gauge.measure for gauge in found[ids[0]]] == ["budget", "tokens", "rate"]
    assert [found[each][2].used for each in ids] == [1, None]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"scope": "galaxy"}, "scope"),
        ({"measure": "luck"}, "measure"),
        ({"sort": "colour"}, "sort"),
        ({"limit": 0}, "limit"),
    ],
)
async def test_a_list_that_cannot_be_is_refused(
    limits: LimitsFacade, asked: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await limits.page_gauges("acme", **asked)
    assert caught.value.field == field


async def test_a_story_tells_of_the_month_its_users_and_the_last_hour(
    board: Board, limits: LimitsFacade
) -> None:
    made = await board.integration(budget_limit_cents=10_000)
    await board.integration("claude", provider_type="anthropic")
    now = board.clock.now()
    board.record(
        board.call(agent="crawler"),
        board.call(now - timedelta(minutes=5), model="gpt-5"),
        board.call(now - timedelta(days=3), cost_nanos=5 * 10**9, agent="writer"),
        board.call(datetime(2026, 10, 31, 12, tzinfo=UTC)),
        board.call(integration="claude", model="opus", agent="crawler"),
    )
    board.reckon()
    story = await limits.get_meter(board.tenant, "integration", made)

    assert [gauge.used for gauge in story.gauges] == [7 * 10**9, 3000, 1]
    assert [day.key for day in story.days][:: len(story.days) - 1] == ["2026-11-01", "2026-11-21"]
    assert [day.cost_nanos for day in story.days if day.cost_nanos] == [5 * 10**9, 2 * 10**9]
    assert len(story.previous_days) == 31
    assert story.previous_days[-1].calls == 1
    assert [(one.name, one.cost_nanos) for one in story.models] == [
        ("gpt-4o", 6 * 10**9),
        ("gpt-5", 10**9),
    ]
    assert [one.name for one in story.agents] == ["writer", "crawler"]
    assert story.integrations == ()
    assert (len(story.minutes), story.minutes[-1], story.minutes[-6]) == (60, 1, 1)
    assert (story.period_start.month, story.period_end.month) == (11, 12)

    by_agent = await limits.get_meter(board.tenant, "agent", "crawler")
    assert {one.name for one in by_agent.integrations} == {"gpt", "claude"}
    assert [gauge.state for gauge in by_agent.gauges] == ["unlimited"] * 3
    assert [gauge.used for gauge in by_agent.gauges] == [2 * 10**9, 2000, 2]
    whole = await limits.get_meter(board.tenant, "tenant", board.tenant)
    assert {one.name for one in whole.integrations} == {"gpt", "claude"}
    assert whole.to_dict()["gauges"][0]["used"] == 8 * 10**9


async def test_groups_are_this_months_users(board: Board, limits: LimitsFacade) -> None:
    await board.integration()
    board.record(
        board.call(agent="crawler"),
        board.call(agent="writer", cost_nanos=9),
        board.call(datetime(2026, 10, 1, tzinfo=UTC), agent="sleeper"),
    )
    assert [one.key for one in await limits.groups(board.tenant, "agent")] == ["crawler", "writer"]
    for by in SCOPES:
        assert sum(one.cost_nanos for one in await limits.groups(board.tenant, by)) == 10**9 + 9
    everybody = {one.key for one in await limits.groups(None, "tenant")}
    assert board.tenant in everybody
    with pytest.raises(InvalidInput):
        await limits.groups(board.tenant, "colour")


async def test_transitions_are_told_newest_first(board: Board, limits: LimitsFacade) -> None:
    made = await board.integration(budget_limit_cents=100)
    board.spend(0.6)
    board.reckon()
    board.clock.advance(60)
    board.spend(0.3)
    board.reckon()
    found = await limits.transitions(board.tenant)
    assert [(one.level, one.used) for one in found] == [(80.0, 9 * 10**8), (50.0, 6 * 10**8)]
    assert {(one.scope, one.subject, one.name) for one in found} == {("integration", made, "gpt")}
    story = await limits.get_meter(board.tenant, "integration", made)
    assert story.transitions == found


async def test_an_integrations_limits_are_its_own_fields(
    board: Board, limits: LimitsFacade
) -> None:
    made = await board.integration(budget_limit_cents=100)
    before = await limits.get_meter(board.tenant, "integration", made)
    story = await limits.set_limits(
        board.tenant,
        "integration",
        made,
        budget_limit_cents=500,
        warning_levels=[90, 50.5],
        expected_version=before.version,
    )
    shown = await board.workspace.integrations.get_integration(board.tenant, made)
    assert shown.budget_limit_cents == 500
    assert story.gauges[0].limit == 5 * 10**9
    assert story.gauges[0].levels == (50.5, 90.0)
    assert story.version > before.version
    done = [
        (one.action, one.detail["changed"])
        for one in (await board.workspace.activity.page(board.tenant)).items
        if "changed" in one.detail
    ]
    assert sorted(done) == [
        ("integration.updated", {"budget_limit_cents": [100, 500]}),
        ("limits.updated", {"warning_levels": [None, [50.5, 90.0]]}),
    ]
    again = await limits.set_limits(board.tenant, "integration", made, budget_limit_cents=500)
    assert again.version == story.version


async def test_who_comes_second_is_told(board: Board, limits: LimitsFacade) -> None:
    made = await board.integration()
    for scope, subject in (("integration", made), ("tenant", board.tenant)):
        first = await limits.set_limits(board.tenant, scope, subject, token_limit_month=10)
        await limits.set_limits(
            board.tenant, scope, subject, token_limit_month=20, expected_version=first.version
        )
        with pytest.raises(EditConflict):
            await limits.set_limits(
                board.tenant, scope, subject, token_limit_month=30, expected_version=first.version
            )
        story = await limits.get_meter(board.tenant, scope, subject)
        assert story.gauges[1].limit == 20


@pytest.mark.parametrize("scope", ["provider", "model", "agent", "tenant"])
async def test_anything_can_be_limited_before_its_first_call(
    board: Board, limits: LimitsFacade, scope: str
) -> None:
    await board.integration()
    subject = board.tenant if scope == "tenant" else f"some {scope}"
    story = await limits.set_limits(board.tenant, scope, subject, token_limit_month=10)
    assert [gauge.state for gauge in story.gauges] == ["unlimited", "unmeasured", "unlimited"]
    page, _ = await limits.page_gauges(board.tenant, scope=scope, measure="tokens")
    assert subject in {gauge.subject for gauge in page}
    shown = (await board.workspace.activity.page(board.tenant)).items[0]
    assert (shown.action, shown.thing_name) == ("limits.updated", story.name)
    assert shown.detail == {"scope": scope, "changed": {"token_limit_month": [0, 10]}}


async def test_taking_own_levels_away_brings_the_boards_back(
    board: Board, limits: LimitsFacade
) -> None:
    await board.integration()
    for levels, shown in (([75], (75.0,)), ([], (50.0, 80.0, 95.0, 100.0))):
        story = await limits.set_limits(board.tenant, "tenant", board.tenant, warning_levels=levels)
        assert story.gauges[0].levels == shown


@pytest.mark.parametrize(
    ("limits_given", "field"),
    [
        ({"budget_limit_cents": -1}, "budget_limit_cents"),
        ({"token_limit_month": 10**18}, "token_limit_month"),
        ({"rate_limit_rpm": "many"}, "rate_limit_rpm"),
        ({"budget_limit_cents": True}, "budget_limit_cents"),
        ({"warning_levels": [0]}, "warning_levels"),
        ({"warning_levels": [1001]}, "warning_levels"),
        ({"warning_levels": [float("nan")]}, "warning_levels"),
        ({"warning_levels": ["high"]}, "warning_levels"),
        ({"warning_levels": "50"}, "warning_levels"),
        ({"warning_levels": list(range(1, 30))}, "warning_levels"),
    ],
)
async def test_limits_that_cannot_be_are_refused(
    board: Board, limits: LimitsFacade, limits_given: dict[str, Any], field: str
) -> None:
    await board.integration()
    for do in (limits.set_limits, limits.preview):
        with pytest.raises(InvalidInput) as caught:
            await do(board.tenant, "tenant", board.tenant, **limits_given)  # type: ignore[operator]
        assert caught.value.field == field
        assert caught.value.message.count(".") == 1


async def test_a_preview_says_what_limits_would_mean_and_sets_nothing(
    board: Board, limits: LimitsFacade
) -> None:
    made = await board.integration()
    board.week()
    board.record(board.call())
    told = await limits.preview(
        board.tenant,
        "integration",
        made,
        budget_limit_cents=1100,
        token_limit_month=40_000,
        rate_limit_rpm=60,
    )
    assert [one.gauge.measure for one in told] == ["budget", "tokens", "rate"]
    assert [one.sentence for one in told] == [
        "At this pace it lasts until the 24th.",
        "At this pace it lasts the month, with 44% used at its end.",
        "The busiest minute of the last hour had 1 of 60 requests.",
    ]
    assert {gauge.limit for gauge in await limits.gauges_of(board.tenant, "integration", made)} == {
        0
    }
    (over, *_) = await limits.preview(board.tenant, "integration", made, budget_limit_cents=400)
    assert over.sentence == "It was used up already: 200% of it is used."
    unknown = await limits.preview(board.tenant, "model", "nobody's", token_limit_month=5)
    assert unknown[1].sentence.startswith("Nothing was measured yet")


async def test_the_status_of_an_integration_is_told_from_its_days(board: Board) -> None:
    made = await board.integration(
        budget_limit_cents=1000, token_limit_month=10_000, rate_limit_rpm=2
    )
    facade = board.workspace.integrations
    board.record(board.call(cost_nanos=1_005_000_000), board.call(cost_nanos=None, model="odd"))
    found = await facade.get_limits_status(board.tenant, made)
    assert found.measured
    assert (found.budget_used_cents, found.budget_used_nanos) == (101, 1_005_000_000)
    assert (found.budget_percent, found.token_percent, found.rate_percent) == (10.05, 20.0, 100.0)
    assert (found.tokens_used_month, found.requests_this_minute, found.unpriced_calls) == (
        2000,
        2,
        1,
    )
    board.go(datetime(2026, 12, 1, tzinfo=UTC))
    found = await facade.get_limits_status(board.tenant, made)
    assert (found.budget_used_cents, found.tokens_used_month, found.requests_this_minute) == (
        0,
        0,
        0,
    )
    assert found.measured
