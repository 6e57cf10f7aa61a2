"""Usage and limits on databases that are locked, full or read-only: said, kept, gone on with."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.engine.usage.receiver.conftest import span, traces
from tests.system.children import PATIENCE_S
from tests.system.test_bad_input_limits import line
from tests.system.test_canary_usage import _post as post
from tests.system.test_databases import _fill as fill_up
from tests.system.test_databases import board, check_integrity, locked, mounted, shows
from tests.system.test_processes_usage import ask, ended, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.program import Done, Program

pytestmark = pytest.mark.processes
LATER, FAILED = 3, 1
ADD = ("integrations", "add", "--name=gpt", "--provider=openai", "--credential-ref=env://NONE")
LOCKED = (
    "limits status", "limits status --by model", "limits set gpt --budget 5", "limits forecast",
    "limits check gpt --tokens 5", "limits release x", "limits history", "usage top",
    "usage export", "usage import -", "usage receive --port 0", "usage sync", "usage sync --list",
    "usage sync gpt --set-up --credential-ref env://K",
)  # fmt: skip


def told(number: int) -> bytes:
    now = str(time.time_ns())
    one = {**span(number), "startTimeUnixNano": now, "endTimeUnixNano": now}
    return json.dumps(traces(one)).encode()


def calls(first: int, count: int) -> bytes:
    at = datetime.now(UTC).isoformat()
    return "".join(line(n, at=at, cost="0.01") for n in range(first, first + count)).encode()


def test_a_locked_database_is_a_matter_of_time(program: Program) -> None:
    assert program.run(*ADD).code == 0
    assert program.run("usage", "import", "-", stdin=calls(0, 5)).code == 0
    before = program.path.read_bytes()
    found: list[Done] = []

    def run(text: str) -> None:
        found.append(program.run(*text.split(), stdin=calls(9, 2)))

    with locked(program.path):
        for start in range(0, len(LOCKED), 5):
            threads = [threading.Thread(target=run, args=(one,)) for one in LOCKED[start:][:5]]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert program.path.read_bytes() == before
    assert len(found) == len(LOCKED)
    for done in found:
        assert done.code == LATER, done
        assert "locked by another process" in done.err, done
        assert "Traceback" not in done.err
        assert len(done.err.splitlines()) <= 3, done
    top = program.run("usage", "top", "-o", "json").json["items"]
    assert [one["calls"] for one in top] == [5]


def test_a_receiver_says_later_while_it_is_locked(program: Program) -> None:
    """And nothing of it was acknowledged; who sends again is counted once."""
    assert program.run(*ADD).code == 0
    receiver = program.start("usage", "receive", "--port=0", "-o", "json")
    with ended(receiver), held(program) as holder:
        url = listening(receiver)
        assert post(url, told(1), "") == b"{}"
        holder.execute("BEGIN IMMEDIATE")
        refused = post(url, told(2), "")
        assert b"locked" in refused, refused
        assert b"Retry-After" in refused, refused
        holder.execute("ROLLBACK")
        assert post(url, told(2), "") == b"{}"
        assert post(url, told(2), "") == b"{}"
        receiver.send_signal(signal.SIGTERM)
        out, err = receiver.communicate(timeout=PATIENCE_S)
    assert receiver.returncode == 0, err
    assert json.loads(out)["new"] == 2
    assert ask(program.path, "SELECT count(*) FROM usage") == [(2,)]


@contextlib.contextmanager
def held(program: Program) -> Iterator[sqlite3.Connection]:
    """Connect beside the product, which is there already."""
    raw = sqlite3.connect(program.path, isolation_level=None)
    try:
        yield raw
    finally:
        raw.close()


async def test_on_a_disk_that_runs_full(program: Program) -> None:
    """Receiver, import, limits and board: each says it, what was acknowledged is kept."""
    program.path.parent.mkdir(exist_ok=True)
    tmpfs = ("-t", "tmpfs", "-o", "size=1500k", "tmpfs")
    with mounted(program.path.parent, tmpfs), contextlib.ExitStack() as stack:
        for argv in (ADD, ("limits", "set", "gpt", "--budget=50")):
            done = program.run(*argv)
            assert done.code == 0, done.err
        receiver = stack.enter_context(
            ended(program.start("usage", "receive", "--port=0", "-o", "json"))
        )
        url = listening(receiver)
        kept = 20
        assert {post(url, told(number), "") for number in range(kept)} == {b"{}"}
        filler = program.path.parent / "filler"
        async with board(program, screen="limits") as (app, pilot):
            await pilot.press("6")
            await shows(app, pilot, "gpt", "budget")
            fill_up(filler)
            full = [post(url, told(number), "") for number in range(100, 140)]
            acknowledged = kept + sum(one == b"{}" for one in full)
            assert b"full" in full[-1], full[-1]
            for argv in (("limits", "set", "gpt", "--budget=60"), ("usage", "import", "-"),
                         ("limits", "check", "gpt", "--tokens=5")):  # fmt: skip
                done = program.run(*argv, stdin=calls(0, 5000))
                assert done.code == LATER, done
                assert "full" in done.err
                assert "Traceback" not in done.err
            assert program.run("limits", "status").code == 0
            await pilot.press("R")
            await shows(app, pilot, "gpt", "budget")
            filler.unlink()
        assert post(url, told(999), "") == b"{}"
        receiver.send_signal(signal.SIGTERM)
        out, err = receiver.communicate(timeout=PATIENCE_S)
        assert receiver.returncode == 0, err
        assert json.loads(out)["new"] == acknowledged + 1
        ours = "SELECT count(*) FROM usage WHERE call_id LIKE '0000%'"
        assert ask(program.path, ours) == [(acknowledged + 1,)]
        check_integrity(program.path)


async def test_a_read_only_board_changes_nothing(program: Program) -> None:
    for argv in (ADD, ("limits", "set", "gpt", "--budget=50"), ("usage", "import", "-")):
        assert program.run(*argv, stdin=calls(0, 20)).code == 0
    # A rate is of this minute, which may end meanwhile.
    status = ("limits", "status", "--all", "--measure", "budget", "-o", "json")
    before = program.run(*status).out
    activity = program.run("activity", "-o", "json").out
    async with board(program, read_only=True) as (app, pilot):
        await pilot.press("6")
        await shows(app, pilot, "gpt", "budget")
        for key in ("e", "enter", "e", "escape", "b", "down", "enter", "e", "b", "up", "enter"):
            await pilot.press(key)
            await pilot.pause()
        assert "ctrl+s" not in " ".join(app.screen.active_bindings)
        await pilot.press("escape", "escape", "question_mark")
        await shows(app, pilot, "Keys")
    assert program.run("activity", "-o", "json").out == activity
    assert program.run(*status).out == before


async def test_a_read_only_disk_can_be_looked_at(program: Program) -> None:
    for argv in (ADD, ("limits", "set", "gpt", "--budget=50"), ("usage", "import", "-")):
        assert program.run(*argv, stdin=calls(0, 20)).code == 0
    where = program.path.parent
    with mounted(where, ("--bind", str(where)), ("-o", "remount,ro,bind")):
        for text in ("limits status", "limits forecast", "limits history", "usage top",
                     "usage export", "usage sync --list", "limits status --by model"):  # fmt: skip
            done = program.run("--read-only", *text.split())
            assert done.code == 0, done
        for text in ("limits set gpt --budget 5", "limits check gpt --tokens 5",
                     "usage import -", "usage receive --port 0"):  # fmt: skip
            done = program.run(*text.split(), stdin=calls(30, 2))
            assert done.code == FAILED, done
            assert "Traceback" not in done.err
        async with board(program, read_only=True) as (app, pilot):
            await pilot.press("6")
            await shows(app, pilot, "gpt", "budget")
