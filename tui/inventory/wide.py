"""A story that stands in two columns where there is room: facts, and what checks came to. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.health.story import last_check_lines, state_lines
from tui.inventory.story import history_lines, test_lines
from tui.widgets.cells import Cell, Span, fit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from tui.inventory.story import DetailT, ItemT, Known
    from tui.theme import Glyphs

TWO = 90
"""Cells from which the story stands in two columns."""


def wide_lines(  # noqa: PLR0913 - what a pane has at hand when it draws
    known: Known[ItemT, DetailT],
    facts: Callable[[int], Sequence[Cell]],
    width: int,
    now: datetime,
    glyphs: Glyphs,
    *,
    plot_height: int = 1,
) -> tuple[Cell, ...]:
    """Return the story: state and facts, then what its checks came to; side by side if wide.

    `facts(width)` are the lines that only this kind of thing has.
    """
    if width < TWO:
        inner = max(10, width - 2)
        left = [*test_lines(known, inner, now, glyphs), *_state(known, inner, now, glyphs)]
        lines = [*left, *facts(inner), *_checks(known, inner, now, glyphs, 1)]
        return tuple((Span(" "), *line) for line in lines)
    half = (width - 4) // 2
    left = [*_state(known, half, now, glyphs), *facts(half)]
    right = [
        *test_lines(known, half, now, glyphs),
        *_checks(known, half, now, glyphs, plot_height),
    ]
    return tuple(beside(left, right, half))


def _state(known: Known[ItemT, DetailT], width: int, now: datetime, glyphs: Glyphs) -> list[Cell]:
    # A test's answer has just said why and what to do.
    most = 1 if known.test is not None else None
    return [*state_lines(known.latest, width, now, glyphs)[:most], ()]


def _checks(
    known: Known[ItemT, DetailT], width: int, now: datetime, glyphs: Glyphs, plot_height: int
) -> list[Cell]:
    """Return the stages of the last check, then history; a test's answer has its own stages."""
    if known.story is None:
        return []
    last = last_check_lines(known.story, width, now, glyphs) if known.test is None else []
    return [*last, *history_lines(known.story, width, now, glyphs, plot_height)]


def beside(left: Sequence[Cell], right: Sequence[Cell], half: int) -> Iterator[Cell]:
    """Yield two columns of lines side by side, each `half` cells wide."""
    right = right[1:] if right and not right[0] else right
    for number in range(max(len(left), len(right))):
        one = left[number] if number < len(left) else ()
        other = right[number] if number < len(right) else ()
        yield (Span(" "), *fit(one, half), Span("  "), *other)
