"""The gateway over a real database: templates run, versions looked at, retired and deleted."""

from __future__ import annotations

import asyncio
import csv
import json
from typing import TYPE_CHECKING

from textual.events import Key

from engine.gateway.errors import SqlGatewayError
from tests.tui.inventory.driver import TENANT
from tui.gateway.results import Results
from tui.gateway.running import RunForm
from tui.inventory.form import DraftForm
from tui.widgets.dialogs import Choose, Confirm, Report
from tui.writing import FileDialog

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.tui.gateway.conftest import Board, Opened


async def go(board: Board, name: str) -> None:
    """Puts the cursor on a template."""
    await board.until(lambda: name in board.names())
    while board.screen.item is None or board.screen.item.name != name:
        await board.press("down")


async def run(board: Board, name: str, **values: str) -> None:
    """Runs a template with values, and waits for what comes of it."""
    await go(board, name)
    await board.press("r")
    await board.until(lambda: isinstance(board.app.screen, (RunForm, Results)))
    form = board.app.screen
    if isinstance(form, RunForm):
        for field, value in values.items():
            form.form.set_value(field, value)
        await board.press("f5")
    await board.settled()


def results(board: Board) -> Results:
    assert isinstance(board.app.screen, Results)
    return board.app.screen


async def test_the_list_and_the_story_of_what_the_cursor_is_on(opened: Opened) -> None:
    async with opened() as board:
        assert board.names() == ["by-status", "count", "named"]
        await board.until(lambda: "where status = :status" in board.shown())
        shown = board.shown()
        for said in ("3 in use", "○ never run", "one of open, shipped", "1,000 rows, 5 MiB, 30 s"):
            assert said in shown, said


async def test_on_a_narrow_terminal_the_story_takes_the_place_of_the_list(opened: Opened) -> None:
    async with opened(size=(80, 24)) as board:
        assert "where status" not in board.shown()
        await board.press("enter")
        await board.until(lambda: "where status = :status" in board.shown())
        await board.press("escape")
        assert "LAST RUN" in board.shown()


async def test_rows_come_with_the_values_that_were_given(opened: Opened) -> None:
    async with opened() as board:
        await run(board, "by-status", status="open")
        shown = results(board)
        assert shown.result.row_count == 20
        await board.until(lambda: "by-status v1: 20 rows" in board.shown())
        assert "customer 4" in board.shown()
        assert "NULL" not in board.shown()
        await board.press("escape", "escape")
        await board.until(lambda: "● ok" in board.shown())
        item = await board.workspace.gateway.get_template(TENANT, "by-status")
        assert (item.template.runs, item.template.last_outcome) == (1, "ok")


async def test_more_than_the_cap_is_cut_and_said(opened: Opened, tmp_path: Path) -> None:
    async with opened(size=(80, 24)) as board:
        await run(board, "by-status", status="shipped")
        await board.until(lambda: "1,000 rows, cut at 1,000 rows: there are more" in board.shown())
        await board.press("G")
        await board.until(lambda: "1016" in board.shown())
        await board.press("w")
        await board.until(lambda: isinstance(board.app.screen, FileDialog))
        assert "there are more" in board.shown()
        path = tmp_path / "out.csv"
        await board.press("ctrl+u")
        await board.write(str(path))
        await board.press("enter")
        await board.until(lambda: path.exists() and path.read_text().count("\n") == 1001)
        head, first, *_ = csv.reader(path.read_text().splitlines())
        assert head == ["id", "customer", "total", "paid"]
        assert first == ["1", "customer 1", "1.5", ""]


async def test_what_takes_no_values_runs_at_once_and_goes_back_at_once(opened: Opened) -> None:
    async with opened() as board:
        await run(board, "count")
        await board.until(lambda: "1200" in board.shown())
        await board.press("r")
        await board.until(lambda: isinstance(board.app.screen, Results))
        await board.press("escape")
        await board.until(lambda: board.app.screen is board.screen)
        await board.until(lambda: board.screen.item is not None and board.screen.item.runs == 2)


async def test_columns_values_and_rows_are_gone_through_and_copied(opened: Opened) -> None:
    async with opened(size=(40, 24)) as board:
        await run(board, "by-status", status="open")
        await board.until(lambda: "columns 1 to" in board.shown())
        await board.press("right", "right", "right", "down")
        assert "paid" in board.shown()
        assert "columns 1 to" not in board.shown()
        await board.press("left", "left", "y")
        assert board.app.clipboard == "customer 1"
        await board.press("Y")
        assert board.app.clipboard.split("\t")[:2] == ["120", "customer 1"]
        await board.press("enter")
        await board.until(lambda: isinstance(board.app.screen, Report))
        assert "Row 2 of 20" in board.shown()


async def test_a_value_that_cannot_be_given_is_said_beside_it_and_not_run(opened: Opened) -> None:
    async with opened() as board:
        await run(board, "named", who="x" * 41)
        assert "at most 40 characters" in board.shown()
        await board.press("escape")
        item = await board.workspace.gateway.get_template(TENANT, "named")
        assert item.template.runs == 0


async def test_an_alarm_is_clear_and_on_record(opened: Opened) -> None:
    async with opened() as board:
        await run(board, "named", who="x' OR '1'='1' -- ")
        await board.until(lambda: "Alarm: a value looks like an injection" in board.shown())
        await board.press("escape")
        await board.until(lambda: "✖ 1 alarm" in board.shown())
        runs = await board.workspace.gateway.runs(TENANT, board.screen.item.id)  # type: ignore[union-attr]
        assert [one.outcome for one in runs] == ["alarm"]


