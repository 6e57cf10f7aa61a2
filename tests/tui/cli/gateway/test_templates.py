from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.tui.cli.gateway.conftest import BY_ID

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Run

T = ("gateway", "templates")
ADD = (*T, "add", "--source", "orders", "--name", "new")


def test_a_template_is_registered_listed_and_shown(registered: Run) -> None:
    listed = registered(*T, "list", "-o", "json").json
    assert listed["total"] == 1
    (one,) = listed["items"]
    assert (one["name"], one["gateway"], one["status"]) == ("by-id", "orders", "active")
    assert registered(*T, "list", "-o", "name").out == "by-id\n"
    shown = registered(*T, "show", "BY-ID")
    assert "least int required min=0 logged" in shown.out
    assert "  FROM orders\n  WHERE id >= :least\n" in shown.out
    whole = registered(*T, "show", "by-id", "-o", "json").json
    assert whole["sql"] == BY_ID
    assert whole["parameters"][0]["param_type"] == "int"
    assert (whole["name"], whole["version"]) == ("by-id", 1)
    (over,) = registered("gateway", "list", "-o", "json").json["items"]
    assert (over["name"], over["dialect"], over["templates"]) == ("orders", "sqlite", 1)


def test_a_refusal_points_at_its_place_and_nothing_is_stored(stocked: Run) -> None:
    sql = "SELECT id FROM orders\nWHERE id = :least;\n  DROP TABLE orders"
    done = stocked(*ADD, "--file", "-", "--param", "least:int", stdin=sql)
    assert done.code == 2
    assert not done.out
    lines = done.err.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("line 3, column 3: "))
    assert lines[at + 1] == "    DROP TABLE orders"
    assert lines[at + 2].startswith("    ^")
    assert stocked(*T, "list", "-o", "json").json["total"] == 0
    told = stocked(*ADD, "--sql", sql, "--param", "least:int", "-o", "json")
    error = json.loads(told.err)["error"]
    assert (told.code, error["code"]) == (2, "template_refused")
    assert error["refusals"][0]["line"] == 3


def test_a_dry_run_judges_and_stores_nothing(stocked: Run) -> None:
    good = stocked(*ADD, "--sql", "SELECT id FROM orders", "--dry-run", "--read-only")
    assert good.code == 0
    assert "Would register new on orders. It is accepted. Nothing was stored." in good.err
    bad = stocked(*ADD, "--sql", "DELETE FROM orders", "--dry-run")
    assert bad.code == 2
    assert "It would be refused. Nothing was stored.\nline 1, column 1: " in bad.err
    assert stocked(*T, "list", "-o", "json").json["total"] == 0


RECORDS = """[
  {"name": "least", "type": "int", "min_value": 0},
  {"name": "who", "param_type": "str", "default": "ann", "allowed_values": ["ann", "bob"]}
]"""
BY_NAME = """
least: {type: int, min_value: 0}
who:
  type: str
  default: ann
  allowed_values: [ann, bob]
"""
LISTED = """
parameters:
- {name: least, type: int, min_value: 0}
- {name: who, type: str, default: ann, allowed_values: [ann, bob]}
"""


@pytest.mark.parametrize(
    ("name", "text"), [("p.json", RECORDS), ("p.yaml", BY_NAME), ("p.yml", LISTED)]
)
def test_declarations_come_from_a_file_too(
    stocked: Run, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    sql = "SELECT id FROM orders WHERE id >= :least AND who = :who AND total > :total"
    done = stocked(
        *ADD, "--sql", sql, "--params-file", str(tmp_path / name), "--param", "total:float",
        "-o", "json",
    )  # fmt: skip
    assert done.code == 0, done.err
    found = {one["name"]: one for one in done.json["parameters"]}
    assert list(found) == ["least", "who", "total"]
    assert (found["least"]["min_value"], found["least"]["required"]) == (0, True)
    assert (found["who"]["default"], found["who"]["required"]) == ("ann", False)
    assert found["who"]["allowed_values"] == ["ann", "bob"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "The statement is missing"),
        (("--sql", "SELECT 1", "--file", "x"), "not by both"),
        (("--sql", "SELECT 1", "--connector", "orders"), "Name the database"),
        (("--file", "no-such.sql"), "cannot be read"),
        (("--sql", "SELECT 1", "--param", "least"), "name and a type"),
        (("--sql", "SELECT 1", "--param", "least:money"), "Its type is none"),
        (("--sql", "SELECT 1", "--max-rows", "0"), "whole number from 1"),
    ],
)
def test_wrong_usage(stocked: Run, words: tuple[str, ...], said: str) -> None:
    done = stocked(*ADD, *words)
    assert done.code == 2
    assert said in done.err


def test_a_source_that_is_not_there(stocked: Run) -> None:
    done = stocked(*T, "add", "--source", "order", "--name", "x", "--sql", "SELECT 1")
    assert done.code == 1
    assert "Did you mean orders?" in done.err


