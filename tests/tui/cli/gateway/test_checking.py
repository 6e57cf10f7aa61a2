"""`lampboard gateway check`, as people and pipelines call it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tui.cli.gateway import checking

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Run

FORBIDDEN = "SELECT id,\n\tpg_sleep(1)\nFROM orders"


def test_it_says_what_is_accepted(run: Run) -> None:
    done = run("gateway", "check", "-", "--dialect", "sqlite", stdin="SELECT :a FROM orders")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == ["Accepted.", "Placeholders: a", "Tables: orders"]


def test_each_reason_comes_with_its_line_and_a_mark_below_the_place(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "nap.sql"
    file.write_text(FORBIDDEN)
    done = run("gateway", "check", str(file), "--dialect", "postgres")
    assert done.code == 1
    first, line, mark, _ = done.out.splitlines()
    assert first.startswith("line 2, column 2: The function `pg_sleep` is not allowed")
    assert line.index("pg_sleep") == mark.index("^")
    assert mark.count("^") == len("pg_sleep")


def test_json_has_every_refusal(run: Run) -> None:
    done = run("gateway", "check", "--dialect", "postgres", "-o", "json", stdin=FORBIDDEN)
    assert done.code == 1
    assert done.json["accepted"] is False
    (refusal,) = done.json["refusals"]
    assert (refusal["code"], refusal["line"], refusal["column"], refusal["length"]) == (
        *("function_not_allowed", 2, 2, 8),
    )
    assert done.json["tables"] == ["orders"]


def test_declarations_are_held_against_the_placeholders(run: Run) -> None:
    sql = "SELECT 1 FROM orders WHERE day = :day"
    assert run("gateway", "check", "--param", "day:date", stdin=sql).code == 0
    done = run("gateway", "check", "--param", "week:date", stdin=sql)
    assert done.code == 1
    assert "No parameter is declared for `:day`" in done.out
    assert "`week` is declared" in done.out


def test_only_the_tables_that_were_named(run: Run) -> None:
    sql = "SELECT * FROM orders JOIN items USING (id)"
    assert run("gateway", "check", "--table", "orders", "--table", "items", stdin=sql).code == 0
    done = run("gateway", "check", "--table", "orders", stdin=sql)
    assert done.code == 1
    assert "`items`" in done.out


@pytest.mark.parametrize(
    "argv",
    [
        ("--dialect", "tsql"),
        ("no-such-file.sql",),
        ("--param", "day:whenever"),
        ("--jsonl", "file.sql"),
    ],
)
def test_wrong_usage(run: Run, argv: tuple[str, ...]) -> None:
    done = run("gateway", "check", *argv)
    assert done.code == 2
    assert done.err.startswith("Error: ")


def test_a_pipeline_gets_an_answer_a_line(run: Run) -> None:
    lines = [
        {"dialect": "postgres", "sql": "SELECT id FROM t WHERE a = :a", "why": "more"},
        {"dialect": "postgres", "sql": "SELECT id FROM t WHERE a = :a", "params": {"a": 1}},
        {"dialect": "postgres", "sql": "SELECT id FROM t WHERE a = :a", "params": {"b": 1}},
        {"dialect": "mysql", "sql": "SELECT 1;\nDELETE FROM t"},
        {"dialect": "mariadb", "sql": "SELECT IF(1, 2, 3)"},
        {"dialect": "tsql", "sql": "SELECT 1"},
        {"sql": "SELECT 1"},
    ]
    done = run("gateway", "check", "--jsonl", "-", stdin="\n".join(map(json.dumps, lines)))
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert [one["accepted"] for one in answers] == [True, True, False, False, True, False, True]
    assert answers[0] == {"accepted": True, "reason": None}
    assert answers[2]["reason"] == "No parameter is declared for `:a`."
    assert (answers[3]["code"], answers[3]["line"]) == ("more_than_one_statement", 2)
    assert answers[5]["code"] == "dialect_without_rules"


def test_a_bad_line_is_answered_and_the_next_one_too(run: Run) -> None:
    bad = [
        *("", "nonsense", "[1]", "{}", '{"sql": 1}', '{"sql": "SELECT 1", "dialect": []}'),
        *("[" * 9_999, '{"sql": "SELECT 1", "params": [1]}', '{"sql": "SELECT \\ud800"}'),
    ]
    done = run("gateway", "check", "--jsonl", stdin="\n".join([*bad, '{"sql": "SELECT 1"}']))
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [one["accepted"] for one in answers] == [False] * len(bad) + [True]
    assert all(one["reason"].endswith(".") for one in answers[:-1])


def test_a_line_too_long_is_answered(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "LONGEST_LINE", 40)
    long, short = json.dumps({"sql": "SELECT " + "1" * 90}), json.dumps({"sql": "SELECT 1"})
    done = run("gateway", "check", "--jsonl", stdin=f"{long}\n{short}\n")
    assert [json.loads(line)["accepted"] for line in done.out.splitlines()] == [False, True]


def test_hostile_sql_does_not_steer_the_terminal(run: Run) -> None:
    assert "\x1b" not in run("gateway", "check", stdin="SELECT '\x1b[31m', evil('\x9b')").out


@pytest.mark.processes
def test_answers_come_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tui", "gateway", "check", "--jsonl", "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"HOME": str(tmp_path)}
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for line, wanted in ((b'{"sql": "SELECT 1"}', True), (b"\xff\xfe", False)):
            child.stdin.write(line + b"\n")
            child.stdin.flush()
            assert json.loads(child.stdout.readline())["accepted"] is wanted
        child.stdin.close()
        assert child.wait(timeout=60) == 0
    assert not list(tmp_path.iterdir())
