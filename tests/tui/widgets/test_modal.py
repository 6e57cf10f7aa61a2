from __future__ import annotations

import pytest
from textual.app import App
from textual.screen import Screen

from tui.help import HelpScreen
from tui.theme import UNICODE
from tui.widgets.dialogs import Choose, Confirm


class _Place(Screen[None]):
    pass


@pytest.mark.parametrize("keys", ["enter enter", "enter escape", "escape escape", "q enter enter"])
async def test_keys_that_come_too_late_take_nothing_else_away(keys: str) -> None:
    """They are on their way already when the first of them is answered."""
    answers: list[str | None] = []
    app: App[None] = App()
    async with app.run_test() as pilot:
        place = _Place()
        await app.push_screen(place)
        dialog = Choose("Show", [("a", "A"), ("b", "B")])
        await app.push_screen(dialog, answers.append)
        await pilot.pause()
        first, *others = keys.split()
        # Twice at once, as the bytes of two keys come in one piece.
        with app.batch_update():
            await pilot.press(first)
            for _ in others:
                dialog.dismiss("late")
        await pilot.press(*others)
        await pilot.pause()
        assert app.screen is place
        assert answers == ["a" if first == "enter" else None]


async def test_who_ends_below_another_takes_it_along() -> None:
    answers: list[str | None] = []
    app: App[None] = App()
    async with app.run_test() as pilot:
        below = Choose("Show", [("a", "A")])
        await app.push_screen(below, answers.append)
        await app.push_screen(Confirm("Sure?", "Really?", yes="Yes"))
        below.dismiss("a")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert answers == ["a"]


async def test_help_closes_once() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        place = _Place()
        await app.push_screen(place)
        shown = HelpScreen(place, UNICODE)
        await app.push_screen(shown)
        shown.dismiss()
        shown.dismiss()
        await pilot.pause()
        assert app.screen is place
