from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import InvalidInput, NotFound
from engine.usage.recording import Recorder
from engine.usage.records import UsageRecord
from engine.usage.sync.feeds import LEASE_S, UsageFeeds
from engine.usage.sync.settings import FeedSettings
from storage.usage.counted import counted
from tests.engine.usage.sync.conftest import ADMIN, number_of

if TYPE_CHECKING:
    from engine.clock import FixedClock
    from engine.workspace import Workspace
    from tests.engine.usage.sync.conftest import AnthropicCounts, OpenAiCounts

SINCE = date(2026, 11, 1)
MINI = "gpt-4o-mini-2024-07-18"


def _completions(calls: int, tokens_in: int, tokens_out: int, **more: Any) -> dict[str, Any]:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": tokens_in,
        "output_tokens": tokens_out,
        "input_cached_tokens": more.get("cached", 0),
        "num_model_requests": calls,
        "model": more.get("model", MINI),
        "project_id": None,
    }


def _charge(dollars: float, item: str = f"{MINI}, input") -> dict[str, Any]:
    amount = {"value": dollars, "currency": "usd"}
    return {"object": "organization.costs.result", "amount": amount, "line_item": item}


async def _set_up(feeds: UsageFeeds, url: str, *, integration: str = "gpt", **more: Any) -> None:
    settings = FeedSettings(base_url=url, since=SINCE, **more)
    await feeds.set_up("acme", integration, settings, secret=ADMIN)


async def _sums(workspace: Workspace, integration: str, origin: str) -> dict[Any, Any]:
    first, end = number_of("2026-10-01"), number_of("2027-01-01")
    found = await workspace.read(
        lambda connection: counted(connection, integration, origin, first=first, end=end)
    )
    return {
        key: (one.calls, one.tokens_in, one.tokens_out, one.tokens_cached, one.cost_nanos)
        for key, one in found.items()
    }


async def test_days_of_a_provider_become_sums_at_its_own_prices(
    feeds: UsageFeeds, workspace: Workspace, openai: OpenAiCounts, gpt: str
) -> None:
    openai.usage["2026-11-03"] = [_completions(5, 1_000, 500, cached=800)]
    openai.costs["2026-11-03"] = [_charge(0.06), _charge(0.01, f"{MINI}, output")]
    openai.costs["2026-11-04"] = [_charge(1.5, "Image models")]
    await _set_up(feeds, openai.url)
    done = await feeds.sync("acme", "gpt")
    assert (done.error, done.refused, done.days, done.unpriced) == (None, 0, 21, 0)
    assert await _sums(workspace, gpt, "openai_usage") == {
        (number_of("2026-11-03"), MINI): (5, 1_000, 500, 800, 70_000_000),
        (number_of("2026-11-04"), "Image models"): (0, 0, 0, 0, 1_500_000_000),
    }


