"""The log: where it goes, what a line holds, and what it never holds."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.settings import Settings
from tui.cli import log
from tui.cli import main as cli_main

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tui.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[3]
SECRET = "sk-canary-3f81"


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    """Logs something in a file of its own; gives what is there."""

    def do(form: str, *args: object, **named: object) -> str:
        path = tmp_path / "log" / f"{form}.log"
        log.configure(Settings(log_file=str(path), log_format=form, log_level="info"))
        logging.getLogger("engine.monitor.loop").info(*args, **named)  # type: ignore[arg-type]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        return path.read_text("utf-8")

    return do


def test_a_line_for_programs_is_one_object(written: Callable[..., str]) -> None:
    line = written("json", "Read %d of %s.", 3, "acme\n\x1b[31m", extra={"checked": 7, "s": 0.5})
    told = json.loads(line)
    assert line.count("\n") == 1
    assert list(told)[:4] == ["at", "level", "logger", "event"]
    assert told["event"] == "Read 3 of acme\n\x1b[31m."
    assert (told["level"], told["logger"]) == ("info", "engine.monitor.loop")
    assert (told["checked"], told["s"]) == (7, 0.5)
    assert told["at"].endswith("Z")


def test_a_line_for_people_is_one_line(written: Callable[..., str]) -> None:
    line = written("text", "Read %s.", "acme\n\x1b[31mred", extra={"who": "a b", "checked": 7})
    assert line.count("\n") == 1
    assert line.endswith('Z INFO engine.monitor.loop Read acme red. who="a b" checked=7\n')


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_exception_is_its_places(written: Callable[..., str], form: str) -> None:
    def broken() -> None:
        kept = SECRET
        raise ValueError(kept)

    try:
        broken()
    except ValueError:
        line = written(form, "It broke.", exc_info=True, stack_info=True)
    assert "ValueError" in line
    assert "in broken" in line
    assert SECRET not in line
    if form == "json":
        assert json.loads(line)["trace"].startswith("ValueError\n")


def test_what_is_not_plain_is_only_named(written: Callable[..., str]) -> None:
    class Odd:
        def __repr__(self) -> str:
            return SECRET

    for form in ("text", "json"):
        line = written(form, "It is odd.", extra={"odd": Odd(), "many": [SECRET]})
        assert SECRET not in line
        assert "Odd" in line


def test_stderr_is_a_log_too(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Settings(log_file="-", log_format="json"))
    logging.getLogger("storage").warning("It is full.")
    logging.getLogger("aiohttp.client").warning(SECRET)
    said = capsys.readouterr().err
    assert [json.loads(line)["event"] for line in said.splitlines()] == ["It is full."]


def test_a_log_that_cannot_be_written_says_nothing_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure(Settings(log_file=str(tmp_path)))  # a folder
    logging.getLogger("engine").warning("A %s.", SECRET)
    assert capsys.readouterr().err == ""


def test_a_file_that_was_moved_away_is_begun_again(tmp_path: Path) -> None:
    path, moved = tmp_path / "board.log", tmp_path / "board.log.1"
    log.configure(Settings(log_file=str(path)))
    logger = logging.getLogger("engine")
    for word in ("one", "two"):
        logger.warning(word)
    path.rename(moved)
    logger.warning("three")
    path.unlink()
    logger.warning("four")
    logger.warning("five")
    assert [line.split()[-1] for line in moved.read_text().splitlines()] == ["one", "two"]
    assert [line.split()[-1] for line in path.read_text().splitlines()] == ["four", "five"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_dashboard_has_no_stderr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "own.log"
    monkeypatch.setattr("tui.cli.log.default_log_file", lambda: own)
    assert log.in_a_file(Settings(log_file="-")).log_file == str(own)
    kept = Settings(log_file="mine.log")
    assert log.in_a_file(kept) is kept


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_unforeseen_error_is_told_on_stderr(
    run: Run, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("LAMPBOARD_LOG_FILE", "-")
    monkeypatch.setenv("LAMPBOARD_LOG_FORMAT", form)

    def broken(_: object, session: cli_main.Session) -> int:
        raise RuntimeError(session.settings.log_format + SECRET)

    monkeypatch.setattr(cli_main, "_invoke", broken)
    done = run("doctor")
    assert done.code == 1
    assert "The log has the details: above, on stderr" in done.err
    assert SECRET not in done.err
    line = done.err.splitlines()[0]
    assert json.loads(line)["level"] == "error" if form == "json" else " ERROR tui.cli " in line


@pytest.mark.processes
def test_a_monitor_tells_what_it_does(tmp_path: Path) -> None:
    told = {"LAMPBOARD_LOG_FILE": "-", "LAMPBOARD_LOG_FORMAT": "json"}
    database = str(tmp_path / "b.db")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tui", "--database", database),
            *("monitor", "--once", "--log-level", "info"),
        ],
        cwd=ROOT,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["The monitor begins.", "The monitor ended."]
    assert (lines[-1]["checked"], lines[-1]["failing"]) == (0, 0)
