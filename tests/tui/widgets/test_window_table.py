from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from textual.app import App

from tests.resting import rest, until
from tests.tui.widgets.sources import ListSource
from tui.widgets.cells import cell
from tui.widgets.columns import Column
from tui.widgets.row_source import Row
from tui.widgets.window import KEPT
from tui.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.message import Message
    from textual.pilot import Pilot

    from tui.widgets.row_source import Ask, RowSource

COLUMNS = (
    Column(name="name", title="NAME", width=12, grow=1, sort="name"),
    Column(name="value", title="VALUE", width=8, right=True, sort="value"),
)


def row(number: int, **changes: object) -> Row:
    values = {"key": f"k{number}", "anchor": number, "cells": (cell(f"row {number}"), cell(number))}
    return Row(**(values | changes))  # type: ignore[arg-type]


class Counting(ListSource):
    """Counts how many rows were asked for."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(rows)
        self.asked = 0

    async def fetch(self, ask: Ask) -> Sequence[Row]:
        self.asked += ask.limit
        return await super().fetch(ask)


class Late(ListSource):
    """Answers when it is `ready`."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(rows)
        self.ready = asyncio.Event()

    async def fetch(self, ask: Ask) -> Sequence[Row]:
        await self.ready.wait()
        return await super().fetch(ask)


class Broken(ListSource):
    async def fetch(self, ask: Ask) -> Sequence[Row]:
        raise OSError(f"no such table, asked from the {ask.position}")


class Board(App[None]):
    def __init__(self, source: RowSource, *, marks: bool = False) -> None:
        super().__init__()
        self.source = source
        self.table = WindowTable(COLUMNS, marks=marks)
        self.told: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.set_source(self.source)
        self.table.focus()

    def on_window_table_moved(self, event: WindowTable.Moved) -> None:
        self.told.append(event)

    def on_window_table_opened(self, event: WindowTable.Opened) -> None:
        self.told.append(event)

    def on_window_table_failed(self, event: WindowTable.Failed) -> None:
        self.told.append(event)

    def on_window_table_sort_asked(self, event: WindowTable.SortAsked) -> None:
        self.told.append(event)


async def settled(pilot: Pilot[None]) -> None:
    """Wait for the requests under way and for what they make the app do."""
    await rest(pilot.app)


def screen(app: Board) -> list[str]:
    lines = (app.table.render_line(y) for y in range(app.table.size.height))
    return ["".join(part.text for part in line) for line in lines]


async def test_a_large_list_costs_a_page() -> None:
    source = Counting([row(n) for n in range(100_000)])
    app = Board(source)
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        assert source.asked <= 200
        assert app.table.total == 100_000
        assert "row 0" in screen(app)[1]
        await pilot.press("G")
        await settled(pilot)
        assert app.table.cursor_row is not None
        assert app.table.cursor_row.key == "k99999"
        assert "row 99999" in screen(app)[-1]
        assert source.asked <= 500


async def test_keys_move_the_cursor_and_enter_opens() -> None:
    app = Board(ListSource([row(n) for n in range(100)]))
    async with app.run_test(size=(60, 11)) as pilot:
        await settled(pilot)
        await pilot.press("j", "down", "k", "pagedown", "g", "end", "home", "j")
        await settled(pilot)
        assert app.table.cursor == 1
        await pilot.press("enter")
        await settled(pilot)
        opened = [event for event in app.told if isinstance(event, WindowTable.Opened)]
        assert [event.row.key for event in opened] == ["k1"]


async def test_the_cursor_follows_its_item() -> None:
    held = [row(n) for n in range(20)]
    app = Board(ListSource(lambda: held))
    async with app.run_test(size=(60, 30)) as pilot:
        await settled(pilot)
        await pilot.press("j", "j", "j")
        held = [held[9], *held[:9], *held[10:]]
        app.table.reload()
        await settled(pilot)
        assert app.table.cursor == 4
        assert app.table.cursor_row is not None
        assert app.table.cursor_row.key == "k3"


async def test_the_cursor_stays_on_the_first_row_until_a_key_comes() -> None:
    held = [row(n) for n in range(20)]
    app = Board(ListSource(lambda: held))
    async with app.run_test(size=(60, 30)) as pilot:
        await settled(pilot)
        held = [held[9], *held[:9], *held[10:]]
        app.table.reload()
        await settled(pilot)
        assert app.table.cursor == 0
        assert app.table.cursor_row == held[0]
        await pilot.press("g")
        held = [held[5], *held[:5], *held[6:]]
        app.table.reload()
        await settled(pilot)
        assert app.table.cursor == 1


async def test_a_refreshed_row_is_told_and_drawn() -> None:
    held = [row(0)]
    app = Board(ListSource(lambda: held))
    async with app.run_test(size=(60, 10)) as pilot:
        await settled(pilot)
        held = [row(0, cells=(cell("renamed"), cell(7)))]
        app.table.reload()
        await settled(pilot)
        assert "renamed" in screen(app)[1]
        moves = [event for event in app.told if isinstance(event, WindowTable.Moved)]
        assert moves[-1].row == held[0]


async def test_space_marks_by_key() -> None:
    app = Board(ListSource([row(n) for n in range(5)]), marks=True)
    async with app.run_test(size=(60, 10)) as pilot:
        await settled(pilot)
        await pilot.press("space", "space")
        assert app.table.marked == {"k0", "k1"}
        app.table.clear_marks()
        assert not app.table.marked


@pytest.mark.parametrize("key", ["ctrl+a", "asterisk"])
async def test_all_rows_are_marked_and_by_the_same_key_unmarked(key: str) -> None:
    app = Board(ListSource([row(n) for n in range(50)]), marks=True)
    async with app.run_test(size=(60, 10)) as pilot:
        await settled(pilot)
        await pilot.press("space", key)
        assert app.table.marked == {f"k{n}" for n in range(50)}, "those out of sight as well"
        assert not app._notifications
        await pilot.press(key)
        assert not app.table.marked
        await pilot.press("space", "space", key)
        assert len(app.table.marked) == 50


