from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.cli.conftest import Run

ATTACK = "1' OR '1'='1' -- canary"


def test_rows_as_a_table(registered: Run) -> None:
    done = registered("gateway", "run", "by-id", "least=1")
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
        "id  who     total",
        " 1  ann       1.5",
        " 2  =cmd()    2.5",
        " 3  NULL      3.5",
        " 4  ''        4.5",
    ]
    assert done.err.startswith("4 rows in ")


def test_rows_as_data(registered: Run) -> None:
    told = registered("gateway", "run", "by-id", "least=3", "-o", "json").json
    assert told["rows"] == [[3, None, 3.5], [4, "", 4.5]]
    assert [column["name"] for column in told["columns"]] == ["id", "who", "total"]
    assert (told["row_count"], told["truncated"], told["version"]) == (2, False, 1)
    plain = registered("gateway", "run", "by-id", "least=3", "-o", "yaml").out
    assert "row_count: 2" in plain
    assert registered("gateway", "run", "by-id", "least=3", "-o", "name").out == "3\n4\n"


def test_csv_that_a_spreadsheet_does_not_obey(registered: Run) -> None:
    done = registered("gateway", "run", "by-id", "least=1", "-o", "csv")
    assert done.out == "id,who,total\n1,ann,1.5\n2,'=cmd(),2.5\n3,,3.5\n4,,4.5\n"
    assert not done.err
    empty = registered("gateway", "run", "by-id", "least=9", "-o", "csv")
    assert empty.out == "id,who,total\n"


def test_truncation_is_told_in_every_format(registered: Run) -> None:
    registered("gateway", "set", "--source", "orders", "--max-rows", "2")
    for format_ in ("table", "json", "yaml", "csv", "name"):
        done = registered("gateway", "run", "by-id", "least=1", "-o", format_)
        assert done.code == 0
        assert "Cut at 2 rows" in done.err, format_
    registered("gateway", "set", "--source", "orders", "--max-rows", "1")
    assert "Cut at 1 row, " in registered("gateway", "run", "by-id", "least=1").err
    registered("gateway", "set", "--source", "orders", "--max-rows", "2")
    told = registered("gateway", "run", "by-id", "least=1", "-o", "json").json
    assert (told["truncated"], told["truncated_by"]) == (True, "rows")


def test_a_text_that_no_spreadsheet_cell_holds_is_told(stocked: Run) -> None:
    stocked(
        *("gateway", "templates", "add", "--source", "orders", "--name", "long"),
        *("--sql", "SELECT :text AS said", "--param", "text:str"),
    )
    text = "a" * 40_000
    done = stocked("gateway", "run", "long", f"text={text}", "-o", "csv")
    assert "Texts are cut at 32,767 characters" in done.err
    assert stocked("gateway", "run", "long", f"text={text}", "-o", "json").json["rows"] == [[text]]


def test_bytes_and_lists(stocked: Run) -> None:
    stocked(
        *("gateway", "templates", "add", "--source", "orders", "--name", "some"),
        *("--sql", "SELECT id, seal FROM orders WHERE id IN (:ids)", "--param", "ids:list[int]"),
    )
    told = stocked("gateway", "run", "some", "ids=1,2", "-o", "json").json
    assert told["rows"] == [[1, None], [2, "0x00ff"]]
    assert "0x00ff (2 B)" in stocked("gateway", "run", "some", "ids=[2]").out


@pytest.mark.parametrize("place", ["stdin", "file"])
def test_values_as_json(registered: Run, tmp_path: Path, place: str) -> None:
    text = '{"least": 4}'
    (tmp_path / "values.json").write_text(text)
    source = "-" if place == "stdin" else str(tmp_path / "values.json")
    done = registered("gateway", "run", "by-id", "--json-params", source, "-o", "name", stdin=text)
    assert done.out == "4\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "The parameter least is missing."),
        (("least=x",), 2, "whole number"),
        (("least=-1",), 2, "at least 0"),
        (("least=1", "other=2"), 2, "no parameter other"),
        (("least",), 2, "NAME=VALUE"),
        (("=1",), 2, "NAME=VALUE"),
        (("least=1", "least=2"), 2, "given twice"),
        (("least=1", "--version", "7"), 1, "no such version"),
        (("--json-params", "no-such.json"), 2, "cannot be read"),
    ],
)
def test_values_that_do_not_fit(
    registered: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    done = registered("gateway", "run", "by-id", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


@pytest.mark.parametrize("text", ["[1]", "1", '{"least": NaN}', '{"least": 1, "least": 2}', "{"])
def test_json_that_cannot_be_used(registered: Run, text: str) -> None:
    done = registered("gateway", "run", "by-id", "--json-params", "-", stdin=text)
    assert done.code == 2, done.err


def test_an_alarm_is_an_alarm_and_the_value_is_nowhere(stocked: Run, tmp_path: Path) -> None:
    stocked(
        *("gateway", "templates", "add", "--source", "orders", "--name", "who"),
        *("--sql", "SELECT id FROM orders WHERE who = :who", "--param", "who:str logged"),
    )
    done = stocked("gateway", "run", "who", f"who={ATTACK}", "-o", "json")
    assert (done.code, done.out) == (1, "")
    error = json.loads(done.err)["error"]
    assert (error["code"], error["field"]) == ("injection_attempt", "who")
    runs = stocked("gateway", "templates", "runs", "who", "-o", "json").json["items"]
    assert [(run["outcome"], run["parameters"]) for run in runs] == [("alarm", {"who": "***"})]
    everything = done.err + stocked("activity", "list", "-o", "json").out
    everything += "".join(
        file.read_text(errors="ignore") for file in tmp_path.iterdir() if file.is_file()
    )
    assert "canary" not in everything


def test_every_run_is_listed(registered: Run) -> None:
    registered("gateway", "run", "by-id", "least=3")
    registered("gateway", "run", "by-id")
    runs = registered("gateway", "templates", "runs", "by-id", "-o", "json").json["items"]
    assert [(run["outcome"], run["rows"], run["parameters"]) for run in runs] == [
        ("refused", None, {}),
        ("ok", 2, {"least": 3}),
    ]
    assert "refused" in registered("gateway", "templates", "runs", "by-id").out
    one = registered("gateway", "templates", "runs", "by-id", "--limit", "1")
    assert "The newest 1 are shown" in one.err
    assert registered("gateway", "templates", "list", "outcome:refused", "-o", "name").out


def test_a_read_only_run_of_the_board_could_not_be_recorded(registered: Run) -> None:
    done = registered("gateway", "run", "by-id", "least=1", "--read-only")
    assert (done.code, done.out) == (1, "")
    assert "read-only" in done.err
