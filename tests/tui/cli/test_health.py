from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from engine.settings import Settings
from engine.workspace import Workspace
from tui.cli import health_history
from tui.cli.session import Session
from tui.cli.watching import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.tui.cli.conftest import Add, Run

FIELDS = {"health_state", "message", "error", "latency_ms", "stage"}


def test_check_gives_every_result_and_fails_when_one_does(board: Run, add: Add) -> None:
    add("good")
    done = board("health", "check", "-o", "json")
    assert done.code == 0
    assert done.json["overall_health"] == "healthy"
    add("bad", secret="sk-wrong")
    done = board("health", "check", "--force", "-o", "json")
    assert done.code == 1
    assert done.json["total"] == 2
    results = {item["name"]: item for item in done.json["results"]}
    assert all(set(item) >= FIELDS for item in results.values())
    assert results["bad"]["error"] == "auth_failed"
    assert results["good"]["latency_ms"] >= 0
    assert done.json["counts"] == {"failing": 1, "degraded": 0, "unknown": 0, "healthy": 1}
    assert "sk-wrong" not in done.out + done.err


def test_check_within_a_minute_says_that_it_is_not_new(
    board: Run, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = FixedClock(datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC))
    monkeypatch.setattr("engine.workspace.SystemClock", lambda: held)
    add("good")
    board("health", "check")
    done = board("health", "check")
    assert "--force checks again" in done.err
    assert "● healthy" in done.out


def test_check_of_those_named(board: Run, add: Add) -> None:
    add("one")
    add("two", secret="sk-wrong")
    done = board("health", "check", "one", "-o", "json")
    assert (done.code, done.json["total"]) == (0, 1)


def test_things_of_every_kind_are_checked_and_remembered(
    board: Run, add: Add, tmp_path: Path
) -> None:
    add("gpt")
    place = ("--technology", "local", "--database-name", str(tmp_path))
    assert board("sources", "add", "--name", "files", *place, "--activate").code == 0
    assert board("connectors", "add", "--name", "files", "--type", "file", *place).code == 0
    done = board("health", "check", "-o", "json")
    told = [(one["kind"], one["name"], one["health_state"]) for one in done.json["results"]]
    assert told == [
        ("source", "files", "healthy"),
        ("connector", "files", "healthy"),
        ("integration", "gpt", "healthy"),
    ]
    assert board("health", "check", "--kind", "source", "-o", "json").json["total"] == 1
    assert board("health", "check", "files", "-o", "json").json["total"] == 2
    assert board("health", "history", "files").code == 2
    assert board("health", "history", "files", "--kind", "source", "-o", "json").json["total"] == 1
    assert "source" in board("health", "history").out


def test_check_of_an_unknown_tenant(board: Run, add: Add) -> None:
    add("one")
    assert board("health", "check", "--tenant", "nobody").code == 1
    assert board("health", "summary", "--tenant", "nobody").code == 1


def test_summary(board: Run, add: Add) -> None:
    add("good")
    board("health", "check")
    done = board("health", "summary", "-o", "json")
    assert done.json["counts"]["healthy"] == 1
    assert done.json["overall_health"] == "healthy"
    assert done.json["monitor"]["alive"] is False
    assert "none is running" in board("health", "summary").out


def test_history_of_one_and_changes_of_all(board: Run, add: Add) -> None:
    add("good")
    board("health", "check")
    checks = board("health", "history", "good", "-o", "json").json
    assert [item["state"] for item in checks["items"]] == ["healthy"]
    changes = board("health", "history", "-o", "json").json
    assert [item["to_state"] for item in changes["items"]] == ["healthy"]
    assert board("health", "history", "good", "--hours", "-o", "json").code == 0


def test_test_now(board: Run, add: Add) -> None:
    good, bad = add("good"), add("bad", secret="sk-wrong")
    done = board("integrations", "test", good["id"], "-o", "json")
    assert (done.code, done.json["health_state"]) == (0, "healthy")
    done = board("integrations", "test", bad["id"], "-o", "json")
    assert (done.code, done.json["error"]) == (1, "auth_failed")
    assert "✖ failing" in board("integrations", "test", "bad").out


def test_add_with_test_keeps_only_what_works(board: Run, provider: str) -> None:
    argv = ("integrations", "add", "--provider", "custom", "--base-url", provider, "--test")
    done = board(*argv, "--name", "bad", "--credential-stdin", stdin="sk-wrong")
    assert (done.code, done.out) == (1, "")
    assert "Nothing was saved" in done.err
    assert board("integrations", "show", "bad").code == 1


async def test_following_yields_changes_in_order(board: Run, add: Add, database: str) -> None:
    made = await asyncio.to_thread(add, "good")
    settings = Settings.load({"database": database, "refresh_s": 0.05}, environment={})
    workspace = Workspace.open(settings)
    changes = health_history.follow(workspace, "acme")
    first = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    try:
        while not first.done():
            await workspace.checks.check_health("acme", made["id"], force=True)
            await asyncio.wait([first], timeout=0.1)
        seen = await first
        assert (seen.name, seen.from_state, seen.to_state) == ("good", "unknown", "healthy")
    finally:
        await workspace.aclose()


@pytest.mark.parametrize("text", ["x", "x" * 300])
def test_a_name_that_is_long_is_not_repeated_whole(board: Run, add: Add, text: str) -> None:
    add("good")
    done = board("integrations", "test", text)
    assert done.code == 1
    assert len(done.err) < 300


@pytest.fixture
async def watching(board: Run, add: Add, database: str) -> AsyncIterator[Watching]:
    """Watches the integrations of a tenant that has one; each reading is a count in `printed`."""
    await asyncio.to_thread(add, "good")
    settings = Settings.load({"database": database, "refresh_s": 0.05}, environment={})
    workspace = Workspace.open(settings)
    session = Session(dashboard=lambda _: 0)
    watching = Watching()

    async def show() -> None:
        count = await workspace.integrations.count_integrations("acme")
        watching.printed.put_nowait(count)
        await watching.go_on.wait()

    task = asyncio.ensure_future(shown(session, workspace, show, watch=frozenset({"integrations"})))
    yield watching
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await workspace.aclose()


class Watching:
    """A list that is watched; what was printed stays under way until it may go on."""

    def __init__(self) -> None:
        self.printed: asyncio.Queue[int] = asyncio.Queue()
        self.go_on = asyncio.Event()

    async def next(self) -> int:
        return await asyncio.wait_for(self.printed.get(), 60)


async def test_a_watched_list_is_printed_again_when_something_changed(
    add: Add, watching: Watching
) -> None:
    watching.go_on.set()
    assert await watching.next() == 1
    await asyncio.to_thread(add, "more")
    assert await watching.next() == 2


async def test_what_changes_while_a_watched_list_is_printed_is_not_missed(
    add: Add, watching: Watching
) -> None:
    assert await watching.next() == 1
    await asyncio.to_thread(add, "more")
    watching.go_on.set()
    assert await watching.next() == 2
