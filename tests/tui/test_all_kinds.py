"""Overview and health over a real workspace with things of every kind."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import FixedClock
from tests.tui.inventory import driver
from tests.tui.inventory.driver import TENANT, workspace_of
from tui.app import BoardApp
from tui.overview.screen import OverviewScreen
from tui.widgets.screen import BoardScreen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path
    from typing import Any

    from engine.settings import Settings
    from engine.workspace import Workspace

    Board = driver.Board[Any, None]
    Opened = Callable[..., AbstractAsyncContextManager[Board]]

NOW = datetime(2026, 3, 14, 14, 2, 11, tzinfo=UTC)
PLACES = {"a-source": "sources", "b-connector": "connectors", "c-integration": "integrations"}


async def fill(workspace: Workspace, path: Path) -> None:
    """One thing of each kind; source and connector lead to a real SQLite file."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table orders (id integer)")
    config = {"database": str(path)}
    await workspace.sources.register_source(
        TENANT, "a-source", "database", config, technology="sqlite", activate=True
    )
    await workspace.connectors.register_connector(
        TENANT, "b-connector", "sql", config=config, technology="sqlite"
    )
    await workspace.integrations.create_integration(
        TENANT, "c-integration", "openai", "env://A_KEY", created_by="dana"
    )


@pytest.fixture
def opened(settings: Settings, tmp_path: Path) -> Opened:
    @asynccontextmanager
    async def opening(
        place: str = "overview", size: tuple[int, int] = (120, 40)
    ) -> AsyncIterator[Board]:
        told = replace(settings, screen=place)
        workspace = await workspace_of(told, FixedClock(NOW))
        await fill(workspace, tmp_path / "shop.db")
        app = BoardApp(told, lambda _: workspace)
        async with app.run_test(size=size) as pilot:
            board: Board = driver.Board(pilot, workspace, None)
            await board.until(lambda: here(board).snapshot is not None)
            await board.settled()
            yield board

    return opening


def here(board: Board) -> BoardScreen[object]:
    """The place in sight."""
    found = board.app.screen
    assert isinstance(found, BoardScreen)
    return found


async def test_the_overview_counts_and_names_every_kind(opened: Opened) -> None:
    async with opened() as board:
        shown = board.shown()
        assert "1 source  1 connector  1 integration" in shown
        for words in ("a-source src", "b-connector con", "c-integration int"):
            assert words in " ".join(shown.split())


@pytest.mark.parametrize(("steps", "name"), enumerate(PLACES))
async def test_a_lamp_is_opened_in_its_own_place(opened: Opened, steps: int, name: str) -> None:
    async with opened() as board:
        await board.press(*["right"] * steps, "enter")
        await board.until(lambda: PLACES[name] == here(board).MODE)
        await board.until(lambda: getattr(here(board).item, "name", "") == name)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", PLACES)
async def test_a_row_of_the_board_is_opened_in_its_own_place(opened: Opened, name: str) -> None:
    async with opened("health") as board:
        await board.press(*["down"] * (1 + list(PLACES).index(name)), "enter")
        await board.until(lambda: PLACES[name] == here(board).MODE)
        await board.until(lambda: getattr(here(board).item, "name", "") == name)  # type: ignore[attr-defined]


async def test_a_narrow_board_shows_the_story_first(opened: Opened) -> None:
    async with opened("health", (80, 24)) as board:
        await board.press("down", "enter")
        assert here(board).MODE == "health"
        assert "source  sqlite" in board.shown()
        await board.press("enter")
        await board.until(lambda: here(board).MODE == "sources")


async def test_the_overview_is_filtered_by_kind_with_its_counts(opened: Opened) -> None:
    async with opened() as board:
        await board.press("slash")
        await board.write("kind:con")
        await board.press("enter")
        await board.until(lambda: "1 lamp  /kind:con" in board.shown())
        shown = board.shown()
        assert "a-source" not in shown
        assert "○ 1 unknown" in shown
        assert "0 sources  1 connector  0 integrations" in shown
        await board.press("escape")
        await board.until(lambda: "a-source" in board.shown())


async def test_a_filter_that_nothing_matches_says_so(opened: Opened) -> None:
    async with opened() as board:
        await board.press("slash")
        await board.write("nosuch")
        await board.press("enter")
        await board.until(lambda: "No lamp matches nosuch. esc shows all." in board.shown())


async def test_a_lamp_of_any_kind_is_really_tested(opened: Opened) -> None:
    async with opened("health") as board:
        await board.press("down", "t")
        await board.until(lambda: "● healthy 1" in board.shown())
        story = await board.workspace.health.counts(TENANT, kind="source")
        assert story["healthy"] == 1


async def test_all_that_match_are_tested(opened: Opened) -> None:
    async with opened("health") as board:
        await board.press("slash")
        await board.write("!kind:integration")
        await board.press("enter", "T")
        await board.until(lambda: "● healthy 2" in board.shown())
        notes = [str(note.message) for note in board.app._notifications]
        assert "2 of 2 lamps healthy" in notes
        await board.until(lambda: "last check" in board.shown())


async def test_the_board_shows_each_kind(opened: Opened) -> None:
    async with opened("health") as board:
        shown = board.shown()
        assert "KIND" in shown
        for kind in ("source", "connector", "integration"):
            assert f" {kind}" in shown


def test_the_overview_watches_every_kind() -> None:
    assert set(PLACES.values()) <= OverviewScreen.WATCHES