async def test_a_second_reading_adds_nothing_and_asks_only_for_what_is_not_final(
    feeds: UsageFeeds, workspace: Workspace, openai: OpenAiCounts, gpt: str
) -> None:
    openai.usage["2026-11-20"] = [_completions(5, 1_000, 500)]
    await _set_up(feeds, openai.url)
    await feeds.sync("acme", "gpt")
    before = await _sums(workspace, gpt, "openai_usage")
    openai.asked.clear()
    again = await feeds.sync("acme", "gpt")
    assert (again.new, again.error) == (0, None)
    assert await _sums(workspace, gpt, "openai_usage") == before
    starts = {int(url.query["start_time"]) // 86_400 for url in openai.asked}
    assert starts == {number_of("2026-11-19")}  # two days after its end a day is final


async def test_a_day_that_grew_is_corrected_by_what_is_missing(
    feeds: UsageFeeds, workspace: Workspace, openai: OpenAiCounts, gpt: str
) -> None:
    openai.usage["2026-11-21"] = [_completions(5, 1_000, 500)]
    await _set_up(feeds, openai.url)
    await feeds.sync("acme", "gpt")
    openai.usage["2026-11-21"] = [_completions(8, 1_700, 400, cached=900)]
    await feeds.sync("acme", "gpt")
    ((calls, tokens_in, tokens_out, cached, cost),) = (
        await _sums(workspace, gpt, "openai_usage")
    ).values()
    assert (calls, tokens_in, tokens_out, cached) == (8, 1_700, 400, 900)
    # List price of gpt-4o-mini: 0.15, cached 0.075, answers 0.60 dollars for a million tokens.
    assert cost == 800 * 150 + 900 * 75 + 400 * 600


async def test_an_estimate_gives_way_to_what_was_charged_under_another_name(
    feeds: UsageFeeds,
    workspace: Workspace,
    openai: OpenAiCounts,
    gpt: str,
    clock: FixedClock,
) -> None:
    openai.usage["2026-11-21"] = [_completions(1, 1_000_000, 0)]
    openai.costs["2026-11-21"] = [_charge(0.1, "gpt-4o-mini, input")]
    await _set_up(feeds, openai.url)
    await feeds.sync("acme", "gpt")
    costs = {key[1]: sums[4] for key, sums in (await _sums(workspace, gpt, "openai_usage")).items()}
    assert costs == {MINI: 150_000_000}  # the same tokens are not charged twice meanwhile
    clock.advance(4 * 86_400)
    await feeds.sync("acme", "gpt")
    costs = {key[1]: sums[4] for key, sums in (await _sums(workspace, gpt, "openai_usage")).items()}
    assert costs == {MINI: 0, "gpt-4o-mini": 100_000_000}


async def test_a_model_without_a_price_is_unpriced_unless_its_cost_is_told(
    feeds: UsageFeeds, workspace: Workspace, openai: OpenAiCounts, gpt: str
) -> None:
    openai.usage["2026-11-20"] = [_completions(4, 10, 10, model="gpt-of-tomorrow")]
    openai.usage["2026-11-21"] = [_completions(3, 10, 10, model="gpt-of-tomorrow")]
    openai.costs["2026-11-20"] = [_charge(0.5, "gpt-of-tomorrow, input")]
    await _set_up(feeds, openai.url)
    done = await feeds.sync("acme", "gpt")
    assert done.unpriced == 3
    sums = await _sums(workspace, gpt, "openai_usage")
    assert sums[number_of("2026-11-20"), "gpt-of-tomorrow"][4] == 500_000_000


async def test_anthropic_counts_no_calls_and_charges_in_cents(
    feeds: UsageFeeds, workspace: Workspace, anthropic: AnthropicCounts, claude: str
) -> None:
    anthropic.usage["2026-11-02"] = [
        {
            "uncached_input_tokens": 1_500,
            "cache_creation": {
                "ephemeral_1h_input_tokens": 1_000,
                "ephemeral_5m_input_tokens": 500,
            },
            "cache_read_input_tokens": 200,
            "output_tokens": 500,
            "model": "claude-sonnet-4-20250514",
            "workspace_id": workspace_id,
            "server_tool_use": {"web_search_requests": 10},
        }
        for workspace_id in (None, "wrkspc_other")
    ]
    anthropic.costs["2026-11-02"] = [
        {
            "amount": "123.78912",
            "currency": "USD",
            "model": "claude-sonnet-4-20250514",
            "workspace_id": None,
            "cost_type": "tokens",
        },
        {"amount": "10", "currency": "USD", "model": None, "cost_type": "web_search"},
        {"amount": "99", "currency": "USD", "model": None, "workspace_id": "wrkspc_other"},
    ]
    anthropic.most_buckets = 7
    only = {"workspace_ids": ("default",)}
    await _set_up(feeds, anthropic.url, integration="claude", only=only)
    done = await feeds.sync("acme", "claude")
    assert (done.error, done.unpriced) == (None, 0)
    day = number_of("2026-11-02")
    assert await _sums(workspace, claude, "anthropic_usage") == {
        (day, "claude-sonnet-4-20250514"): (0, 3_200, 500, 200, 1_237_891_200),
        (day, "web_search"): (0, 0, 0, 0, 100_000_000),
    }


async def test_a_reading_that_is_cut_off_goes_on_where_it_was(
    feeds: UsageFeeds, workspace: Workspace, openai: OpenAiCounts, gpt: str
) -> None:
    for day in ("2026-08-05", "2026-10-30", "2026-11-20"):
        openai.usage[day] = [_completions(1, 100, 10)]
    settings = FeedSettings(base_url=openai.url, since=date(2026, 8, 1))
    await feeds.set_up("acme", "gpt", settings, secret=ADMIN)
    answered = 0

    def cut_off() -> None:
        nonlocal answered
        answered += 1
        if answered == 4:  # in the second window of 31 days
            task.cancel()

    openai.before = cut_off
    task = asyncio.create_task(feeds.sync("acme", "gpt"))
    with pytest.raises(asyncio.CancelledError):
        await task
    (feed,) = await feeds.list_all("acme")
    assert feed.through == date(2026, 8, 31)
    openai.asked.clear()
    done = await feeds.sync("acme", "gpt")
    assert (
        min(int(url.query["start_time"]) for url in openai.asked)
        == number_of("2026-09-01") * 86_400
    )
    assert (done.error, done.new) == (None, 2)


async def test_two_who_read_at_once_count_once(
    feeds: UsageFeeds, workspace: Workspace, openai: OpenAiCounts, gpt: str
) -> None:
    openai.usage["2026-11-20"] = [_completions(7, 70, 7)]
    await _set_up(feeds, openai.url)
    await asyncio.gather(*(feeds.sync("acme", "gpt") for _ in range(4)))
    ((calls, *_),) = (await _sums(workspace, gpt, "openai_usage")).values()
    assert calls == 7


async def test_a_wrong_key_is_kept_as_a_sentence_without_the_key(
    feeds: UsageFeeds, openai: OpenAiCounts, gpt: str, clock: FixedClock
) -> None:
    settings = FeedSettings(base_url=openai.url, since=SINCE)
    await feeds.set_up("acme", "gpt", settings, secret="sk-proj-planted-wrong-one")
    done = await feeds.sync("acme", "gpt")
    assert done.error == "OpenAI does not know the admin key (status 401)."
    (feed,) = await feeds.list_all("acme")
    assert (feed.state, feed.read_at) == ("failing", None)
    assert done.error in (feed.error or "")
    assert "planted" not in repr(feed) + repr(done) + repr(feed.to_dict())
    await feeds.set_up("acme", "gpt", settings, secret=ADMIN)
    assert (await feeds.sync("acme", "gpt")).error is None
    (feed,) = await feeds.list_all("acme")
    assert (feed.state, feed.error, feed.read_at) == ("read", None, clock.now())


async def test_a_provider_that_asks_for_a_pause_gets_it(
    feeds: UsageFeeds, openai: OpenAiCounts, gpt: str, clock: FixedClock
) -> None:
    await _set_up(feeds, openai.url)
    openai.fails = [(429, {"Retry-After": "7200"})]
    done = await feeds.sync("acme", "gpt")
    assert "status 429" in (done.error or "")
    (feed,) = await feeds.list_all("acme")
    assert feed.due_at == clock.now() + timedelta(seconds=7200)


@pytest.mark.parametrize(
    ("usage", "why"),
    [
        ([{"input_tokens": -1}], "'num_model_requests' is not a count"),
        ([{**_completions(1, 1, 1), "input_tokens": 1.5}], "'input_tokens' is not a count"),
        (["text"], "has something in it that is no object"),
    ],
)
async def test_what_cannot_be_read_is_said_and_nothing_is_recorded(  # noqa: PLR0917 - a table's
    feeds: UsageFeeds,
    workspace: Workspace,
    openai: OpenAiCounts,
    gpt: str,
    usage: list[Any],
    why: str,
) -> None:
    openai.usage["2026-11-20"] = usage
    await _set_up(feeds, openai.url)
    done = await feeds.sync("acme", "gpt")
    assert why in (done.error or "")
    assert await _sums(workspace, gpt, "openai_usage") == {}


async def test_calls_that_are_known_one_by_one_are_not_counted_again(
    feeds: UsageFeeds, workspace: Workspace, openai: OpenAiCounts, gpt: str
) -> None:
    def one(connection: Any) -> None:
        recorder = Recorder("acme", origin="api", clock=workspace.clock, integration=gpt)
        call = UsageRecord(call_id="c-1", at=workspace.clock.now(), model=MINI, tokens_in=1)
        assert recorder.record(connection, [call]).new == 1

    await workspace.write(one)
    openai.usage["2026-11-20"] = [_completions(7, 70, 7)]
    await _set_up(feeds, openai.url)
    done = await feeds.sync("acme", "gpt")
    assert done.refused == 1
    assert done.error
    assert await _sums(workspace, gpt, "openai_usage") == {}
    (feed,) = await feeds.list_all("acme")
    assert feed.through is None


async def test_due_feeds_are_taken_so_that_others_pass_them_over(
    feeds: UsageFeeds, openai: OpenAiCounts, gpt: str, clock: FixedClock
) -> None:
    await _set_up(feeds, openai.url, every_s=3600)
    taken = await feeds._hop.write(feeds._take)  # what a monitor does before it is killed
    assert len(taken) == 1
    assert await feeds.sync_due() == ()
    clock.advance(LEASE_S)
    (done,) = await feeds.sync_due()
    assert done.error is None
    (feed,) = await feeds.list_all("acme")
    assert feed.due_at == clock.now() + timedelta(seconds=3600)


async def test_a_feed_that_is_removed_takes_its_key_along(
    feeds: UsageFeeds, workspace: Workspace, openai: OpenAiCounts, gpt: str
) -> None:
    await _set_up(feeds, openai.url)
    (feed,) = await feeds.list_all("acme")
    assert feed.credential_ref is not None
    await feeds.remove("acme", "gpt")
    assert await feeds.list_all("acme") == ()
    with pytest.raises(NotFound):
        await workspace.credentials.get("acme", feed.credential_ref)
    with pytest.raises(NotFound, match="is not read yet"):
        await feeds.sync("acme", "gpt")


async def test_what_cannot_be_set_up_is_told(
    feeds: UsageFeeds, workspace: Workspace, gpt: str
) -> None:
    with pytest.raises(InvalidInput, match="takes an admin key"):
        await feeds.set_up("acme", "gpt", FeedSettings())
    with pytest.raises(InvalidInput, match="narrowed by 'workspaces'"):
        await feeds.set_up("acme", "gpt", FeedSettings(only={"workspaces": ("a",)}), secret=ADMIN)
    with pytest.raises(InvalidInput, match="60 to"):
        await feeds.set_up("acme", "gpt", FeedSettings(every_s=1), secret=ADMIN)
    with pytest.raises(NotFound, match="no integration 'nobody'"):
        await feeds.set_up("acme", "nobody", FeedSettings(), secret=ADMIN)
    with pytest.raises(NotFound):
        await feeds.set_up("other", gpt, FeedSettings(), secret=ADMIN)
    await workspace.integrations.create_integration(
        "acme", "gemini", "google", secret="AIzaSy-planted-for-tests"
    )
    with pytest.raises(InvalidInput, match="'google' has counted cannot be read"):
        await feeds.set_up("acme", "gemini", FeedSettings(), secret=ADMIN)
