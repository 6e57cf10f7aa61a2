from __future__ import annotations

import pytest
from textual.app import App

from tui.widgets.cells import Span, cell_text
from tui.widgets.dialogs import Choose, Confirm, Report, paragraphs


@pytest.mark.parametrize(
    ("key", "answer"), [("y", True), ("n", False), ("escape", False), ("enter", False)]
)
async def test_what_is_dangerous_needs_a_clear_yes(key: str, answer: bool) -> None:
    app: App[None] = App()
    answers: list[bool | None] = []
    async with app.run_test() as pilot:
        question = Confirm("Delete gpt?", "It goes.", yes="Delete", danger=True)
        await app.push_screen(question, answers.append)
        await pilot.press(key)
        await pilot.pause()
    assert answers == [answer]


async def test_a_choice_begins_on_what_holds_now() -> None:
    app: App[None] = App()
    answers: list[str | None] = []
    async with app.run_test() as pilot:
        dialog = Choose("Sort", [("a", "A"), ("b", "B[red]\x1b"), ("c", "C")], current="b")
        await app.push_screen(dialog, answers.append)
        await pilot.press("j", "enter")
        await pilot.pause()
        await app.push_screen(Choose("Sort", [("a", "A")]), answers.append)
        await pilot.press("escape")
        await pilot.pause()
    assert answers == ["c", None]


async def test_a_report_is_as_high_as_what_it_says() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        report = Report("Tested", lambda _: tuple((Span(f"line {n}"),) for n in range(5)))
        await app.push_screen(report)
        await pilot.pause()
        assert report.query_one(".said").size.height == 6
        report.renew(lambda _: ((Span("one"),),))
        await pilot.pause()
        assert report.query_one(".said").size.height == 2


def test_paragraphs_stand_apart() -> None:
    assert [cell_text(line) for line in paragraphs(("a b", "", "c"), 20)] == ["a b", "", "c"]
