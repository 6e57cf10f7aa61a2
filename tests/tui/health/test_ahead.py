"""Boards of the past are read before the key that shows them, and never wrongly for it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock, Mock

import pytest

from engine.errors import WorkspaceError
from tests.tui.health.conftest import NOON, turn
from tests.tui.health.test_winding import BACK, ON, lamps, title
from tui.app import BoardApp
from tui.health.winding import Winding as Moves

if TYPE_CHECKING:
    from datetime import datetime

    from engine.health.model import Board as PastBoard
    from tests.tui.health.test_winding import Winding
    from tests.tui.inventory.driver import Board

MINUTE = timedelta(minutes=1)


class Reads:
    """The times whose boards are read, in their order; while it is shut, none comes."""

    def __init__(self, board: Board[Any, None]) -> None:
        self._health = board.workspace.health
        self._read = self._health.board_at
        self.times: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self._health.board_at = self._board_at  # type: ignore[method-assign]

    async def _board_at(self, tenant_id: str, at: datetime, **how: Any) -> PastBoard:
        self.times.append(f"{at:%H:%M}")
        await self.open.wait()
        return await self._read(tenant_id, at, **how)

    def shut(self) -> None:
        self.open.clear()


def shown_at(board: Board[Any, None]) -> str:
    return f"{board.screen.snapshot.at:%H:%M}"


async def test_the_next_board_is_read_before_its_key(winding: Winding) -> None:
    async with winding() as board:
        reads = Reads(board)
        await board.press(BACK)
        assert (shown_at(board), reads.times) == ("11:00", ["11:00", "10:40"])
        await board.press(BACK)
        assert (shown_at(board), reads.times[2:]) == ("10:40", ["10:20"])
        assert lamps(board) == {"gpt": "healthy", "tts": "healthy"}
        await board.press(ON)
        assert (shown_at(board), reads.times[3:]) == ("11:00", ["11:00"]), "after it is the present"


async def test_a_board_that_was_read_ahead_is_drawn_without_the_database(winding: Winding) -> None:
    async with winding() as board:
        await board.press(BACK)
        # Nothing but what the next key needs is known, so that any other question fails.
        for name in ("board_at", "uptimes", "step"):
            setattr(board.workspace.health, name, AsyncMock(side_effect=WorkspaceError("gone")))
        board.screen._past.read_ahead = AsyncMock()
        await board.press(BACK)
        assert title(board).endswith("as it was at 10:40:00 UTC")
        assert "66.7%" in board.shown(), "uptime of the two lamps"


async def test_nothing_is_read_ahead_but_while_one_steps(winding: Winding) -> None:
    async with winding() as board:
        reads, past = Reads(board), board.screen._past
        await board.press("R", "j", "k")
        assert reads.times == []
        await board.press("left_curly_bracket")
        assert reads.times == ["11:00"], "an hour back is no step"
        await board.press(BACK)
        assert past._ahead is not None
        await board.press("escape")
        assert past._ahead is past._last is None
        read = len(reads.times)
        await board.press("R")
        assert len(reads.times) == read


async def test_what_was_read_ahead_is_forgotten_with_its_view(winding: Winding) -> None:
    async with winding() as board:
        past = board.screen._past
        await board.press(BACK)
        assert past._ahead.at == NOON - timedelta(hours=1, minutes=20)
        await board.press("slash")
        await board.write("name:tts")
        await board.press("enter")
        assert past._ahead is None or past._ahead.view.filter == "name:tts"
        await board.press(BACK)
        assert (shown_at(board), [*lamps(board)]) == ("10:01", ["tts"])
        app = board.app
        assert isinstance(app, BoardApp)
        await app.action_go("sources")
        await board.settled()
        assert past._ahead is past._last is None


async def test_a_key_that_repeats_waits_for_what_is_read_and_skips_nothing(
    winding: Winding,
) -> None:
    async with winding() as board:
        reads = Reads(board)
        await board.press(BACK)
        reads.times.clear()
        reads.shut()
        board.screen.action_earlier_change()
        await board.until(lambda: reads.times == ["10:20"])
        for _ in range(3):
            board.screen.action_earlier_change()
        reads.open.set()
        await board.settled()
        assert shown_at(board) == "10:00", "three steps on"
        assert reads.times.count("10:20") == 1
        assert len(reads.times) <= 4, "the board is not read for each key"


async def test_what_is_written_meanwhile_is_not_stepped_over(winding: Winding) -> None:
    async with winding() as board:
        await turn(board.workspace, "gpt", "12:00", "failing")
        await board.press(BACK, BACK, ON)
        assert shown_at(board) == "11:00"
        await turn(board.workspace, "tts", "11:59", "failing")
        await board.press(ON)
        assert shown_at(board) == "11:59", "another monitor wrote it late"


async def test_a_pause_makes_what_was_read_too_old(winding: Winding) -> None:
    async with winding() as board:
        await turn(board.workspace, "gpt", "11:50", "failing")
        await board.press(BACK, BACK, BACK, ON)
        assert f"{board.screen._past._ahead.at:%H:%M}" == "11:50"
        await turn(board.workspace, "tts", "11:30", "failing")
        board.workspace.clock.advance(61)  # type: ignore[attr-defined]
        await board.press(ON)
        assert shown_at(board) == "11:30"


async def test_the_strip_of_today_goes_on(winding: Winding) -> None:
    async with winding() as board:
        await board.press(BACK, BACK)
        board.workspace.clock.advance(3600)  # type: ignore[attr-defined]
        await turn(board.workspace, "gpt", "12:30", "failing")
        await board.press(ON, ON)
        day = board.screen.query_one("#day")
        assert str(day.border_subtitle) == "12:30-12:45  ✖ 1 failing"


async def test_the_strip_of_a_day_that_is_over_is_read_once(winding: Winding) -> None:
    async with winding() as board:
        board.workspace.clock.advance(24 * 3600)  # type: ignore[attr-defined]
        health = board.workspace.health
        read = Mock(wraps=health.board_at)
        health.board_at = read
        await board.press(BACK, BACK, BACK)
        assert [bool(call.kwargs["slots"]) for call in read.call_args_list] == [True] + 3 * [False]
        assert "✖" in str(board.screen.query_one("#day").border_subtitle)


async def test_another_width_has_a_day_that_fits(winding: Winding) -> None:
    async with winding() as board:
        await board.press(BACK)
        await board.pilot.resize_terminal(80, 24)
        await board.settled()
        assert len(board.screen.snapshot.strip.slots) == 72
        await board.pilot.resize_terminal(190, 30)
        await board.settled()
        assert len(board.screen.snapshot.strip.slots) == 144
        await board.until(lambda: "365 D" in board.shown())
        assert board.shown().count("100%") >= 5, "uptimes for which there is room now"


async def test_a_step_that_failed_does_not_keep_the_next(winding: Winding) -> None:
    async with winding() as board:
        health = board.workspace.health
        step, health.step = health.step, AsyncMock(side_effect=WorkspaceError("It is locked."))
        await board.press(BACK)
        assert title(board) == "Health 2"
        health.step = step
        await board.press(BACK)
        assert shown_at(board) == "11:00"


async def test_moves_made_for_a_past_that_was_left_change_nothing() -> None:
    moves, asked = Moves(), asyncio.Queue[asyncio.Future[Any]]()

    async def step(_begin: datetime, /, *, back: bool) -> datetime | None:
        assert back
        found = asyncio.get_running_loop().create_future()
        await asked.put(found)
        return await found

    assert moves.note(-1)
    first = asyncio.create_task(moves.make(step, NOON))
    left = await asked.get()
    moves.stay()
    assert moves.note(-1), "somebody has to make it"
    second = asyncio.create_task(moves.make(step, NOON))
    found = await asked.get()
    left.set_result(NOON - 9 * MINUTE)
    await first
    assert moves.at is None
    found.set_result(NOON - MINUTE)
    await second
    assert moves.at == NOON - MINUTE


async def test_a_move_that_fails_takes_those_behind_it_away() -> None:
    moves = Moves()
    moves.note(-1)
    moves.note(-1)
    with pytest.raises(WorkspaceError):
        await moves.make(AsyncMock(side_effect=WorkspaceError("gone")), NOON)
    assert moves.note(-1)
