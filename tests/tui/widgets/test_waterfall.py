from __future__ import annotations

from tui.theme import ASCII, UNICODE
from tui.widgets.cells import cell_text, cell_width
from tui.widgets.waterfall import Step, waterfall


def test_a_stage_begins_where_the_one_before_ended() -> None:
    lines = waterfall(
        (
            Step(name="connect", milliseconds=50, ok=True),
            Step(name="body", milliseconds=50, ok=False),
        ),
        40,
        UNICODE,
    )
    first, second = (cell_text(line) for line in lines)
    assert first.rindex("━") < second.index("━")
    assert "✖ body" in second
    assert all(cell_width(line) <= 40 for line in lines)


def test_stages_without_time_still_show() -> None:
    assert len(waterfall((Step(name="a", milliseconds=0, ok=True),), 40, ASCII)) == 1
    assert waterfall((), 40, ASCII) == []
