from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from tests.tui.cli.usage.counts import ADMIN, Counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tui.cli.conftest import Run


@pytest.fixture
def counts() -> Iterator[Counts]:
    served = Counts()
    yield served
    served.end()


@pytest.fixture
def gpt(board: Run) -> Run:
    """The command line, with an integration gpt."""
    add = ("integrations", "add", "--name", "gpt", "--provider", "openai", "--credential-stdin")
    done = board(*add, stdin="sk-proj-planted-for-calls")
    assert done.code == 0, done.err
    return board


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """This moment, held: feeds are read up to today, and a day may end meanwhile."""
    held = datetime.now(UTC)
    monkeypatch.setattr("engine.workspace.SystemClock", lambda: FixedClock(held))
    return held


def _before(now: datetime, days: int) -> str:
    return (now - timedelta(days=days)).date().isoformat()


def _set_up(run: Run, counts: Counts, now: datetime, *more: str) -> None:
    since = ("--since", _before(now, 9))
    told = ("--base-url", counts.url, *since, "--credential-stdin", *more)
    done = run("usage", "sync", "gpt", "--set-up", *told, stdin=ADMIN)
    assert done.code == 0, done.err
    assert ADMIN not in done.out + done.err


def test_a_feed_is_set_up_read_and_listed(gpt: Run, counts: Counts, now: datetime) -> None:
    _set_up(gpt, counts, now, "--every", "900")
    done = gpt("usage", "sync", "-o", "json")
    (told,) = done.json["items"]
    assert (done.code, told["days"], told["new"], told["error"]) == (0, 10, 10, None)
    assert gpt("usage", "sync", "gpt", "-o", "json").json["items"][0]["new"] == 0
    (feed,) = gpt("usage", "sync", "--list", "-o", "json").json["items"]
    assert (feed["every_s"], feed["base_url"], feed["error"]) == (900, counts.url, None)
    assert feed["credential_ref"].startswith("encrypted://")
    assert ADMIN not in json.dumps(feed)
    assert "gpt-4o-mini" in gpt("usage", "top").out


def test_what_is_not_told_again_stays(gpt: Run, counts: Counts, now: datetime) -> None:
    _set_up(gpt, counts, now, "--every", "900", "--only", "project_ids=proj_a,proj_b")
    done = gpt("usage", "sync", "gpt", "--set-up", "--every", "0", "-o", "json")
    (feed,) = done.json["items"]
    assert (feed["every_s"], feed["due_at"], feed["base_url"]) == (0, None, counts.url)
    assert feed["only"] == {"project_ids": ["proj_a", "proj_b"]}
    gpt("usage", "sync")
    assert "project_ids=proj_a&project_ids=proj_b" in counts.seen[0]


def test_a_refused_key_ends_with_1_and_stays_in_the_list(gpt: Run, counts: Counts) -> None:
    told = ("--base-url", counts.url, "--credential-stdin")
    gpt("usage", "sync", "gpt", "--set-up", *told, stdin="sk-planted-wrong-key")
    done = gpt("usage", "sync")
    assert done.code == 1
    assert "does not know the admin key (status 401)" in done.err
    listed = gpt("usage", "sync", "--list")
    assert "failing" in listed.out
    assert "planted" not in done.out + done.err + listed.out + listed.err


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (("sync", "gpt", "--set-up"), "takes an admin key"),
        (("sync", "--set-up"), "Name one integration"),
        (("sync", "gpt", "--every", "60"), "is said with --set-up"),
        (("sync", "--list", "--remove"), "at a time"),
        (("sync", "gpt", "--set-up", "--since", "soon", "--credential-ref", "env://A"), "no date"),
        (("sync", "gpt", "--set-up", "--only", "x", "--credential-ref", "env://A"), "keep to"),
        (("sync", "gpt", "--set-up", "--credential-ref", ADMIN), "starts with encrypted://"),
    ],
)
def test_wrong_usage_is_told(gpt: Run, argv: tuple[str, ...], why: str) -> None:
    done = gpt("usage", *argv)
    assert (done.code, ADMIN in done.err) == (2, False)
    assert why in done.err


def test_a_feed_is_removed(gpt: Run, counts: Counts, now: datetime) -> None:
    _set_up(gpt, counts, now)
    assert gpt("usage", "sync", "gpt", "--remove").code == 0
    assert gpt("usage", "sync", "--list", "-o", "json").json["items"] == []
    assert "is not read yet" in gpt("usage", "sync", "gpt").err


@pytest.mark.processes
def test_a_killed_run_is_gone_on_with_and_counts_once(
    gpt: Run, counts: Counts, now: datetime, database: str
) -> None:
    told = ("--base-url", counts.url, "--since", _before(now, 80), "--credential-stdin")
    assert gpt("usage", "sync", "gpt", "--set-up", *told, stdin=ADMIN).code == 0
    counts.silent_after = 3  # in the middle of the second of three windows
    command = [sys.executable, "-m", "tui", "usage", "sync", "gpt"]
    process = subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL)
    try:
        assert counts.reached.wait(60)
    finally:
        process.kill()
        process.wait()
    counts.silent_after = None
    counts.seen.clear()
    (done,) = gpt("usage", "sync", "-o", "json").json["items"]
    assert (done["days"], done["new"], done["error"]) == (81 - 31, 81 - 31, None)
    (top,) = gpt("usage", "top", "-o", "json").json["items"]
    assert (top["calls"], top["tokens_in"]) == (3 * now.day, 30 * now.day)
