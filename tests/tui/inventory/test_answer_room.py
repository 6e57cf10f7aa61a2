"""A form at 80x24: a long answer and the buttons are all in sight, the fields scroll."""

from __future__ import annotations

from typing import Any

import pytest

from engine.fields import FieldSpec
from tests.tui.board import board
from tui.inventory.form import DraftForm
from tui.widgets.cells import Span
from tui.widgets.form import Section


class Wide(DraftForm[Any]):
    """More fields than there is room for."""

    NOUN = "thing"

    def first_sections(self) -> tuple[Section, ...]:
        fields = tuple(FieldSpec(name=f"f{n}", label=f"Field {n}") for n in range(20))
        return (Section(title="", fields=fields),)


@pytest.mark.parametrize(("lines", "size"), [(12, (80, 24)), (3, (80, 24)), (12, (120, 40))])
async def test_an_answer_is_shown_whole_beside_some_fields(
    lines: int, size: tuple[int, int]
) -> None:
    async with board(size=size) as driver:
        form = Wide(driver.app.desk)
        await driver.app.push_screen(form)
        form.answer(lambda _: tuple((Span(f"said {n};"),) for n in range(lines)))
        await driver.settled()
        assert [n for n in range(lines) if f"said {n};" not in driver.text] == []
        assert "Field 0 " in driver.text
        assert "Save" in driver.text
