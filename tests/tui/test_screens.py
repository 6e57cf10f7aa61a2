from __future__ import annotations

import pytest

from engine.errors import WorkspaceError
from tests.resting import until
from tests.tui.board import board
from tests.tui.fakes import FakeWorkspace, lamp
from tui.widgets import screen
from tui.widgets.screen import BoardScreen

PLACES = {"1": "overview", "5": "board", "9": "activity"}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("key", PLACES)
async def test_empty_says_what_to_do_next(key: str, size: tuple[int, int]) -> None:
    async with board(FakeWorkspace(0), size) as driver:
        await driver.press(key)
        assert driver.app.board is not None
        assert driver.app.board.state == "empty"
        assert "Press 2" in driver.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("key", PLACES)
async def test_an_error_says_what_why_and_how_on(key: str, size: tuple[int, int]) -> None:
    world = FakeWorkspace()
    world.fail = WorkspaceError("The database is locked by another program.", hint="Wait for it.")
    async with board(world, size) as driver:
        await driver.press(key)
        await driver.shows("The database is locked by another program.")
        assert "Wait for it." in driver.text
        assert "R tries again" in driver.text
        world.fail = None
        await driver.press("R")
        assert driver.app.board is not None
        assert driver.app.board.state == "normal"


@pytest.mark.parametrize("key", ["1", "5"])
async def test_a_failing_reload_keeps_what_was_read_and_calls_it_stale(key: str) -> None:
    async with board() as driver:
        await driver.press(key)
        driver.world.fail = WorkspaceError("The database is locked by another program.")
        driver.world.clock.advance(42)
        await driver.press("R")
        screen = driver.app.board
        assert isinstance(screen, BoardScreen)
        assert screen.state == "stale"
        assert "claude-batch" in driver.text
        assert "stale  data from 42 s ago" in driver.text
        driver.world.fail = None
        await driver.press("R")
        assert screen.state == "normal"


async def test_a_failed_load_is_tried_again_as_soon_as_the_database_answers() -> None:
    async with board() as driver:
        await driver.press("5")
        driver.world.fail = WorkspaceError("It does not answer.", temporary=True)
        await driver.press("R")
        screen = driver.app.board
        assert isinstance(screen, BoardScreen)
        assert screen.state == "stale"
        driver.world.fail = None
        driver.world.clock.advance(5)
        await driver.change()  # nothing changed: that the database answers is all
        driver.app.pulse.repeat()
        await until(lambda: screen.state == "normal")


async def test_a_silent_database_makes_the_board_stale_by_itself() -> None:
    async with board() as driver:
        driver.world.clock.advance(60)
        driver.app.pulse.repeat()
        await driver.settled()
        assert "stale  data from 1 min ago" in driver.text
        await driver.change()
        driver.app.pulse.repeat()
        await driver.settled()
        assert "stale" not in driver.text


async def test_moving_over_a_lamp_tells_its_story() -> None:
    async with board() as driver:
        await driver.shows("changes")
        assert "401 Authentication failed" in driver.text
        await driver.press("end")
        await driver.shows("vision-ocr-1 ─")
        await driver.shows("99.6% 7 d")


async def test_the_mouse_tells_it_too() -> None:
    async with board() as driver:
        await driver.pilot.hover("#wall", offset=(25, 3))
        await driver.settled()
        assert "gpt-staging-2 ─" in driver.text or "azure" in driver.text


async def test_the_cursor_stays_on_its_lamp_when_the_order_changes() -> None:
    async with board() as driver:
        await driver.press("l", "l")
        held = driver.world.lamps[2]
        driver.world.lamps = (lamp(99, "failing"), *driver.world.lamps)
        await driver.change("health")
        wall = driver.app.screen.query_one("#wall")
        assert wall.cursor_key == held.id  # type: ignore[attr-defined]


async def test_keys_go_before_a_reload_that_nobody_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with board() as driver:
        monkeypatch.setattr(screen, "KEYS_REST_S", 3600)
        monkeypatch.setattr(screen, "KEYS_HOLD_S", 3600)
        await driver.press("l")
        driver.world.lamps = (lamp(99, "failing"), *driver.world.lamps)
        await driver.change("health")
        assert driver.world.lamps[0].name not in driver.text
        await driver.press("R")
        assert driver.world.lamps[0].name in driver.text


async def test_no_typing_holds_a_reload_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    async with board() as driver:
        monkeypatch.setattr(screen, "KEYS_REST_S", 3600)
        monkeypatch.setattr(screen, "KEYS_HOLD_S", 0)
        await driver.press("l")
        driver.world.lamps = (lamp(99, "failing"), *driver.world.lamps)
        await driver.change("health")
        assert driver.world.lamps[0].name in driver.text


async def test_a_group_folds_and_unfolds() -> None:
    async with board() as driver:
        await driver.press("5", "enter")
        assert "folded" in driver.text
        assert "claude-batch " not in driver.text.split("degraded")[0]
        await driver.press("enter")
        assert "folded" not in driver.text


async def test_a_narrow_terminal_opens_the_story_alone() -> None:
    async with board(size=(80, 24)) as driver:
        await driver.press("5", "j", "enter")
        await driver.shows("uptime")
        assert "LATENCY" not in driver.text
        await driver.press("j")
        assert "✖ failing" not in driver.text
        await driver.press("escape")
        assert "LATENCY" in driver.text


async def test_an_activity_entry_is_shown_whole() -> None:
    async with board() as driver:
        await driver.press("9")
        assert "default_model: gpt-4.1 to gpt-5" in driver.text
        await driver.press("j")
        assert "disabled integration" in driver.text


async def test_activity_is_filtered_as_one_types() -> None:
    async with board() as driver:
        await driver.press("9", "slash", *"rerank", "enter")
        await driver.shows("Activity  /rerank")
        await driver.shows("rerank")
        assert "azure-eu" not in driver.text
        await driver.press("escape")
        await driver.shows("azure-eu")


async def test_many_lamps_are_all_in_sight() -> None:
    async with board(FakeWorkspace(900)) as driver:
        assert sum(line.count("●") for line in driver.lines[6:30]) > 500
