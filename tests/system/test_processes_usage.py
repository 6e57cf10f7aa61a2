"""Usage from many processes at once, killed at any moment: each call once, exact totals."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import signal
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.usage.receiver.conftest import span, traces
from tests.system.children import PATIENCE_S, wait_for

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.program import Done, Program

pytestmark = pytest.mark.processes
MANY = 20_000
LATER = 3
RECEIVE = ("usage", "receive", "--port=0", "-o", "json")


def ask(path: Path, sql: str) -> list[Any]:
    """Ask the database file itself, past the product."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        return raw.execute(sql).fetchall()


def write_log(path: Path, first: int, count: int) -> None:
    at = datetime.now(UTC).isoformat()
    lines = (
        {
            "call_id": f"c{number}",
            "at": at,
            "integration": "gpt",
            "model": f"m{number % 7}",
            "agent": f"a{number % 5}",
            "tokens_in": 10,
            "tokens_out": 1,
            "cost": "0.001",
        }
        for number in range(first, first + count)
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture
def board(program: Program) -> Program:
    """An integration with limits, so that every call is summed up against them."""
    for argv in (
        ("integrations", "add", "--name=gpt", "--provider=openai", "--credential-ref=env://NONE"),
        ("limits", "set", "gpt", "--budget=500", "--tokens=20M", "--rate=100k"),
        ("limits", "set", "--whole-tenant", "--budget=900"),
        ("limits", "set", "--model=m1", "--tokens=5M"),
    ):
        done = program.run(*argv)
        assert done.code == 0, done.err
    program.extra["LAMPBOARD_MONITOR"] = "off"
    return program


def assert_sums_agree(program: Program, calls: int) -> None:
    """Facts, days, series and gauges tell the same."""
    path = program.path
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    ((facts, tokens, cost),) = ask(
        path, "SELECT sum(calls), sum(tokens_in + tokens_out), sum(cost_nanos) FROM usage"
    )
    assert facts == calls
    for scope in ("tenant", "integration", "provider", "model", "agent"):
        sums = ask(
            path,
            "SELECT sum(calls), sum(tokens_in + tokens_out), sum(cost_nanos) FROM usage_days "  # noqa: S608
            f"JOIN meters ON meters.number = meter_number WHERE scope = '{scope}'",
        )
        assert sums == [(facts, tokens, cost)], scope
    (top,) = program.run("usage", "top", "--by", "tenant", "-o", "json").json["items"]
    assert (top["calls"], top["tokens"], top["cost_nanos"]) == (facts, tokens, cost)
    told = program.run("limits", "status", "gpt", "-o", "json").json["items"]
    used = {one["measure"]: one["used"] for one in told}
    assert (used["budget"], used["tokens"]) == (cost, tokens)


def test_one_log_imported_twice_at_once_counts_once(board: Program) -> None:
    log = board.folder / "calls.jsonl"
    write_log(log, 0, MANY)
    with ThreadPoolExecutor(3) as pool:
        runs = list(pool.map(lambda _: bring(board, log), range(3)))
    told = [one[-1] for one in runs]
    assert [one.code for one in told] == [0, 0, 0], [one.err for one in told]
    new = sum(one.json["new"] for one in told)
    assert new == MANY or (new < MANY and max(map(len, runs)) > 1)
    for one in told:
        assert one.json["refused"] == 0
        assert "Traceback" not in one.err
    assert_sums_agree(board, MANY)


def bring(board: Program, log: Path) -> list[Done]:
    """Import a log; once more where it is told to try again, since others wrote for too long."""
    argv = ("usage", "import", str(log), "-o", "json")
    done = [board.run(*argv)]
    return done if done[0].code != LATER else [*done, board.run(*argv)]


class Sender:
    """Sends spans without end, and remembers what was acknowledged."""

    def __init__(self, url: str, first: int) -> None:
        self._place = url.removeprefix("http://")
        self._next = first
        self.acknowledged: list[int] = []
        self.sent = 0
        self.stop = threading.Event()

    def run(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(self._place, timeout=PATIENCE_S)
            with contextlib.closing(connection):
                while not self.stop.is_set():
                    self._send(connection)

    def _send(self, connection: http.client.HTTPConnection) -> None:
        numbers = [self._next + place for place in range(5)]
        self._next += len(numbers)
        now = str(time.time_ns())
        body = re.sub(
            r'("(?:start|end)TimeUnixNano": )"\d+"',
            rf'\g<1>"{now}"',
            json.dumps(traces(*(span(number) for number in numbers))),
        )
        self.sent += len(numbers)
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/v1/traces", body=body, headers=headers)
        answer = connection.getresponse()
        told = answer.read()
        if answer.status == 200:
            assert json.loads(told) == {}
            self.acknowledged += numbers


@contextlib.contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Leave no process behind, also when a test fails."""
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def listening(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr is not None
    said = process.stderr.readline().decode()
    found = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert found is not None, said
    return found[0]


@contextlib.contextmanager
def sending(url: str, count: int = 3) -> Iterator[list[Sender]]:
    senders = [Sender(url, 1_000_000 * place) for place in range(1, count + 1)]
    threads = [threading.Thread(target=one.run, daemon=True) for one in senders]
    for thread in threads:
        thread.start()
    try:
        yield senders
    finally:
        for one in senders:
            one.stop.set()
        for thread in threads:
            thread.join(PATIENCE_S)


def stored(program: Program) -> set[str]:
    return {row[0] for row in ask(program.path, "SELECT call_id FROM usage")}


def assert_there(program: Program, senders: list[Sender]) -> None:
    """Everything that was acknowledged is stored."""
    acknowledged = {f"{n:032x}:{n:016x}" for one in senders for n in one.acknowledged}
    assert not acknowledged - stored(program)


@pytest.mark.parametrize("round_", range(3))
def test_kill_9_of_a_receiver_loses_nothing_acknowledged(board: Program, round_: int) -> None:
    process = board.start(*RECEIVE, "--integration=gpt")
    with ended(process), sending(listening(process)) as senders:
        enough = 40 + 90 * round_
        wait_for(lambda: sum(len(s.acknowledged) for s in senders) > enough, "some of them")
        process.kill()
    process.communicate()
    assert_there(board, senders)
    assert len(stored(board)) <= sum(one.sent for one in senders)
    calls = len(stored(board))
    assert_sums_agree(board, calls)
    # What was not acknowledged is sent again by those who sent it, and counts once.
    again = board.start(*RECEIVE, "--integration=gpt")
    with ended(again):
        with sending(listening(again)) as more:
            wait_for(lambda: all(len(s.acknowledged) > 20 for s in more), "them again")
        again.send_signal(signal.SIGTERM)
        out, err = again.communicate(timeout=PATIENCE_S)
    assert again.returncode == 0, err
    told = json.loads(out)
    assert told["new"] + calls == len(stored(board))
    assert_there(board, more)
    assert_sums_agree(board, calls + told["new"])


def test_imports_receiver_monitor_and_dashboards_at_once(board: Program) -> None:
    del board.extra["LAMPBOARD_MONITOR"]
    logs = [board.folder / f"log{place}.jsonl" for place in range(2)]
    for place, log in enumerate(logs):
        write_log(log, place * MANY // 2, MANY)  # half of each is in the other
    receiver = board.start(*RECEIVE, "--integration=gpt")
    with (
        board.dashboard("--screen=limits") as seen,
        ended(receiver),
        sending(listening(receiver), 2) as senders,
    ):
        seen.shows("gpt")
        with ThreadPoolExecutor(3) as pool:
            imports = [pool.submit(bring, board, log) for log in logs]
            checked = pool.submit(checks, board).result()
            told = [one.result()[-1] for one in imports] + [checked]
        wait_for(lambda: all(s.acknowledged for s in senders), "something received")
        for one in senders:
            one.stop.set()
        receiver.send_signal(signal.SIGINT)
        out, err = receiver.communicate(timeout=PATIENCE_S)
        assert receiver.returncode == 130, err
        text = seen.text
        assert not [word for word in ("locked", "went wrong", "stopped") if word in text], text
        seen.press("q")
        assert seen.ends() == 0
    assert [one.code for one in told] == [0, 0, 0], [one.err for one in told]
    imported = MANY + MANY // 2
    assert ask(board.path, "SELECT count(*) FROM usage WHERE call_id LIKE 'c%'") == [(imported,)]
    received = json.loads(out)["new"]
    assert_there(board, senders)
    assert_sums_agree(board, imported + received)
    assert ask(board.path, "SELECT count(*) FROM reservations") == [(0,)]
    assert ask(board.path, "SELECT sum(held_tokens), sum(held_nanos) FROM usage_days") == [(0, 0)]


def checks(program: Program) -> Any:
    """Reserve and give back while everything else goes on; return the first that failed."""
    runs = [("limits", "check", "gpt", "--tokens=100", "--cost=0.01", "--dry-run")] * 12
    told = program.many(*runs)
    return next((one for one in told if one.code), told[-1])
