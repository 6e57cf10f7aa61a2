"""Values of a result: shown, copied, written; columns as wide as what is in them."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.gateway.made import result
from tui.gateway.results import batches, counted, row_lines
from tui.gateway.table import WIDEST, ResultSource, columns_of
from tui.gateway.values import copied, export, names, plain, records, value_cell
from tui.widgets.cells import cell_text
from tui.widgets.row_source import Ask
from tui.writing import write_records

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "NULL"),
        ("NULL", "'NULL'"),
        ("", ""),
        (True, "true"),
        (Decimal("1.50"), "1.50"),
        (float("nan"), "nan"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 8, tzinfo=UTC), "2026-03-01 08:00:00+00:00"),
        (datetime(2026, 3, 1, 8), "2026-03-01 08:00:00"),  # noqa: DTZ001 - what a database may have
        (b"\x00\xff", "0x00ff (2 B)"),
        ({"a": [1, None]}, '{"a": [1, null]}'),
        ("two\nlines\x1b[31m", "two lines"),
    ],
)
def test_a_value_is_shown_as_what_it_is(value: object, shown: str) -> None:
    assert cell_text(value_cell(value)) == shown


def test_a_long_value_is_cut_where_it_is_shown_and_whole_where_it_is_copied() -> None:
    assert len(plain("x" * 100_000)) == 2_000
    assert copied("x" * 100_000) == "x" * 100_000
    assert copied("a\tb\n") == "a\tb\n"
    assert copied(None) == ""


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("0.10"), Decimal("0.10")),
        (float("inf"), "inf"),
        (datetime(2026, 3, 1, 8), "2026-03-01T08:00:00"),  # noqa: DTZ001 - no zone is made up
        (b"\x01", "0x01"),
        ((1, b"\x01"), [1, "0x01"]),
        (2**70, 2**70),
    ],
)
def test_nothing_is_lost_of_what_is_written(value: object, written: object) -> None:
    assert export(value) == written


def test_columns_of_one_name_stay_apart() -> None:
    found = result(((1, 2, 3, 4),), "id", "id", "id_2", "")
    assert names(found) == ["id", "id_2", "id_2_2", "column_4"]
    assert [list(some) for some in records(found)] == [
        [{"id": 1, "id_2": 2, "id_2_2": 3, "column_4": 4}]
    ]


HOSTILE = (("=cmd()", Decimal("-1.50"), None), ("+1", -3, "@x\x1b[2J"))


async def test_a_spreadsheet_obeys_neither_values_nor_names(tmp_path: Path) -> None:
    found = result(HOSTILE, "=name", "amount", "note")
    path = tmp_path / "out.csv"
    assert await write_records(path, batches(found), names=names(found)) == 2
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert rows == [
        ["'=name", "amount", "note"],
        ["'=cmd()", "-1.50", ""],
        ["'+1", "-3", "'@x"],
    ]


async def test_json_has_every_row(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    await write_records(path, batches(result(HOSTILE, "a", "b", "c")))
    read: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    assert read[0] == {"a": "=cmd()", "b": "-1.50", "c": None}
    assert [row["b"] for row in read] == ["-1.50", -3]


async def test_no_rows_still_have_their_names(tmp_path: Path) -> None:
    empty = result((), "id", "total")
    path = tmp_path / "out.csv"
    assert await write_records(path, batches(empty), names=names(empty)) == 0
    assert path.read_text(encoding="utf-8") == "id,total\n"


def test_a_cut_is_said_with_what_cut_it() -> None:
    rows = tuple((n,) for n in range(1000))
    cut = result(rows, "n", truncated=True, truncated_by="rows")
    assert counted(cut) == "1,000 rows, cut at 1,000 rows: there are more"
    by_size = result(rows, "n", truncated=True, truncated_by="bytes", result_bytes=5 * 2**20)
    assert counted(by_size) == "1,000 rows, cut at 5 MiB: there are more"
    assert counted(result(((1,),), "n")) == "1 row"


def test_columns_are_as_wide_as_what_is_in_them() -> None:
    found = result(((1, "x" * 400, None), (20_000, "y", None)), "n", "text", "nothing", kind="t")
    number, words, nothing = columns_of(found)
    assert (number.width, number.right) == (5, True)
    assert (words.width, words.right) == (WIDEST, False)
    assert nothing.width == len("nothing t")
    assert not nothing.right


def test_very_many_columns_are_sized_by_their_first_rows() -> None:
    row = tuple(range(2000))
    assert len(columns_of(result((row,) * 200, *map(str, row)))) == 2000


async def test_pages_of_rows_are_found_by_their_numbers() -> None:
    source = ResultSource(result(tuple((n,) for n in range(10)), "n"))
    found = await source.fetch(Ask(position="after", limit=3, anchor=4))
    assert [row.key for row in found] == ["5", "6", "7"]
    assert [row.key for row in await source.fetch(Ask(position="end", limit=2))] == ["8", "9"]
    before = await source.fetch(Ask(position="before", limit=2, anchor=2))
    assert [row.key for row in before] == ["0", "1"]
    assert await source.count() == 10


def test_a_row_is_shown_whole() -> None:
    found = result((("x y " * 40, None),), "long", "none", kind="varchar(200)")
    lines = [cell_text(line) for line in row_lines(found, found.rows[0], 60)]
    assert lines[0].startswith("long  varchar(200) x y")
    assert len(lines) > 3
    assert lines[-1].endswith("NULL")
