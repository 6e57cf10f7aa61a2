"""Winding the health screen back: what keys do, what is shown, what does not disturb it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

from tests.tui.health.conftest import turn
from tui.app import BoardApp

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.tui.inventory.driver import Board

    Winding = Callable[..., AbstractAsyncContextManager[Board[Any, None]]]

BACK, ON = "left_square_bracket", "right_square_bracket"


def title(board: Board[Any, None]) -> str:
    return str(board.screen.query_one("#lamps").border_title)


def lamps(board: Board[Any, None]) -> dict[str, str]:
    groups = board.screen.snapshot.groups
    return {row.lamp.name: row.lamp.state for group in groups for row in group.rows}


def hints(board: Board[Any, None]) -> set[str]:
    return {hint.word for hint in board.screen._hints()}


async def test_brackets_step_through_the_changes(winding: Winding) -> None:
    async with winding() as board:
        board.screen.notify = said = Mock()
        assert title(board) == "Health 2"
        told = []
        for _ in range(6):
            await board.press(BACK)
            told.append((title(board).rpartition(" at ")[2], *lamps(board).values()))
        assert told == [
            ("11:00:00 UTC", "degraded", "healthy"),
            ("10:40:00 UTC", "healthy", "healthy"),
            ("10:20:00 UTC", "failing", "healthy"),
            ("10:01:00 UTC", "healthy", "healthy"),
            ("10:00:00 UTC", "unknown", "healthy"),
            ("10:00:00 UTC", "unknown", "healthy"),
        ]
        assert said.call_args.args == ("Nothing changed before that.",)
        await board.press(ON, ON)
        assert lamps(board) == {"gpt": "failing", "tts": "healthy"}
        await board.press(ON, ON, ON)
        assert title(board) == "Health 2"


async def test_keys_that_come_fast_are_all_made(winding: Winding) -> None:
    async with winding() as board:
        await board.pilot.press(BACK, BACK, BACK)
        await board.settled()
        assert "10:20:00" in title(board)


async def test_hours_and_days_are_passed_by_other_brackets(winding: Winding) -> None:
    async with winding() as board:
        await board.press("left_curly_bracket")
        assert "as it was at 11:00:00 UTC" in title(board)
        await board.press("left_parenthesis")
        assert "as it was at Mar 13 11:00:00 UTC" in title(board)
        assert "There was no lamp yet" in board.shown()
        await board.press("right_parenthesis", "right_curly_bracket")
        assert title(board) == "Health 2"


async def test_the_day_is_shown_with_where_one_stands(winding: Winding) -> None:
    async with winding() as board:
        assert not board.screen.query_one("#day").display
        await board.press(BACK, BACK, BACK)
        day = board.screen.query_one("#day")
        assert day.display
        assert str(day.border_title) == "Saturday, Mar 14"
        assert str(day.border_subtitle) == "10:15-10:30  ✖ 1 failing"
        lamps_, hours = ("".join(span.text for span in line) for line in day.lines)
        assert lamps_.strip("· ") == "○○○○●✖✖●▲▲▲▲▲"
        assert hours.index("▴") == lamps_.index("✖")


async def test_a_click_on_the_day_goes_there(winding: Winding) -> None:
    async with winding() as board:
        await board.press(BACK)
        await board.pilot.click("#day", offset=(1 + 1 + 10 * 4 + 2, 1))
        await board.settled()
        assert "as it was at 10:44:59 UTC" in title(board)


async def test_what_happens_meanwhile_disturbs_nothing(winding: Winding) -> None:
    async with winding() as board:
        await board.press(BACK, BACK, BACK)
        before = board.screen.snapshot
        await turn(board.workspace, "tts", "11:59", "failing")
        app = board.app
        assert isinstance(app, BoardApp)
        await app.pulse.look()
        await board.settled()
        assert board.screen.snapshot is before
        await board.press("escape")
        assert lamps(board) == {"tts": "failing", "gpt": "healthy"}
        assert title(board) == "Health 2"


async def test_nothing_is_tested_in_the_past(winding: Winding) -> None:
    async with winding() as board:
        assert {"test", "test all", "look back"} <= hints(board)
        assert "now" not in hints(board)
        await board.press(BACK)
        assert {"look back", "on", "now"} <= hints(board)
        assert not {"test", "test all"} & hints(board)
        await board.press("t", "T")
        assert "Checking" not in board.shown()


async def test_the_story_is_that_of_the_time(winding: Winding) -> None:
    async with winding() as board:
        await board.press(BACK, BACK, BACK, "g", "down")
        await board.until(lambda: "changes" in board.shown())
        shown = board.shown()
        assert "since 10:20 (0 s)" in shown
        assert "50.0% 24 h" in shown, "of two checks up to then"
        assert "365 d" in shown
        assert "10:40" not in shown, "what came later"


async def test_in_little_room_escape_leads_from_the_story_to_the_past_to_now(
    winding: Winding,
) -> None:
    async with winding(size=(80, 24)) as board:
        await board.press(BACK, BACK, BACK, "down", "enter")
        assert board.screen.has_class("-story")
        assert not board.screen.query_one("#day").display
        await board.press("escape")
        assert "as it was" in title(board)
        assert board.screen.query_one("#day").display
        await board.press("escape")
        assert title(board) == "Health 2"


async def test_a_filter_narrows_steps_by_what_lasts(winding: Winding) -> None:
    async with winding() as board:
        await board.press("slash")
        await board.write("name:tts")
        await board.press("enter", BACK, BACK)
        assert "as it was at 10:01:00 UTC" in title(board)
        assert list(lamps(board)) == ["tts"]


async def test_another_tenant_is_shown_as_it_is(winding: Winding) -> None:
    async with winding() as board:
        await board.workspace.tenants.ensure("zeta")
        await board.press(BACK)
        app = board.app
        assert isinstance(app, BoardApp)
        app.show_tenant("zeta")
        await board.settled()
        assert board.screen.snapshot.at is None


async def test_the_longest_uptimes_stand_where_there_is_room(winding: Winding) -> None:
    async with winding(size=(190, 30)) as board:
        await board.until(lambda: "66.7%" in board.shown())
        assert "365 D" in board.shown()


async def test_the_worst_stays_on_top_while_one_winds(winding: Winding) -> None:
    async with winding() as board:
        table = board.screen.query_one("#lamps")
        for keys in ((BACK, BACK), (BACK,), ("left_curly_bracket",), ("escape",)):
            await board.press(*keys)
            first = next(group.state for group in board.screen.snapshot.groups if group.total)
            assert table.cursor_row.key == f"group:{first}", "no row was chosen"
        await board.press("j", BACK)
        assert table.cursor_row.record.name == "tts", "this one was"
