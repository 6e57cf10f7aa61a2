"""Saying why in two keystrokes, or in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.app import App

from engine.incidents.facade import MAX_NOTE
from engine.incidents.model import REASONS
from tui.incidents.saying import SayDialog, acknowledging, noting
from tui.widgets.editor import LinesEditor
from tui.widgets.inputs import TextInput

if TYPE_CHECKING:
    from textual.pilot import Pilot


class Asking(App[str]):
    def __init__(self, dialog: SayDialog) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers: list[str | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)


async def answers(dialog: SayDialog, *keys: str) -> list[str | None]:
    app = Asking(dialog)
    async with app.run_test() as pilot:
        await _press(pilot, keys)
    return app.answers


async def _press(pilot: Pilot[str], keys: tuple[str, ...]) -> None:
    await pilot.press(*keys)
    await pilot.pause()


@pytest.mark.parametrize("place", range(len(REASONS)))
async def test_a_digit_says_what_is_offered(place: int) -> None:
    assert await answers(acknowledging("x"), str(place + 1)) == [REASONS[place]]


async def test_words_are_said_as_they_are_typed_digits_in_them_too() -> None:
    found = await answers(acknowledging("x"), *("v", "1", "space", "2"), "enter")
    assert found == ["v1 2"]


async def test_a_digit_that_offers_nothing_is_typed() -> None:
    assert await answers(acknowledging("x"), "9", "enter") == ["9"]


async def test_nothing_said_is_asked_again_and_esc_leaves() -> None:
    app = Asking(SayDialog("x", "A note."))
    async with app.run_test() as pilot:
        await _press(pilot, ("enter",))
        assert app.answers == []
        assert isinstance(app.focused, TextInput)
        await _press(pilot, ("escape",))
    assert app.answers == [None]


async def test_a_note_has_lines_and_is_kept_while_it_is_too_long() -> None:
    app = Asking(noting("x"))
    async with app.run_test() as pilot:
        await _press(pilot, ("ctrl+s",))
        assert app.answers == []
        editor = app.screen.query_one(LinesEditor)
        editor.text = "x" * (MAX_NOTE + 1)
        await _press(pilot, ("ctrl+s",))
        assert app.answers == []
        editor.text = ""
        await _press(pilot, ("a", "enter", "1", "ctrl+s"))
    assert app.answers == ["a\n1"]
