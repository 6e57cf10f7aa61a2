"""`lampboard usage import` as a person types it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Add, Run

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = ROOT / "tests" / "engine" / "usage" / "samples"
AT = "2026-01-20T10:00:00Z"


def line(number: int, **more: object) -> str:
    told = {"call_id": f"c-{number}", "at": AT, "model": "gpt-4o", "tokens_in": 10, "tokens_out": 1}
    return json.dumps(told | more) + "\n"


@pytest.fixture
def gpt(add: Add) -> str:
    return str(add("gpt")["id"])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "calls.jsonl"
    path.write_text(line(1) + "{broken\n" + line(2) + line(1), encoding="utf-8")
    return path


def test_says_what_became_of_a_log(board: Run, gpt: str, log: Path) -> None:
    done = board("usage", "import", str(log), "--integration", "gpt")
    assert done.code == 0
    assert "2 new, 1 counted before, 1 refused (jsonl)." in done.err
    assert done.out.splitlines()[0].split() == ["LINES", "REFUSED"]
    assert "not JSON" in done.out
    assert "Traceback" not in done.err


def test_tells_everything_as_json(board: Run, gpt: str, log: Path) -> None:
    told = board("usage", "import", str(log), "--integration", "gpt", "-o", "json").json
    assert (told["new"], told["duplicate"], told["refused"]) == (2, 1, 1)
    assert told["refusals"][0]["line"] == 2
    assert told["complete"] is True


def test_reads_standard_input(board: Run, gpt: str) -> None:
    done = board("usage", "import", "-", "--integration", "gpt", stdin=line(1) + line(2))
    assert "2 new" in done.err
    assert done.code == 0


def test_maps_columns(board: Run, gpt: str, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text(f"uid,when,in\nx,{AT},5\n", encoding="utf-8")
    pairs = ("--map", "call_id=uid", "--map", "at=when", "--map", "tokens_in=in")
    refused = board("usage", "import", str(path), "--integration", "gpt")
    assert refused.code == 2
    assert "--map call_id=" in refused.err
    assert "1 new" in board("usage", "import", str(path), *pairs, "--integration", "gpt").err


def test_a_dry_run_stores_nothing(board: Run, gpt: str, log: Path) -> None:
    done = board("usage", "import", str(log), "--integration", "gpt", "--dry-run")
    assert "2 new" in done.err
    assert "dry run" in done.err
    assert "2 new" in board("usage", "import", str(log), "--integration", "gpt").err


@pytest.mark.parametrize("name", ["litellm_spend_logs.json", "otlp_litellm.jsonl"])
def test_reads_real_logs(board: Run, gpt: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    from engine import clock

    after = datetime(2026, 11, 22, tzinfo=UTC)
    monkeypatch.setattr(clock.SystemClock, "now", lambda _: after)
    done = board("usage", "import", str(SAMPLES / name), "--integration", "gpt", "-o", "json")
    assert done.json["new"] == 8, done.json
    assert done.json["unpriced"] == 1


def test_what_it_wrote_it_reads_again(board: Run, gpt: str, log: Path, tmp_path: Path) -> None:
    board("usage", "import", str(log), "--integration", "gpt")
    for form in ("jsonl", "csv"):
        written = board("usage", "export", "--month", "2026-01", "-o", form)
        copy = tmp_path / f"copy.{form}"
        copy.write_text(written.out, encoding="utf-8")
        told = board("usage", "import", str(copy), "-o", "json").json
        assert (told["new"], told["duplicate"], told["refused"]) == (0, 2, 0), told


def test_exits_with_1_when_nothing_could_be_counted(board: Run, gpt: str) -> None:
    done = board("usage", "import", "-", stdin="{}\n{}\n")
    assert done.code == 1
    assert "2 refused" in done.err


def test_a_reason_is_said_once_with_the_first_lines(board: Run, gpt: str) -> None:
    done = board("usage", "import", "-", stdin="{}\n" * 3_000 + "{\n")
    head, often, once = done.out.splitlines()
    assert head.split() == ["LINES", "REFUSED"]
    assert often.startswith("1, 2, 3, 4, 5, …")
    assert once.split()[0] == "3,001"
    assert "3,001 refused" in done.err


def test_an_empty_log_is_said_and_no_mistake(board: Run, gpt: str) -> None:
    done = board("usage", "import", "-", stdin="")
    assert (done.code, done.out) == (0, "")
    assert "empty" in done.err


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ((), "Name one thing to read"),
        (("x", "--from-database", "env://X"), "Name one thing to read"),
        (("no-such-file",), "cannot be read"),
        (("/",), "cannot be read"),
        (("a\0b",), "cannot be read"),
        (("-", "--since", "2026-01-01"), "--since"),
        (("-", "--map", "nonsense=x"), "no field"),
        (("-", "--format", "jsnol"), "jsonl"),
        (("-", "--origin", "openai_usage"), "_usage"),
        (("-", "--origin", "No Good"), "origin"),
        (("-", "--integration", "a", "--integration", "b"), "Two integrations"),
        (("--from-database", "mysql://x@y/z"), "PostgreSQL URL"),
        (("--from-database", "postgresql://me:planted@y/z"), "password"),
        (("--from-database", "env://NOT_THERE"), "NOT_THERE"),
        (("--from-database", "postgresql://me@y/z", "--since", "soon"), "--since is no time"),
    ],
)
def test_says_what_is_wrong_with_the_command(
    board: Run, gpt: str, argv: tuple[str, ...], told: str
) -> None:
    done = board("usage", "import", *argv)
    assert done.code == 2, done
    assert told in done.err
    assert "planted" not in done.out + done.err
    assert len(done.err.splitlines()) <= 2


def test_a_tenant_or_integration_that_is_not_there(board: Run, gpt: str, log: Path) -> None:
    assert board("usage", "import", str(log), "--tenant", "nobody").code == 1
    done = board("usage", "import", str(log), "--integration", "nope")
    assert done.code == 1
    assert "'nope'" in done.err


def test_read_only_changes_nothing(board: Run, gpt: str, log: Path) -> None:
    done = board("usage", "import", str(log), "--read-only", "--integration", "gpt")
    assert done.code == 1
    assert "read-only" in done.err


def test_what_a_log_says_cannot_steer_the_terminal(board: Run, gpt: str) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J"
    data = line(1, integration=hostile) + line(2, tokens_in=hostile) + line(3, policy=hostile)
    done = board("usage", "import", "-", stdin=data)
    assert "3 refused" in done.err
    assert "\x1b" not in done.out + done.err


def test_a_server_that_does_not_answer_is_one_sentence(board: Run, gpt: str) -> None:
    done = board("usage", "import", "--from-database", "postgresql://me@127.0.0.1:1/litellm")
    assert done.code == 1
    assert "did not answer" in done.err
    assert "Traceback" not in done.err


@pytest.mark.processes
@pytest.mark.parametrize(
    ("form", "told"),
    [("jsonl", b"2 new"), ("auto", b"Interrupted")],
    ids=["named", "not known yet"],
)
def test_ctrl_c_ends_an_idle_import_and_says_what_was_kept(
    board: Run, gpt: str, database: str, form: str, told: bytes
) -> None:
    environment = os.environ | {"LAMPBOARD_DATABASE": database, "PYTHONUNBUFFERED": "1"}
    child = subprocess.Popen(
        [
            *(sys.executable, "-m", "tui", "usage", "import", "-", "--format", form),
            *("--tenant", "acme", "--integration", "gpt"),
        ],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdin is not None
    child.stdin.write((line(1) + line(2)).encode())
    child.stdin.flush()
    _wait_until_it_has_read(child.stdin.fileno())
    child.send_signal(signal.SIGINT)
    # Its input stays open meanwhile: an end of it would end the import by itself.
    child.wait(timeout=60)
    out, err = child.communicate()
    assert child.returncode == 130, err
    assert told in err
    assert (out, b"Traceback" in err) == (b"", False)


def _wait_until_it_has_read(descriptor: int) -> None:
    """Wait until a pipe is empty: the other side took what was written."""
    import array
    import fcntl
    import termios
    import time

    left, until = array.array("i", [1]), time.monotonic() + 60
    while left[0] and time.monotonic() < until:
        fcntl.ioctl(descriptor, termios.FIONREAD, left)
        time.sleep(0.02)
    assert not left[0]


def test_tells_on_a_terminal_how_far_it_is() -> None:
    import io

    from engine.usage.importing import ImportReport
    from tui.cli.progress import Progress
    from tui.cli.usage.imported import so_far

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        progress = Progress(stream, so_far)
        progress.show(ImportReport(new=1_200, refused=3), 250, 1_000)
        assert ("1,200 new, 0 counted before, 3 refused (25% read)" in stream.getvalue()) is shown
        progress.clear()
        assert stream.getvalue().endswith("\x1b[2K") is shown


def test_a_pipe_that_nobody_writes_to_is_given_up_on(tmp_path: Path) -> None:
    import threading

    from engine.usage.importing import Stopped
    from tui.cli.usage.reading import named_pipe

    path = tmp_path / "pipe"
    os.mkfifo(path)
    stop = threading.Event()
    stop.set()
    found = named_pipe(str(path), stop)
    assert found is not None
    with pytest.raises(Stopped):
        found.read(1)
    assert named_pipe(str(tmp_path / "none"), stop) is None
    assert named_pipe("a\0b", stop) is None
