from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.jsonable import JsonRecord
from tui.cli.output import Output
from tui.cli.table import Column, facts, fit, render
from tui.csv_text import cell, lines

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Row(JsonRecord):
    name: str
    count: int = 0
    state: str = "healthy"


COLUMNS = (
    Column(title="NAME", key="name"),
    Column(title="COUNT", key="count", right=True),
    Column(title="STATE", key="state", state=True),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(format_: str, rows: list[Row]) -> str:
    stream = io.StringIO()
    Output(format=format_, stream=stream).listing([rows], len(rows), COLUMNS)
    return stream.getvalue()


def hostile(corpora: Path) -> list[str]:
    text = (corpora / "hostile_text.jsonl").read_text(encoding="utf-8")
    return [json.loads(line)["value"] for line in text.splitlines()]


def test_hostile_text_never_steers_a_terminal(corpora: Path) -> None:
    values = hostile(corpora)
    rows = [Row(name=value) for value in values]
    for format_ in ("table", "csv", "name", "json", "yaml"):
        for character in printed(format_, rows):
            assert character == "\n" or character.isprintable(), (format_, ascii(character))


def test_json_keeps_every_character(corpora: Path) -> None:
    values = hostile(corpora)
    found = json.loads(printed("json", [Row(name=value) for value in values]))
    assert [item["name"] for item in found["items"]] == values


def test_a_table_has_a_line_a_record_whatever_the_names(corpora: Path) -> None:
    values = hostile(corpora)
    table = printed("table", [Row(name=value) for value in values])
    assert len(table.splitlines()) == len(values) + 1


def test_yaml_and_json_say_the_same() -> None:
    rows = [Row(name="a: b"), Row(name="- no", count=3)]
    assert yaml.safe_load(printed("yaml", rows)) == json.loads(printed("json", rows))
    assert yaml.safe_load(printed("yaml", [])) == json.loads(printed("json", []))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "＝1"])
def test_a_text_is_never_a_formula(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize(("value", "text"), [(-5, "-5"), (0.5, "0.5"), (None, ""), (True, "true")])
def test_numbers_stay_numbers(value: object, text: str) -> None:
    assert cell(value) == text


@given(st.lists(st.text(), min_size=1))
def test_csv_can_be_read_back(texts: list[str]) -> None:
    written = "".join(lines([{"value": text} for text in texts]))
    found = [row["value"] for row in csv.DictReader(io.StringIO(written))]
    assert len(found) <= len(texts)  # a reader leaves blank lines out
    assert not any(value.startswith(("=", "+", "-", "@")) for value in found)


def test_a_terminal_cuts_with_a_mark_and_a_pipe_cuts_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    rows = [Row(name="n" * 60)]
    on_screen = render(rows, COLUMNS, Terminal())
    assert "…" in on_screen
    assert max(map(len, on_screen.splitlines())) <= 40
    assert "n" * 60 in render(rows, COLUMNS, io.StringIO())


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    rows = [Row(name="a", state="failing")]
    assert "\x1b[31m✖ failing" in render(rows, COLUMNS, Terminal())
    assert "\x1b" not in render(rows, COLUMNS, io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in render(rows, COLUMNS, Terminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("CLICOLOR_FORCE", "1")
    assert "\x1b" in render(rows, COLUMNS, io.StringIO())


def test_a_stream_without_unicode_gets_ascii() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert "x failing" in render([Row(name="a", state="failing")], COLUMNS, stream)
    Output(format="json", stream=stream).listing([[Row(name="é")]], 1, COLUMNS)
    stream.seek(0)
    assert json.loads(stream.read())["items"][0]["name"] == "é"


def test_wide_characters_keep_columns_aligned() -> None:
    table = render([Row(name="日本", count=1), Row(name="ab", count=22)], COLUMNS, io.StringIO())
    assert table.splitlines()[1].startswith("日本      1")
    assert table.splitlines()[2].startswith("ab       22")


def test_the_widest_columns_give_way_first() -> None:
    assert fit([10, 50, 20], 60) == [10, 26, 20]
    assert fit([10, 50], None) == [10, 50]
    assert sum(fit([100, 100], 10)) == 16


def test_facts_align_their_values() -> None:
    assert facts([("a", "1"), ("long", "2")]) == "a     1\nlong  2\n"