async def test_a_run_that_fails_says_what_why_and_what_to_do(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as board:

        async def fails(*_: object, **__: object) -> None:
            raise SqlGatewayError("The database did not answer.", hint="Try again.", code="timeout")

        monkeypatch.setattr(board.workspace.gateway, "run", fails)
        await run(board, "count")
        await board.until(lambda: "The database did not answer." in board.shown())
        assert "Try again." in board.shown()
        assert "The run failed" in board.shown()


async def test_escape_stops_a_run_and_keeps_the_values(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as board:
        ended = asyncio.Event()
        begun = asyncio.Event()

        async def endless(*_: object, **__: object) -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        monkeypatch.setattr(board.workspace.gateway, "run", endless)
        await go(board, "named")
        await board.press("r")
        await board.until(lambda: isinstance(board.app.screen, RunForm))
        form = board.app.screen
        assert isinstance(form, RunForm)
        form.form.set_value("who", "customer 1")
        await board.pilot.press("f5")
        await board.until(begun.is_set)
        await board.until(lambda: "esc stops it" in board.shown())
        await board.pilot.press("escape")
        await board.until(ended.is_set)
        await board.until(lambda: "Stopped." in board.shown())
        assert form.form.values() == {"who": "customer 1"}
        await board.press("escape")
        assert board.app.screen is board.screen


async def test_escape_right_behind_f5_stops_the_run_too(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as board:

        async def endless(*_: object, **__: object) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(board.workspace.gateway, "run", endless)
        await go(board, "named")
        await board.press("r")
        form = board.app.screen
        assert isinstance(form, RunForm)
        form.form.set_value("who", "customer 1")
        await board.settled()
        # In one piece, as a busy machine or a slow line brings them.
        for key in ("f5", "escape"):
            board.app.post_message(Key(key, None))
        await board.until(lambda: "Stopped." in board.shown())
        await board.press("escape")
        assert board.app.screen is board.screen


async def test_older_versions_are_looked_at_and_run(opened: Opened) -> None:
    async with opened() as board:
        await board.workspace.gateway.edit_template(
            TENANT, "count", sql="select 'the second' as told"
        )
        await go(board, "count")
        await board.press("R")
        await board.until(lambda: "the second" in board.shown())
        await board.press("left_square_bracket")
        await board.until(lambda: "v1 of 2" in board.shown())
        await run(board, "count")
        assert results(board).result.version == 1
        await board.press("escape")
        await board.press("v")
        await board.until(lambda: isinstance(board.app.screen, Choose))
        await board.press("up", "enter")
        await board.until(lambda: "the second" in board.shown() and "v1 of 2" not in board.shown())


async def test_what_is_retired_is_not_run_and_comes_back(opened: Opened) -> None:
    async with opened() as board:
        await go(board, "count")
        await board.press("x")
        await board.until(lambda: "1 retired" in board.shown())
        await board.press("r")
        await board.until(lambda: "cannot be run" in board.shown())
        assert board.app.screen is board.screen
        await board.press("x")
        await board.until(lambda: "0 retired" in board.shown())


async def test_deleting_asks_by_name(opened: Opened) -> None:
    async with opened() as board:
        await go(board, "named")
        await board.press("d")
        await board.until(lambda: isinstance(board.app.screen, Confirm))
        assert "Delete named?" in board.shown()
        await board.press("y")
        await board.until(lambda: board.names() == ["by-status", "count"])


async def test_the_gateways_limits_are_set(opened: Opened) -> None:
    async with opened() as board:
        await go(board, "count")
        await board.press("l")
        await board.until(lambda: isinstance(board.app.screen, DraftForm))
        form = board.app.screen
        assert isinstance(form, DraftForm)
        assert "Log in as" not in board.shown()  # a file has no users
        form.form.set_value("max_rows", "7")
        form.form.set_value("max_result_bytes", "64 KiB")
        form.form.set_value("tables", "orders, customers")
        form.form.set_value("tripwire", "off")
        await board.press("ctrl+s")
        await board.until(lambda: board.app.screen is board.screen)
        (found,) = await board.workspace.gateway.list_gateways(TENANT)
        assert (found.max_rows, found.max_result_bytes) == (7, 65_536)
        assert (found.tables, found.tripwire) == (("orders", "customers"), False)
        await board.until(lambda: "off: values raise no alarm" in board.shown())


async def test_an_empty_gateway_says_what_to_do(opened: Opened) -> None:
    async with opened(filled=False) as board:
        await board.until(lambda: "No templates yet for acme-prod" in board.shown())
        assert "Press n to write the first." in board.shown()


async def test_read_only_takes_writing_and_running_away(opened: Opened) -> None:
    async with opened(read_only=True) as board:
        await board.until(lambda: "where status = :status" in board.shown())
        keys = board.shown().splitlines()[-1]
        for word in ("run", "edit", "new", "retire", "delete", "limits", "clone"):
            assert f" {word} " not in keys, word
        await board.press("r", "e", "n", "x", "d", "l", "c")
        assert board.app.screen is board.screen
        assert "versions" in keys


async def test_json_is_written_from_the_results(opened: Opened, tmp_path: Path) -> None:
    async with opened() as board:
        await run(board, "count")
        await board.press("w")
        await board.until(lambda: isinstance(board.app.screen, FileDialog))
        path = tmp_path / "out.json"
        await board.press("ctrl+u")
        await board.write(str(path))
        await board.press("enter")
        await board.until(lambda: path.exists() and path.read_text().endswith("]\n"))
        assert json.loads(path.read_text()) == [{"orders": 1200}]
