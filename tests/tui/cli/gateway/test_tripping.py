"""`lampboard gateway tripwire`, as people and pipelines call it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tui.cli import streams
from tui.cli.gateway import tripping

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Run

ATTACK = "1' OR 1=1 --"


def test_it_says_which_values_are_suspicious(run: Run) -> None:
    done = run("gateway", "tripwire", "O'Brien", ATTACK)
    assert done.code == 1
    lines = done.out.splitlines()
    assert "passes" in lines[1]
    assert "O'Brien" in lines[1]
    assert "suspicious  condition" in lines[2]


def test_nothing_suspicious_is_success(run: Run) -> None:
    assert run("gateway", "tripwire", "O'Brien -- Select Committee of the Union").code == 0


def test_json_has_the_code_and_why(run: Run) -> None:
    done = run("gateway", "tripwire", "x", ATTACK, "-o", "json")
    first, second = done.json["items"]
    assert (first["suspicious"], first["code"]) == (False, None)
    assert (second["number"], second["suspicious"], second["code"]) == (2, True, "condition")
    assert second["message"].endswith(".")


def test_lines_of_standard_input(run: Run) -> None:
    done = run("gateway", "tripwire", "-", "-o", "json", stdin=f"O'Brien\n{ATTACK}\n\n")
    assert [item["suspicious"] for item in done.json["items"]] == [False, True, False]
    assert done.code == 1


def test_a_pipeline_gets_an_answer_a_line(run: Run) -> None:
    lines = ['"O\'Brien"', json.dumps(ATTACK), "", "[1]", "nonsense", '"\\ud800"', "[" * 9999, "1"]
    done = run("gateway", "tripwire", "--jsonl", "-", stdin="\n".join(lines))
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert answers[:2] == [{"suspicious": False}, {"suspicious": True, "code": "condition"}]
    assert [answer["suspicious"] for answer in answers] == [
        False,
        True,
        *[None] * 3,
        False,
        None,
        None,
    ]
    assert all(answer["error"] for answer in answers if answer["suspicious"] is None)
    assert "nonsense" not in done.out


def test_a_line_too_long_is_answered_and_the_next_one_too(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tripping, "LONGEST_LINE", 50)
    exact = json.dumps("x" * 48)
    done = run("gateway", "tripwire", "--jsonl", stdin=f'"{"y" * 200}"\n{exact}\n"z"')
    answers = [json.loads(line)["suspicious"] for line in done.out.splitlines()]
    assert answers == [None, False, False]


def test_jsonl_takes_no_values(run: Run) -> None:
    done = run("gateway", "tripwire", "--jsonl", "x")
    assert done.code == 2
    assert "standard input" in done.err


def test_a_terminal_without_values_is_told_what_to_do(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "is_terminal", lambda _: True)
    done = run("gateway", "tripwire")
    assert done.code == 2
    assert "no value" in done.err


def test_hostile_values_do_not_steer_the_terminal(run: Run) -> None:
    assert "\x1b" not in run("gateway", "tripwire", f"\x1b[31m{ATTACK}").out


@pytest.mark.processes
def test_answers_come_at_once_and_bytes_are_no_trouble(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tui", "gateway", "tripwire", "--jsonl", "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"HOME": str(tmp_path)}
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for line, wanted in ((b'"a\xff\xfe"', False), (b"\xff\xfe", None), (b'"1 OR 1=1"', True)):
            child.stdin.write(line + b"\n")
            child.stdin.flush()
            assert json.loads(child.stdout.readline())["suspicious"] is wanted
        child.stdin.close()
        assert child.wait(timeout=60) == 0
    assert not list(tmp_path.iterdir())
