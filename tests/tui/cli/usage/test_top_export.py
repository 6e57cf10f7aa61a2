from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from tests.tui.cli.limits.conftest import DOLLAR, used

if TYPE_CHECKING:
    from tests.tui.cli.conftest import Run

__all__ = ["used"]


def test_top_sums_this_month_up_and_says_what_has_no_price(used: Run) -> None:
    done = used("usage", "top")
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0][:2] == ["MODEL", "CALLS"]
    assert lines[1][:2] == ["gpt-4o", "14"]
    assert "$140.00" in lines[1]
    assert "812ms" in lines[1]
    assert "unpriced" in lines[2]


@pytest.mark.parametrize(
    ("words", "key", "calls"),
    [
        (("--by", "agent"), "chat", 14),
        (("--by", "provider"), "openai", 14),
        (("--month", "2026-02"), "gpt-4o", 26),
        (("--from", "2026-03-14", "--to", "2026-03-14"), "gpt-4o", 1),
        (("--integration", "gemini-new"), "=unheard-of", 3),
    ],
)
def test_top_by_what_and_when(used: Run, words: tuple[str, ...], key: str, calls: int) -> None:
    done = used("usage", "top", *words, "-o", "json")
    assert done.code == 0, done.err
    assert (done.json["items"][0]["key"], done.json["items"][0]["calls"]) == (key, calls)


def test_top_says_when_there_is_nothing_or_more(used: Run) -> None:
    none = used("usage", "top", "--month", "2025-01")
    assert (none.code, none.out) == (0, "")
    assert "No usage was recorded (January 2025)." in none.err
    assert "The first 1 are shown" in used("usage", "top", "--limit", "1").err
    assert used("usage", "top", "--month", "soon").code == 2
    assert used("usage", "top", "--tenant", "nobody").code == 1


def test_export_writes_every_call_of_the_span(used: Run) -> None:
    done = used("usage", "export", "--from", "2026-02-01")
    records = [json.loads(line) for line in done.out.splitlines()]
    assert len(records) == 43
    assert {one["call_id"] for one in records} >= {"gpt-0", "gpt-39", "gemini-2"}
    assert sum(one["cost_nanos"] or 0 for one in records) == 400 * DOLLAR
    assert "43 records written" in done.err
    this_month = used("usage", "export", "-o", "jsonl")
    assert len(this_month.out.splitlines()) == 17


def test_exported_csv_obeys_nobody(used: Run) -> None:
    done = used("usage", "export", "-o", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert len(rows) == 17
    assert {row["model"] for row in rows} == {"gpt-4o", "'=unheard-of"}
    assert {row["cost_nanos"] for row in rows if row["model"] != "gpt-4o"} == {""}


def test_what_was_exported_is_known_when_it_comes_back(used: Run) -> None:
    out = used("usage", "export", "--from", "2026-02-01").out
    done = used("usage", "import", "-", "-o", "json", stdin=out)
    assert done.code == 0, done.err
    assert (done.json["new"], done.json["duplicate"], done.json["refused"]) == (0, 43, 0)


def test_export_knows_its_formats(used: Run) -> None:
    done = used("usage", "export", "-o", "yaml")
    assert (done.code, done.out) == (2, "")
    assert "jsonl" in done.err
