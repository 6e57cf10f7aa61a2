"""`lampboard monitor --metrics`, as a process: asked over HTTP, ended by a polite kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tui.cli.conftest import Run

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[3]
LOGGED = {"LAMPBOARD_LOG_FILE": "-", "LAMPBOARD_LOG_FORMAT": "json", "LAMPBOARD_LOG_LEVEL": "info"}


@contextmanager
def started(tmp_path: Path, *words: str, **told: str) -> Iterator[subprocess.Popen[str]]:
    """Run a monitor; one that the block leaves running is killed."""
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "tui", "--database", str(tmp_path / "b.db"), "monitor"),
            *words,
        ],
        cwd=ROOT,
        env={**os.environ, **LOGGED, **told},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def events(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """Each line of the log; what is said to people beside it is no object."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("{"):
            yield json.loads(line)


def ask(place: str, path: str) -> tuple[int, str]:
    with urllib.request.urlopen(f"http://{place}{path}", timeout=60) as answer:
        return answer.status, answer.read().decode()


def test_it_answers_until_it_is_ended(tmp_path: Path) -> None:
    with started(tmp_path, "--metrics", "127.0.0.1:0") as process:
        served = next(one for one in events(process) if "served at" in one["event"])
        place = served["event"].rstrip(".").rpartition(" ")[2]
        status, told = ask(place, "/healthz")
        assert (status, json.loads(told)["status"]) == (200, "ok")
        assert "lampboard_monitor_info{" in ask(place, "/metrics")[1]
        process.terminate()
        assert [one["event"] for one in events(process)][-1] == "The monitor ended."
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("words", [("--child",), ("--once",)], ids=" ".join)
def test_a_monitor_that_is_not_one_of_its_own_serves_none(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    with started(tmp_path, *words, LAMPBOARD_METRICS="127.0.0.1:0") as process:
        told = [one["event"] for one in events(process)]
        assert process.wait(timeout=60) == 0
    assert told[0] == "The monitor begins."
    assert not any("served at" in one for one in told)


def test_a_place_that_is_none_is_refused(board: Run) -> None:
    done = board("monitor", "--metrics", "9464")
    assert done.code == 2
    assert "HOST:PORT" in done.err
