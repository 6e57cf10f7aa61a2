"""What the simulated providers have counted is what was called, and feeds can read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine.demo.behaviour import Mood, Script, Step
from engine.demo.child import Simulators
from engine.demo.plan import Site
from engine.http import HttpRequest
from engine.usage.period import day_of
from engine.usage.sync.settings import FeedSettings
from engine.workspace import Workspace
from storage.usage.counted import counted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from engine.settings import Settings

pytestmark = pytest.mark.processes

KEYS = {
    "openai": ("sk-proj-planted", "sk-admin-planted"),
    "anthropic": ("sk-ant-api-planted", "sk-ant-admin-planted"),
}
ASKED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "openai": ("/v1/chat/completions", "gpt-4o", {}),
    "anthropic": ("/v1/messages", "claude-sonnet-4-5", {"max_tokens": 50}),
}


@pytest.fixture(scope="module")
def ports() -> Iterator[Mapping[str, int]]:
    well = Script((Step(0, Mood.OK, 1),))
    sites = [
        Site(name=name, dialect=name, accounts=dict.fromkeys(keys, well))
        for name, keys in KEYS.items()
    ]
    with Simulators(sites) as simulators:
        yield simulators.ports


@pytest.fixture
async def workspace(settings: Settings) -> AsyncIterator[Workspace]:
    """One with the machine's clock, which the simulators have too."""
    opened = Workspace.open(settings)
    yield opened
    await opened.aclose()


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_feeds_read_what_was_called(
    workspace: Workspace, ports: Mapping[str, int], provider: str
) -> None:
    key, admin = KEYS[provider]
    path, model, more = ASKED[provider]
    url = f"http://127.0.0.1:{ports[provider]}"
    used = [0, 0]
    for n in range(3):
        body = {"model": model, "messages": [{"role": "user", "content": "x" * 40 * (n + 1)}]}
        request = HttpRequest(
            url=url + path,
            method="POST",
            body=json.dumps({**body, **more}).encode(),
            headers={
                "authorization": f"Bearer {key}",
                "x-api-key": key,
                "anthropic-version": "2023-06-01",
            },
        )
        told = json.loads((await workspace.http_client().send(request)).body)["usage"]
        used[0] += told.get("prompt_tokens") or told.get("input_tokens")
        used[1] += told.get("completion_tokens") or told.get("output_tokens")
    thing = await workspace.integrations.create_integration("acme", provider, provider, secret=key)
    base_url = url + ("/v1" if provider == "openai" else "")
    settings = FeedSettings(base_url=base_url, since=datetime.now(UTC).date())
    await workspace.feeds.set_up("acme", provider, settings, secret=key)
    refused = await workspace.feeds.sync("acme", provider)
    assert "does not let in the admin key (status 403)" in (refused.error or "")
    await workspace.feeds.set_up("acme", provider, settings, secret=admin)
    done = await workspace.feeds.sync("acme", provider)
    assert (done.error, done.unpriced) == (None, 0)
    today = day_of(workspace.clock.now())
    found = await workspace.read(
        lambda connection: counted(
            connection, thing.id, f"{provider}_usage", first=today - 1, end=today + 1
        )
    )
    (sums,) = found.values()
    assert [sums.tokens_in, sums.tokens_out] == used
    assert sums.calls == (3 if provider == "openai" else 0)
    assert sums.cost_nanos > 0
