from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.theme import ASCII, UNICODE, Glyphs
from tui.widgets.burndown import Burndown, burndown
from tui.widgets.cells import Cell, cell_text, cell_width
from tui.widgets.daybars import Bars, bars, row_of

CHART = Burndown(
    used=(10.0, 20.0, 30.0, 40.0, 50.0),
    days=10,
    now=4.9,
    limit=80.0,
    levels=(50.0, 80.0, 100.0),
    expected=100.0,
    low=90.0,
    high=110.0,
    out=8.0,
)


def drawn(
    chart: Burndown, width: int = 60, height: int = 12, glyphs: Glyphs = UNICODE
) -> list[Cell]:
    return list(burndown(chart, width, height, glyphs, lambda value: f"${value:.0f}"))


def shown(chart: Burndown, **size: int) -> str:
    return "\n".join(cell_text(line) for line in drawn(chart, **size))


def test_used_limit_range_and_days_are_drawn() -> None:
    said = shown(CHART)
    assert "█" in said
    assert "┄" in said
    assert "░" in said
    assert "╍" in said
    assert "─▴─" in said
    assert "✖ 9" in said
    named = [line.split("│")[0].strip() for line in said.splitlines() if "│" in line]
    assert [name for name in named if name] == ["$80", "80%", "50%", "$0"]
    assert named.index("80%") - named.index("$80") <= named.index("50%") - named.index("80%")


def test_nothing_is_said_of_what_nobody_knows() -> None:
    said = shown(replace(CHART, expected=None, out=None, limit=0.0))
    assert not set("░╍┄✖") & set(said)
    assert said.startswith("$55 │")


def test_beyond_the_limit_the_tone_changes() -> None:
    over = replace(CHART, limit=30.0, out=None)
    tones = {span.tone for line in drawn(over) for span in line if "█" in span.text}
    assert tones == {"accent", "failing"}


def test_the_peak_before_a_correction_is_in_the_picture() -> None:
    back = replace(CHART, used=(90.0, 95.0, 3.0), now=2.9, limit=0.0, expected=None, out=None)
    assert back.top > 95.0
    assert "█" in shown(back).splitlines()[1]


def test_the_range_grows_and_holds_what_is_expected() -> None:
    before = 0.0
    for day in (5.5, 6.0, 8.0, 10.0):
        low, middle, high = CHART.coming(day)
        assert low <= middle <= high
        assert high - low > before
        before = high - low
    assert CHART.coming(10.0) == pytest.approx((90.0, 100.0, 110.0))


@pytest.mark.parametrize(("width", "height"), [(5, 12), (60, 1), (60, 2), (0, 0)])
def test_without_room_nothing_is_drawn(width: int, height: int) -> None:
    assert drawn(CHART, width, height) == []


AMOUNT = st.floats(min_value=-1e15, max_value=1e18, allow_nan=False)


@given(
    used=st.lists(AMOUNT, max_size=31),
    limit=st.floats(min_value=0, max_value=1e18),
    expected=st.none() | AMOUNT,
    spread=st.floats(min_value=0, max_value=1e18),
    now=st.floats(min_value=0, max_value=31),
    width=st.integers(12, 130),
    height=st.integers(3, 20),
)
def test_any_month_is_as_large_as_asked(  # noqa: PLR0917 - one case
    used: list[float],
    limit: float,
    expected: float | None,
    spread: float,
    now: float,
    width: int,
    height: int,
) -> None:
    chart = Burndown(
        used=used,
        days=31,
        now=now,
        limit=limit,
        levels=(0.5, 80.0, 120.0),
        expected=expected,
        low=(expected or 0) - spread,
        high=(expected or 0) + spread,
        out=30.9,
    )
    for glyphs in (UNICODE, ASCII):
        lines = burndown(chart, width, height, glyphs, lambda _: "$1")
        assert len(lines) in {0, height}
        assert all(cell_width(line) <= width for line in lines)


# Days and minutes


def text(chart: Bars, width: int, height: int) -> list[str]:
    return [cell_text(line) for line in bars(chart, width, height, UNICODE)]


def test_bars_stand_apart_where_there_is_room_and_days_to_come_are_dots() -> None:
    assert text(Bars(values=[4, 8, 0, None]), 8, 2) == ["  █     ", "█ █ · · "]
    assert text(Bars(values=[4, 8, 0, None]), 5, 1) == ["▄█··"]


def test_more_bars_than_cells_share_them_by_their_most() -> None:
    assert text(Bars(values=[1, 8, 0, 4]), 2, 1) == ["█▄"]


def test_a_limit_runs_across_and_what_reaches_it_stands_out() -> None:
    chart = Bars(values=[2, 8, 16], limit=8)
    lines = bars(chart, 3, 2, UNICODE)
    assert [cell_text(line) for line in lines] == ["  █", "▂██"]
    assert {span.tone for line in lines for span in line if "█" in span.text} == {"failing"}


def test_a_little_is_seen_and_nothing_is_not() -> None:
    assert text(Bars(values=[0.001, 100, 0]), 3, 2) == [" █ ", "▁█·"]


@given(st.floats(0, 1e18), st.floats(1e-9, 1e18), st.integers(1, 30))
def test_a_row_is_always_there(value: float, top: float, rows: int) -> None:
    assert 0 <= row_of(value, top, rows) < rows