async def test_what_another_filter_marked_stays_so() -> None:
    app = Board(ListSource([row(n) for n in range(5)]), marks=True)
    async with app.run_test(size=(60, 10)) as pilot:
        await settled(pilot)
        await pilot.press("space")
        app.table.set_source(ListSource([row(n) for n in range(3, 5)]))
        await settled(pilot)
        await pilot.press("ctrl+a")
        assert app.table.marked == {"k0", "k3", "k4"}
        await pilot.press("ctrl+a")
        assert app.table.marked == {"k0"}


async def test_of_a_long_list_those_that_were_read_are_marked_and_it_says_so() -> None:
    app = Board(ListSource([row(n) for n in range(100_000)]), marks=True)
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        await pilot.press("ctrl+a")
        held = {one.key for one in app.table._window.rows}
        assert app.table.marked == held
        assert 100 <= len(held) <= KEPT
        (note,) = app._notifications
        assert note.message.startswith(f"{len(held)} rows are marked")
        assert "of 100,000: filter for fewer" in note.message


async def test_what_is_still_being_read_is_marked_once_it_is_there() -> None:
    late = Late([row(n) for n in range(3)])
    app = Board(ListSource([row(n) for n in range(90, 95)]), marks=True)
    async with app.run_test(size=(60, 10)) as pilot:
        await settled(pilot)
        app.table.set_source(late)
        await pilot.press("ctrl+a")
        assert not app.table.marked, "the rows of the former list are on their way out"
        late.ready.set()
        await until(lambda: app.table.marked == {"k0", "k1", "k2"})


@pytest.mark.parametrize("key", ["space", "ctrl+a"])
async def test_nothing_is_marked_where_no_screen_wants_it(key: str) -> None:
    app = Board(ListSource([row(n) for n in range(5)]))
    async with app.run_test(size=(60, 10)) as pilot:
        await settled(pilot)
        await pilot.press(key)
        assert not app.table.marked


async def test_a_click_takes_the_cursor_and_a_title_sorts() -> None:
    app = Board(ListSource([row(n) for n in range(5)]))
    async with app.run_test(size=(60, 10)) as pilot:
        await settled(pilot)
        await pilot.click(app.table, offset=(5, 3))
        assert app.table.cursor == 2
        await pilot.click(app.table, offset=(3, 0))
        await settled(pilot)
        asked = [event for event in app.told if isinstance(event, WindowTable.SortAsked)]
        assert [event.field for event in asked] == ["name"]
        app.table.set_sort("name", descending=True)
        assert "NAME▾" in screen(app)[0]


async def test_a_failing_source_is_told_once() -> None:
    app = Board(Broken([]))
    async with app.run_test(size=(60, 10)):
        await until(lambda: bool(app.told))
        failures = [event for event in app.told if isinstance(event, WindowTable.Failed)]
        assert isinstance(failures[0].error, OSError)


async def test_an_empty_list_says_so() -> None:
    app = Board(ListSource([]))
    app.table.nothing = "Nothing matches /x."
    async with app.run_test(size=(60, 10)) as pilot:
        await settled(pilot)
        assert "Nothing matches /x." in screen(app)[2]
        await pilot.press("j", "G", "enter", "pagedown")


async def test_hostile_text_is_drawn_tamely(corpora: Path) -> None:
    lines = (corpora / "hostile_text.jsonl").read_text().splitlines()
    values = [json.loads(line)["value"] for line in lines]
    rows = [row(n, cells=(cell(value), cell(n))) for n, value in enumerate(values)]
    app = Board(ListSource(rows))
    async with app.run_test(size=(70, 210)) as pilot:
        await settled(pilot)
        drawn = screen(app)
        assert len(drawn) == 210
        assert all(line.isprintable() for line in drawn)
        assert "\x1b" not in app.export_screenshot()


async def test_a_scrollbar_that_comes_or_goes_leaves_the_columns_whole() -> None:
    short, long = ListSource([row(1)]), ListSource([row(number) for number in range(300)])
    app = Board(short)
    async with app.run_test(size=(40, 10)) as pilot:
        await settled(pilot)
        for source, ends in ((long, " 0 "), (short, " 1 ")):
            app.table.set_source(source)
            await settled(pilot)
            width = app.table.scrollable_content_region.width
            assert app.table.show_vertical_scrollbar is (source is long)
            # The last column ends where the scrollbar begins, one cell before it.
            assert app.table.render_line(1).text[:width].endswith(ends)


class Held(ListSource):
    """Answers once it is let go."""

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(rows)
        self.let_go = asyncio.Event()

    async def fetch(self, ask: Ask) -> Sequence[Row]:
        await self.let_go.wait()
        return await super().fetch(ask)


async def test_enter_on_a_row_that_is_being_read_opens_it_once_it_is_there() -> None:
    source = Held([row(n) for n in range(5)])
    app = Board(source)
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert not opened(app)
        source.let_go.set()
        await settled(pilot)
        assert opened(app) == ["k0"]
        app.table.reload()
        await settled(pilot)
        assert opened(app) == ["k0"]


async def test_another_key_takes_such_an_enter_back() -> None:
    source = Held([row(n) for n in range(5)])
    app = Board(source)
    async with app.run_test() as pilot:
        await pilot.press("enter", "k")
        source.let_go.set()
        await settled(pilot)
        assert not opened(app)


def opened(app: Board) -> list[str]:
    return [event.row.key for event in app.told if isinstance(event, WindowTable.Opened)]
