from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidInput, WorkspaceError
from engine.monitor import run_monitor
from engine.monitor.feeds import read_feeds
from engine.usage.sync.results import SyncResult
from engine.usage.sync.settings import FeedSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from engine.workspace import Workspace

    from .conftest import CountingProvider


class Feeds:
    """Answers what a test says, look after look."""

    def __init__(self, *looks: Any) -> None:
        self.looks = list(looks)
        self.done = asyncio.Event()

    async def sync_due(self) -> Sequence[SyncResult]:
        if not self.looks:
            self.done.set()
            return ()
        found = self.looks.pop(0)
        if isinstance(found, Exception):
            raise found
        return [found]


async def test_whatever_goes_wrong_the_next_look_comes(caplog: pytest.LogCaptureFixture) -> None:
    feeds = Feeds(
        WorkspaceError("The database is locked.", temporary=True),
        InvalidInput("No such source."),
        RuntimeError("foreign"),
        SyncResult(tenant_id="acme", name="f", integration="gpt", error="Refused."),
        SyncResult(tenant_id="acme", name="f", integration="gpt", new=3),
    )
    with caplog.at_level(logging.INFO, logger="engine.monitor.feeds"):
        task = asyncio.create_task(read_feeds(feeds, look_s=0))
        await asyncio.wait_for(feeds.done.wait(), 60)
        task.cancel()
    said = caplog.text
    for words in ("is locked", "No such source", "foreign", "Refused.", "f: 3 records"):
        assert words in said


async def test_a_single_run_reads_what_is_due(
    workspace: Workspace, provider: CountingProvider, add: Callable[..., None]
) -> None:
    add("gpt", provider_type="openai")
    # It answers with a list of models, which is no count: that is kept with the feed.
    settings = FeedSettings(base_url=f"{provider.url}/counts/v1")
    await workspace.feeds.set_up("acme", "gpt", settings, secret="sk-admin-planted")
    await run_monitor(workspace, once=True)
    assert provider.seen["counts"] == 1
    (feed,) = await workspace.feeds.list_all("acme")
    assert "cannot be read" in (feed.error or "")
    assert feed.due_at is not None
    assert feed.due_at > workspace.clock.now()


async def test_a_monitor_ends_while_a_provider_is_silent(
    workspace: Workspace,
    provider: CountingProvider,
    add: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.usage.sync.reading._DEADLINE_S", 600)
    add("gpt", provider_type="openai")
    settings = FeedSettings(base_url=f"{provider.url}/hang/v1")
    await workspace.feeds.set_up("acme", "gpt", settings, secret="sk-admin-planted")
    stop = asyncio.Event()
    task = asyncio.create_task(run_monitor(workspace, stop=stop))
    await provider.until(lambda seen: seen.seen["hang"] >= 1)
    stop.set()
    await asyncio.wait_for(task, 60)
