from __future__ import annotations

import pytest

from tui.theme import ASCII, HEALTH, look
from tui.widgets.cells import Span, between, cell, cell_text, cell_width, fit, wrap
from tui.widgets.columns import Column, place
from tui.widgets.sparkline import plot, sparkline, squeeze


@pytest.mark.parametrize("value", ["", "short", "exactly ten", "漢字漢字漢字漢字", "a\u0301bc"])
@pytest.mark.parametrize("width", [1, 4, 10, 11, 30])
def test_fit_is_always_as_wide_as_asked(value: str, width: int) -> None:
    assert cell_width(fit(cell(value), width)) == width
    assert cell_width(fit((Span("ab"), *cell(value)), width, right=True)) == width


def test_a_cell_is_clean_and_never_empty() -> None:
    assert cell_text(cell("a\x1b[31mb")) == "ab"
    assert cell(None) == (Span("-", "muted"),)


def test_padding_is_cut_without_a_mark() -> None:
    padded = (Span("ab"), Span("      "))
    assert cell_text(fit(padded, 4)) == "ab  "


def test_wrap_keeps_every_word_or_says_that_it_did_not() -> None:
    words = "one two three four five"
    assert " ".join(cell_text(line) for line in wrap(words, 9)) == words
    assert cell_text(wrap(words, 9, most=2)[-1]).endswith("…")
    assert all(cell_width(line) <= 5 for line in wrap("x" * 23, 5))


def test_between_gives_the_right_part_its_room() -> None:
    line = between(cell("a long left side"), cell("right"), 12)
    assert cell_width(line) == 12
    assert cell_text(line).endswith("right")


COLUMNS = (
    Column(name="a", title="A", width=1),
    Column(name="b", title="B", width=10, grow=2),
    Column(name="c", title="C", width=8, grow=1, drop=1),
    Column(name="d", title="D", width=8, drop=2),
)


@pytest.mark.parametrize(("width", "shown"), [(200, "abcd"), (30, "abcd"), (29, "abc"), (20, "ab")])
def test_columns_go_in_their_order_and_share_what_is_left(width: int, shown: str) -> None:
    placed = place(COLUMNS, width)
    assert "".join(one.column.name for one in placed) == shown
    assert placed[-1].x + placed[-1].width <= max(width, 12)


def test_every_state_differs_without_colour() -> None:
    assert len({one.glyph for one in HEALTH.values()}) == 4
    assert len({one.ascii for one in HEALTH.values()}) == 4
    assert all(one.ascii.isascii() for one in HEALTH.values())
    assert look("no such state").word == "unknown"


def test_sparkline() -> None:
    assert cell_text(sparkline([0, 50, 100], 10)) == "▁▅█"
    assert cell_text(sparkline([None, 100], 10)) == "·█"
    assert cell_text(sparkline([], 10)) == ""
    assert cell_text(sparkline([5, 5], 10, ASCII)).isascii()
    assert squeeze([1, None, None, 4], 2) == (1, 4)


def test_plot_fills_its_box() -> None:
    lines = plot([100, 50, None], 10, 4)
    assert [cell_text(line) for line in lines] == ["█  ", "█  ", "██ ", "██·"]
