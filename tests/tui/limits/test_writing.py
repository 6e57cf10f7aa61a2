from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from engine.errors import InvalidInput, WorkspaceError
from tests.tui.limits.made import NOW, gauge, total
from tui.inventory.listing import View
from tui.limits.entries import Entry, gauge_entry, total_entry
from tui.limits.writing import BATCH, record_of, write_out
from tui.writing import file_name, path_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from engine.paging import Anchor

VIEW = View(tenant_id="acme-prod")


class Pages:
    """A listing of so many gauges; breaks before the page that it is told to."""

    def __init__(self, count: int, breaks_at: int = -1) -> None:
        self._entries = [gauge_entry(gauge(name=f"=n{number}")) for number in range(count)]
        self._breaks_at = breaks_at

    async def page(
        self, view: View, *, anchor: Anchor | None, limit: int
    ) -> tuple[Sequence[Entry], Sequence[object]]:
        assert view == VIEW
        first = int(anchor.key[0]) + 1 if anchor is not None and anchor.key else 0
        if first == self._breaks_at:
            raise WorkspaceError("The database is gone.")
        items = self._entries[first : first + limit]
        return items, [(first + number,) for number in range(len(items))]


@pytest.mark.parametrize("count", [0, 1, BATCH, BATCH + 1])
async def test_all_pages_are_written_and_no_spreadsheet_obeys_them(
    count: int, tmp_path: Path
) -> None:
    path = tmp_path / "out.csv"
    assert await write_out(Pages(count), VIEW, path, lambda _: None) == count  # type: ignore[arg-type]
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert [row["name"] for row in rows] == [f"'=n{number}" for number in range(count)]


async def test_half_a_file_is_not_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    with pytest.raises(WorkspaceError):
        await write_out(Pages(BATCH + 1, BATCH), VIEW, path, lambda _: None)  # type: ignore[arg-type]
    assert not path.exists()


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    path = tmp_path / "none" / "out.csv"
    with pytest.raises(InvalidInput, match=r"out\.csv could not be written: No such file"):
        await write_out(Pages(1), VIEW, path, lambda _: None)  # type: ignore[arg-type]


def test_a_record_is_flat() -> None:
    made = record_of(gauge_entry(gauge()))
    assert made["forecast_runs_out_at"] == "2026-03-27T09:00:00Z"
    assert not any(isinstance(value, dict) for value in made.values())
    assert record_of(total_entry(total("gpt-5", 3.0), "model", "acme"))["cost_nanos"] == 3 * 10**9


def test_a_name_is_proposed_and_its_ending_decides() -> None:
    assert file_name("../a b", "gauges", NOW) == "lampboard----a-b-gauges-20260314-140211.csv"
    with pytest.raises(InvalidInput, match=r"\.csv or \.json"):
        path_of("out.txt")


@pytest.mark.parametrize(
    "typed", ["~nobody-of-that-name/x.csv", f"{'a' * 300}.csv", "", "x.txt", "/dev"]
)
def test_what_can_be_no_file_is_said(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        path_of(typed)
    assert refused.value.field == "file"
    assert refused.value.message.endswith(".")
