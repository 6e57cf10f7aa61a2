from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from tui import __version__
from tui.__main__ import main
from tui.cli import main as cli_main
from tui.cli.root import COMMANDS

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Run

ROOT = Path(__file__).resolve().parents[3]
TRACEBACK = "Traceback"


@pytest.mark.parametrize("argv", [("--version",), ("-V",), ("--tenant", "acme", "--version")])
def test_version(run: Run, argv: tuple[str, ...]) -> None:
    done = run(*argv)
    assert (done.code, done.out) == (0, f"lampboard {__version__}\n")


def test_version_imports_next_to_nothing() -> None:
    code = "import sys; from tui.__main__ import main; main(['--version']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"click", "rich", "engine", "sqlalchemy", "asyncio"} & set(done.stdout.split())


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_has_examples_first_and_every_command(run: Run, flag: str) -> None:
    done = run(flag)
    assert done.code == 0
    assert done.out.index("Examples") < done.out.index("Watch") < done.out.index("Inventory")
    for name in COMMANDS:
        assert re.search(rf"^│ {name} ", done.out, re.MULTILINE), name


def every_command() -> list[tuple[str, ...]]:
    found = []
    context = click.Context(cli_main.root)

    def walk(group: click.Group, path: tuple[str, ...]) -> None:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            found.append((*path, name))
            if isinstance(command, click.Group):
                walk(command, (*path, name))

    walk(cli_main.root, ())
    return found


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_every_command_has_help_with_examples_at_80_columns(
    run: Run, path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = run(*path, "--help")
    assert (done.code, done.err) == (0, "")
    assert f"Usage: lampboard {' '.join(path)}" in done.out
    assert "Examples" in done.out
    assert "Everywhere" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80


@pytest.mark.parametrize("group", ["integrations", "health", "tenants", "db"])
def test_a_group_alone_shows_its_help(run: Run, group: str) -> None:
    done = run(group)
    assert done.code == 0
    assert "Examples" in done.out


@pytest.mark.parametrize(
    ("argv", "meant"),
    [
        (("integratons",), "integrations"),
        (("integrations", "lst"), "list"),
        (("health", "sumary"), "summary"),
        (("-o", "jsn", "doctor"), "json"),
        (("integrations", "list", "--statsu", "enabled"), "--status or --tenant"),
        (("integrations", "list", "--sort", "helth"), "health"),
        (("integrations", "add", "--name", "x", "--provider", "openia"), "openai"),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(
    run: Run, argv: tuple[str, ...], meant: str
) -> None:
    done = run(*argv)
    assert (done.code, done.out) == (2, "")
    assert f"Did you mean {meant}?" in done.err.replace("'", "")
    assert done.err.startswith("Error: ")
    assert TRACEBACK not in done.err


@pytest.mark.parametrize("words", [("-o", "json"), ("-ojson",), ("--output=json",)])
def test_errors_are_json_where_json_was_asked_for(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words, "integratons")
    assert done.code == 2
    error = json.loads(done.err)["error"]
    assert set(error) == {"code", "title", "message", "hint", "field"}
    assert error["code"] == "usage"


def test_too_many_arguments_are_not_repeated(run: Run) -> None:
    done = run("integrations", "show", "one", "sk-mistyped")
    assert done.code == 2
    assert "sk-mistyped" not in done.err


def test_the_dashboard_needs_a_terminal(run: Run) -> None:
    done = run()
    assert done.code == 2
    assert "terminal" in done.err


@pytest.mark.parametrize(
    ("raised", "code"), [(KeyboardInterrupt(), 130), (click.Abort(), 130), (BrokenPipeError(), 141)]
)
def test_interruptions_have_their_codes(
    run: Run, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int
) -> None:
    def broken(*_: object) -> int:
        raise raised

    monkeypatch.setattr(cli_main, "_invoke", broken)
    done = run("doctor")
    assert done.code == code
    assert TRACEBACK not in done.err


def test_an_unforeseen_error_goes_to_the_log_without_its_words(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = tmp_path / "state" / "lampboard.log"
    monkeypatch.setattr("tui.cli.log.default_log_file", lambda: log)

    def broken(*_: object) -> int:
        canary = "sk-canary-in-a-local"
        raise RuntimeError(canary)

    monkeypatch.setattr(cli_main, "_invoke", broken)
    done = run("doctor", "-o", "json")
    assert done.code == 1
    assert json.loads(done.err)["error"]["code"] == "internal"
    assert str(log) in done.err
    written = log.read_text()
    assert "RuntimeError" in written
    assert "canary" not in written + done.err + done.out
    assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.processes
def test_a_reader_that_goes_away_is_no_crash() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tui", "completion", "bash"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        said = child.stderr.read()
        assert child.wait(60) in {0, 141}
    assert said == b""


@pytest.mark.processes
def test_closed_streams_are_no_crash() -> None:
    line = f'"{sys.executable}" -m tui doctor -o json >&- 2>&-; echo $?'
    done = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


@pytest.mark.processes
def test_the_command_line_loads_neither_textual_nor_rich_click_for_a_list(tmp_path: Path) -> None:
    code = (
        "import sys; from tui.__main__ import main\n"
        f"main(['--database', 'sqlite:///{tmp_path}/b.db', '--tenant', 'acme', "
        "'integrations', 'list', '-o', 'json'])\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"items": [], "total": 0}
    loaded = set(done.stderr.split())
    assert "sqlalchemy" in loaded
    assert not loaded & {"textual", "rich_click", "httpx", "aiohttp", "pydantic", "yaml"}


def test_main_gives_back_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    assert "_LAMPBOARD_COMPLETE" in capsys.readouterr().out


@pytest.mark.processes
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("argv", ["--version", "completion bash", "doctor -o json"])
def test_a_full_disk_under_the_output_is_one_sentence(argv: str) -> None:
    line = f'"{sys.executable}" -m tui {argv} > /dev/full'
    done = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.processes
def test_ctrl_c_ends_a_watch_with_130(tmp_path: Path) -> None:
    flags = ("--database", f"sqlite:///{tmp_path}/b.db", "--tenant", "acme")
    base = (sys.executable, "-m", "tui", *flags)
    subprocess.run([*base, "tenants", "add", "acme"], cwd=ROOT, check=True, capture_output=True)
    with subprocess.Popen(
        [*base, "health", "watch"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stderr is not None
        assert b"No monitor is running" in child.stderr.readline()
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
    assert child.returncode == 130
    assert said == b"Interrupted.\n"
