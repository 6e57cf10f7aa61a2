"""Providers that tell what they have counted, on loopback, and feeds that read them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from engine.usage.period import EPOCH
from engine.usage.sync.feeds import UsageFeeds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from engine.workspace import Workspace

ADMIN = "sk-admin-planted-in-tests"
DAY_S = 86_400


def number_of(day: str) -> int:
    return (date.fromisoformat(day) - EPOCH).days


@dataclass
class Counting:
    """What both simulators have in common: days, pages, and answers that a test decides."""

    url: str = ""
    usage: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    costs: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    asked: list[Any] = field(default_factory=list)
    most_buckets: int = 31
    fails: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def days(self, first: int, end: int, page: str | None) -> tuple[range, str | None]:
        """Return the days of a page, and the cursor of the next one."""
        start = int(page.removeprefix("page_")) if page else first
        stop = min(end, start + self.most_buckets)
        return range(start, stop), (f"page_{stop}" if stop < end else None)

    def refusal(self, request: web.Request, given: str) -> web.Response | None:
        self.asked.append(request.rel_url)
        self.before()
        if given != ADMIN:
            return web.json_response({"error": {"message": f"bad key {given}"}}, status=401)
        if self.fails:
            status, headers = self.fails.pop(0)
            return web.json_response({"error": {}}, status=status, headers=headers)
        return None


class OpenAiCounts(Counting):
    """OpenAI's two interfaces, as they are documented."""

    async def answer(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if (refusal := self.refusal(request, given)) is not None:
            return refusal
        query = request.query
        assert query["bucket_width"] == "1d"
        first, end = int(query["start_time"]) // DAY_S, int(query["end_time"]) // DAY_S
        costs = request.path.endswith("/costs")
        assert query.getall("group_by") == (["line_item"] if costs else ["model"])
        days, following = self.days(first, end, query.get("page"))
        told = self.costs if costs else self.usage
        buckets = [
            {
                "object": "bucket",
                "start_time": day * DAY_S,
                "end_time": (day + 1) * DAY_S,
                "results": told.get(_iso(day), []),
            }
            for day in days
        ]
        page = {"object": "page", "data": buckets}
        return web.json_response(
            {**page, "has_more": following is not None, "next_page": following}
        )


class AnthropicCounts(Counting):
    """Anthropic's two interfaces, as they are documented."""

    async def answer(self, request: web.Request) -> web.Response:
        assert request.headers["anthropic-version"] == "2023-06-01"
        if (refusal := self.refusal(request, request.headers.get("x-api-key", ""))) is not None:
            return refusal
        query = request.query
        first, end = (_day(query[name]) for name in ("starting_at", "ending_at"))
        days, following = self.days(first, end, query.get("page"))
        told = self.costs if request.path.endswith("cost_report") else self.usage
        buckets = [
            {
                "starting_at": f"{_iso(day)}T00:00:00Z",
                "ending_at": f"{_iso(day + 1)}T00:00:00Z",
                "results": told.get(_iso(day), []),
            }
            for day in days
        ]
        return web.json_response(
            {"data": buckets, "has_more": following is not None, "next_page": following}
        )


def _iso(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_S, UTC).date().isoformat()


def _day(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) // DAY_S


async def _serve(counting: Any, paths: tuple[str, ...], base: str) -> web.AppRunner:
    app = web.Application()
    for path in paths:
        app.router.add_get(path, counting.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    counting.url = f"http://127.0.0.1:{runner.addresses[0][1]}{base}"
    return runner


@pytest.fixture
async def openai() -> AsyncIterator[OpenAiCounts]:
    counting = OpenAiCounts()
    paths = ("/v1/organization/usage/completions", "/v1/organization/costs")
    runner = await _serve(counting, paths, "/v1")
    yield counting
    await runner.cleanup()


@pytest.fixture
async def anthropic() -> AsyncIterator[AnthropicCounts]:
    counting = AnthropicCounts()
    paths = ("/v1/organizations/usage_report/messages", "/v1/organizations/cost_report")
    runner = await _serve(counting, paths, "")
    yield counting
    await runner.cleanup()


@pytest.fixture
def feeds(workspace: Workspace) -> UsageFeeds:
    return UsageFeeds(workspace, workspace.credentials.core, workspace.http_client)


@pytest.fixture
async def gpt(workspace: Workspace) -> str:
    made = await workspace.integrations.create_integration(
        "acme", "gpt", "openai", secret="sk-proj-planted-for-calls"
    )
    return made.id


@pytest.fixture
async def claude(workspace: Workspace) -> str:
    made = await workspace.integrations.create_integration(
        "acme", "claude", "anthropic", secret="sk-ant-planted-for-calls"
    )
    return made.id
