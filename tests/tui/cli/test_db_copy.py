"""`lampboard db copy`, as typed: to a new file, to a server and back, interrupted, refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers.schemas import own_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tui.cli.conftest import Add, Run

ROOT = Path(__file__).resolve().parents[3]


def test_a_copy_is_used_as_the_original_was(board: Run, add: Add, tmp_path: Path) -> None:
    add("gpt")
    target = tmp_path / "copy.db"
    done = board("db", "copy", "--to", str(target), "-o", "json")
    rows = {one["name"]: one["rows"] for one in done.json["tables"]}
    assert (done.code, rows["integrations"], done.json["secrets"]) == (0, 1, 1)
    assert done.json["rows"] == sum(rows.values())
    assert "same master key" in done.err
    assert board("--database", str(target), "integrations", "list", "-o", "name").out == "gpt\n"
    again = board("db", "copy", "--to", str(target))
    assert (again.code, "is not empty" in again.err) == (1, True)


@pytest.mark.postgres
def test_to_a_server_and_back(board: Run, add: Add, tmp_path: Path) -> None:
    add("gpt")
    with own_schema() as url:
        there = board("db", "copy", "--to", url, "-o", "json")
        assert there.code == 0, there.err
        assert board("--database", url, "integrations", "list", "-o", "name").out == "gpt\n"
        back = board("--database", url, "db", "copy", "--to", str(tmp_path / "b.db"), "-o", "json")
    assert back.json == there.json


def test_what_cannot_be_copied_is_one_sentence(board: Run, add: Add, tmp_path: Path) -> None:
    gone = board("--database", str(tmp_path / "no.db"), "db", "copy", "--to", "x.db")
    assert (gone.code, (tmp_path / "no.db").exists()) == (1, False)
    add("gpt")
    assert board("db", "copy", "--to", str(tmp_path / "x.db"), "--read-only").code == 1
    assert board("db", "copy").code == 2
    assert not (tmp_path / "x.db").exists()


_SLOW = """
import sys, time
from storage.copying import copy as copying
def held(*told):
    print("comparing", flush=True)
    time.sleep(600)
copying.__globals__["_require_same"] = held
from tui.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def held(add: Add, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A copy to `new/c.db` that has written everything and compared nothing yet."""
    add("gpt")
    (tmp_path / "new").mkdir()
    target = str(tmp_path / "new" / "c.db")
    words = ("--database", str(tmp_path / "board.db"), "db", "copy", "--to", target)
    with subprocess.Popen(
        [sys.executable, "-c", _SLOW, *words],
        cwd=ROOT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def end(running: subprocess.Popen[str], number: int) -> tuple[int, str]:
    """Sends a signal in the middle of it; gives the exit code and what was said."""
    assert running.stdout is not None
    assert running.stdout.readline() == "comparing\n"
    running.send_signal(number)
    _, said = running.communicate(timeout=60)
    return running.returncode, said


@pytest.mark.processes
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_it_leaves_nothing(
    held: subprocess.Popen[str], tmp_path: Path, number: int, code: int
) -> None:
    ended, said = end(held, number)
    assert (ended, "Traceback" in said) == (code, False)
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.processes
def test_killed_it_leaves_nothing_in_the_way(
    board: Run, held: subprocess.Popen[str], tmp_path: Path
) -> None:
    end(held, signal.SIGKILL)
    target = str(tmp_path / "new" / "c.db")
    assert board("--database", target, "tenants", "list", "-o", "json").json["total"] == 0
    assert board("db", "copy", "--to", target).code == 0
    assert board("--database", target, "integrations", "list", "-o", "name").out == "gpt\n"