def test_an_edit_is_a_new_version_and_the_old_one_stays(registered: Run) -> None:
    done = registered(*T, "edit", "by-id", "--max-rows", "2")
    assert done.code == 0, done.err
    assert "by-id is changed: version 2." in done.err
    named = registered(*T, "edit", "by-id", "--name", "renamed", "--description", "Orders")
    assert "renamed is changed." in named.err
    versions = registered(*T, "versions", "renamed", "-o", "json").json["items"]
    assert [(one["version"], one["max_rows"]) for one in versions] == [(2, 2), (1, None)]
    assert versions[0]["parameters"] == "least int required min=0 logged"
    late = registered(*T, "edit", "renamed", "--max-rows", "3", "--expected-version", "1")
    assert late.code == 1
    assert "Somebody else changed this" in late.err
    back = registered(*T, "edit", "renamed", "--max-rows", "0", "-o", "json").json
    assert (back["version"], back["max_rows"]) == (3, None)
    old = registered(*T, "show", "renamed", "--version", "2", "-o", "json").json
    assert (old["version"], old["max_rows"]) == (2, 2)
    assert registered(*T, "show", "renamed", "--version", "9").code == 1


def test_an_edit_is_judged_as_well(registered: Run) -> None:
    tried = registered(*T, "edit", "by-id", "--sql", "SELECT 1", "--dry-run")
    assert tried.code == 2
    assert "least" in tried.err
    gone = registered(*T, "edit", "by-id", "--sql", "SELECT 1", "--no-params")
    assert gone.code == 0, gone.err
    refused = registered(*T, "edit", "by-id", "--sql", "SELECT 1; SELECT 2")
    assert refused.code == 2
    assert registered(*T, "edit", "by-id").code == 2
    assert registered(*T, "show", "by-id", "-o", "json").json["version"] == 2


def test_the_steps_of_its_life(registered: Run) -> None:
    assert registered(*T, "retire", "by-id").out == "by-id is retired.\n"
    assert registered("gateway", "run", "by-id", "least=1").code == 1
    assert registered(*T, "list", "--status", "retired", "-o", "name").out == "by-id\n"
    assert registered(*T, "restore", "by-id").code == 0
    unasked = registered(*T, "delete", "by-id")
    assert unasked.code == 2
    assert "Delete the template by-id (on orders) of acme?" in unasked.err
    assert "Would delete" in registered(*T, "delete", "by-id", "--dry-run").err
    assert registered(*T, "delete", "by-id", "--yes").out == "by-id is deleted.\n"
    assert registered(*T, "show", "by-id").code == 1


def test_what_is_not_there_is_answered_with_what_is_near(registered: Run) -> None:
    done = registered(*T, "show", "by-di")
    assert done.code == 1
    assert "Did you mean by-id?" in done.err
    assert "No template of acme matches." in registered(*T, "list", "nothing").err


def test_a_gateway_is_set(registered: Run) -> None:
    words = ("gateway", "set", "--source", "orders")
    done = registered(
        *words, "--max-rows", "50", "--max-bytes", "1MiB", "--timeout", "5",
        "--tripwire", "off", "--tables", "orders, customers", "-o", "json",
    )  # fmt: skip
    assert done.code == 0, done.err
    found = done.json
    assert (found["max_rows"], found["max_result_bytes"]) == (50, 1_048_576)
    assert (found["timeout_seconds"], found["tripwire"]) == (5.0, False)
    assert found["tables"] == ["orders", "customers"]
    assert registered(*words, "--tables", "", "-o", "json").json["tables"] == []
    assert "Would set max rows" in registered(*words, "--max-rows", "9", "--dry-run").err
    assert registered(*words, "--max-rows", "9", "--expected-version", "1").code == 1
    for wrong in (
        (),
        ("--max-bytes", "5 bananas"),
        ("--timeout", "0"),
        ("--username", "x"),
        ("--own-login", "--username", "x"),
    ):
        assert registered(*words, *wrong).code == 2, wrong
    assert registered("gateway", "list", "-o", "json").json["items"][0]["max_rows"] == 50


def test_offers_say_what_has_no_rules(stocked: Run) -> None:
    stocked("sources", "add", "--name", "snow", "--technology", "snowflake", "--host", "x.example")
    done = stocked("gateway", "list", "--offers")
    assert "snow" in done.out
    assert "no rules for snowflake" in done.out


@pytest.mark.parametrize(
    ("text", "count"),
    [("5242880", 5_242_880), ("500k", 500_000), ("5MiB", 5_242_880), ("1.5 KiB", 1536),
     ("2kB", 2000), ("1,000", 1000), ("1g", 10**9), ("7B", 7)],
)  # fmt: skip
def test_sizes(text: str, count: int) -> None:
    from tui.gateway.sizes import octets

    assert octets(text) == count


@pytest.mark.parametrize("text", ["", "k", "-5", "5 bananas", "5ib", "1e9"])
def test_what_is_no_size(text: str) -> None:
    from engine.errors import InvalidInput
    from tui.gateway.sizes import octets

    with pytest.raises(InvalidInput):
        octets(text)
