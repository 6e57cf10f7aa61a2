"""The list of gauges over a real database: what runs out first, groups, limits edited, files."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from tests.tui.limits.conftest import usage
from tui.inventory.conflict import Conflict
from tui.limits.form import LimitsForm
from tui.widgets.dialogs import Choose, Confirm
from tui.writing import FileDialog

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.limits.conftest import Board, Opened
    from tui.limits.entries import Entry

TENANT = "acme-prod"


def entries(board: Board) -> list[Entry]:
    return [cast("Entry", row.record) for row in board.screen.table._window.rows]


async def limits(board: Board, name: str) -> dict[str, int]:
    items, _ = await board.workspace.limits.list_gauges(TENANT, query=f'name:"{name}"')
    return {gauge.measure: gauge.limit for gauge in items if gauge.name == name}


async def test_what_runs_out_first_stands_first(opened: Opened) -> None:
    async with opened() as board:
        await board.until(lambda: "budget in March" in board.shown())
        assert board.names()[:2] == ["gpt-prod", "claude-batch"]
        shown = board.shown()
        for words in ("Limits", "1 warned", "64% warned", "$322.00+", "$500.00", "lasts, "):
            assert words in shown, words
        assert "At this pace it lasts until the 22nd" in shown
        assert "+ 2 calls unpriced: the real cost is higher" in shown


async def test_on_a_narrow_terminal_the_story_takes_the_place_of_the_list(opened: Opened) -> None:
    async with opened(size=(80, 24)) as board:
        assert "USED OF LIMIT" in board.shown()
        assert "budget in March" not in board.shown()
        await board.press("enter")
        await board.until(lambda: "budget in March" in board.shown())
        await board.press("escape")
        assert "USED OF LIMIT" in board.shown()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("scope:integration measure:budget", {"gpt-prod", "claude-batch"}),
        ("state:warned", {"gpt-prod"}),
        ("provider:anthropic scope:integration", {"claude-batch"}),
        ("model:local-70b scope:integration measure:rate", {"gpt-prod", "claude-batch"}),
    ],
)
async def test_a_filter_looks_into_its_field(opened: Opened, query: str, names: set[str]) -> None:
    async with opened() as board:
        await board.press("slash")
        await board.write(query)
        await board.until(lambda: set(board.names()) == names)


async def test_usage_is_summed_up_by_model_and_back(opened: Opened) -> None:
    async with opened() as board:
        await board.press("b")
        assert isinstance(board.app.screen, Choose)
        await board.press("down", "down", "down", "enter")
        await board.until(lambda: board.names() == ["gpt-5", "claude-sonnet-4-5", "local-70b"])
        shown = board.shown()
        assert "Usage by model 3" in shown
        assert "unpriced" in shown
        await board.press("s")
        await board.press("down", "down", "down", "enter")
        assert board.names() == ["claude-sonnet-4-5", "gpt-5", "local-70b"]
        await board.press("b", "up", "up", "up", "enter")
        await board.until(lambda: board.names()[:1] == ["gpt-prod"])


async def test_a_sum_has_its_story_and_gets_limits_of_its_own(opened: Opened) -> None:
    async with opened() as board:
        await board.press("b", "down", "down", "down", "enter")
        await board.until(lambda: "budget in March" in board.shown())
        await board.press("e")
        assert "Limits of model gpt-5" in board.shown()
        await board.write("300")
        await board.press("ctrl+s")
        await board.until(lambda: "of $300.00 a month" in board.shown())
        assert (await limits(board, "gpt-5"))["budget"] == 300_000_000_000


async def test_sums_of_a_month_without_usage_say_so_and_one_can_go_back(opened: Opened) -> None:
    async with opened(filled=False) as board:
        await board.workspace.integrations.create_integration(
            TENANT, "idle", "openai", secret="planted", budget_limit_cents=100
        )
        await board.press("R")
        await board.until(lambda: board.names()[:1] == ["idle"])
        assert "not measured" in board.shown()
        await board.press("b", "down", "down", "down", "enter")
        await board.press("R")
        await board.until(lambda: "Nothing was used in this month." in board.shown())
        await board.press("b", "up", "up", "up", "enter")
        await board.until(lambda: board.names()[:1] == ["idle"])


async def test_limits_are_edited_with_what_they_mean(opened: Opened) -> None:
    async with opened() as board:
        await board.press("e")
        form = board.app.screen
        assert isinstance(form, LimitsForm)
        await board.until(lambda: "At this pace it lasts until the 22nd" in board.shown())
        form.form.set_value("budget_limit_cents", "2k")
        await board.until(lambda: "At this pace it lasts the month" in board.shown())
        form.form.set_value("token_limit_month", "1.5M")
        await board.until(lambda: "It was used up already" in board.shown())
        await board.press("ctrl+s")
        found = await limits(board, "gpt-prod")
        assert found == {"budget": 2_000_000_000_000, "tokens": 1_500_000, "rate": 60}
        detail = await board.workspace.integrations.page_integrations(TENANT, query="gpt-prod")
        assert detail[0][0].budget_limit_cents == 200_000


async def test_what_cannot_be_a_limit_is_said_beside_it_and_not_saved(opened: Opened) -> None:
    async with opened() as board:
        await board.press("e")
        form = board.app.screen
        assert isinstance(form, LimitsForm)
        form.form.set_value("budget_limit_cents", "a lot")
        await board.settled()
        assert "is not an amount of dollars" in board.shown()
        form.form.set_value("warning_levels", "50, 5000")
        await board.press("ctrl+s")
        assert board.app.screen is form
        await board.press("escape")
        assert isinstance(board.app.screen, Confirm)
        await board.press("y")
        assert (await limits(board, "gpt-prod"))["budget"] == 500_000_000_000


async def test_somebody_elses_limits_are_told_and_not_lost(opened: Opened) -> None:
    async with opened() as board:
        meter = cast("Entry", board.screen.item)
        await board.press("e")
        form = board.app.screen
        assert isinstance(form, LimitsForm)
        await board.workspace.limits.set_limits(
            TENANT, meter.scope, meter.subject, budget_limit_cents=70_000
        )
        form.form.set_value("budget_limit_cents", "900")
        await board.pilot.press("ctrl+s")
        await board.until(lambda: isinstance(board.app.screen, Conflict))
        assert "700" in board.shown()
        await board.press("m")
        await board.until(lambda: not isinstance(board.app.screen, LimitsForm | Conflict))
        assert (await limits(board, "gpt-prod"))["budget"] == 900_000_000_000


async def test_read_only_takes_the_edit_away(opened: Opened) -> None:
    async with opened(read_only=True) as board:
        assert "edit limits" not in board.shown()
        await board.press("e")
        assert not isinstance(board.app.screen, LimitsForm)


async def test_nothing_yet_says_what_to_do(opened: Opened) -> None:
    async with opened(filled=False) as board:
        await board.until(lambda: "No limits yet for acme-prod" in board.shown())
        assert "Press 4 for Integrations" in board.shown()


async def test_new_usage_shows_once_and_in_its_own_month(opened: Opened) -> None:
    async with opened() as board:
        await board.until(lambda: "$322.00+" in board.shown())
        fresh = replace(usage("gpt-prod", days=1)[0], call_id="fresh")
        late = replace(usage("gpt-prod", days=60)[40], call_id="late")
        await board.workspace.usage.record(TENANT, [fresh, fresh, late])
        board.screen.changed(frozenset({"usage"}))
        await board.press("R")
        await board.until(lambda: "$345.00+" in board.shown())


async def test_another_place_sends_here_for_a_gauge(opened: Opened) -> None:
    async with opened() as board:
        await board.press("b", "down", "down", "enter")
        items, _ = await board.workspace.limits.list_gauges(TENANT, query="claude-batch")
        subject = next(one.subject for one in items if one.scope == "integration")
        board.app.desk.wanted = f"integration:{subject}:rate"  # type: ignore[attr-defined]
        board.screen._go_to_wanted()
        await board.until(lambda: at(board) == f"integration:{subject}:rate")


def at(board: Board) -> str:
    item = board.screen.item
    return "" if item is None else item.id


@pytest.mark.parametrize("ending", ["csv", "json"])
async def test_the_list_is_written_into_a_new_file(
    opened: Opened, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"out.{ending}"
    async with opened() as board:
        await board.press("slash")
        await board.write("measure:budget")
        await board.press("enter")
        names = board.names()
        await board.pilot.press("w")
        await board.until(lambda: isinstance(board.app.screen, FileDialog))
        entry = board.app.screen.query_one("TextInput")
        entry.value = str(path)  # type: ignore[attr-defined]
        await board.pilot.press("enter")
        await board.until(lambda: f"{len(names)} rows written" in said(board))
    text = path.read_text(encoding="utf-8")
    found = list(csv.DictReader(text.splitlines())) if ending == "csv" else json.loads(text)
    assert [row["name"] for row in found] == names
    assert str(found[0]["used"]) == "322000000000"
    assert found[0]["forecast_runs_out_at"].startswith("2026-03-2")
    assert path.stat().st_mode & 0o077 == 0


async def test_what_exists_is_never_written_over(opened: Opened, tmp_path: Path) -> None:
    path = tmp_path / "there.csv"
    path.write_text("mine", encoding="utf-8")
    async with opened() as board:
        await board.pilot.press("w")
        await board.until(lambda: isinstance(board.app.screen, FileDialog))
        entry = board.app.screen.query_one("TextInput")
        entry.value = str(path)  # type: ignore[attr-defined]
        await board.pilot.press("enter")
        await board.until(lambda: "there.csv exists already" in board.shown())
        await board.pilot.press("escape")
    assert path.read_text(encoding="utf-8") == "mine"


def said(board: Board) -> str:
    return " ".join(note.message for note in board.app._notifications)
