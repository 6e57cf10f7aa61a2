"""From a gauge and its meter's story to the lines that tell it: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.inventory.wide import TWO, beside
from tui.limits.charts import day_lines, hour_lines, month_lines
from tui.limits.facts import gauge_lines, head_lines
from tui.limits.shares import level_lines, total_lines, user_lines
from tui.widgets.cells import Cell, Span, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.limits.told import Told


def told_lines(told: Told, width: int, height: int, *, full: bool) -> tuple[Cell, ...]:
    """Return the story; in two columns where there is room, and all of it where it is `full`.

    Args:
        told: What is known.
        width: Cells of a line.
        height: Lines in sight.
        full: Whether it has the whole screen and can be scrolled.
    """
    if width < TWO:
        inner = max(10, width - 2)
        return tuple((Span(" "), *fit(line, inner)) for line in _column(told, inner))
    half = (width - 4) // 2
    left = [*first_lines(told, half), *apart(gauge_lines(told, half))]
    if not full:
        return tuple(beside(left, chart_lines(told, half, max(5, height - 1)), half))
    below = more_lines(told, half)
    # As high as leaves the rest in sight.
    chart = chart_lines(told, half, max(9, height - 1 - len(below)))
    return tuple(beside([*left, *users(told, half)], [*chart, *below], half))


def _column(told: Told, width: int) -> list[Cell]:
    return [
        *first_lines(told, width),
        *apart(chart_lines(told, width, 11)),
        *apart(gauge_lines(told, width)),
        *more_lines(told, width),
        *users(told, width),
    ]


def apart(lines: Sequence[Cell]) -> list[Cell]:
    """Return lines with a blank one before them; nothing where there are none."""
    return [(), *lines] if lines else []


def first_lines(told: Told, width: int) -> list[Cell]:
    """Return what was used where a sum is told of, then the gauge."""
    total = told.entry.total
    head = head_lines(told, width)
    return head if total is None else [*total_lines(total, width), *apart(head)]


def chart_lines(told: Told, width: int, height: int) -> list[Cell]:
    """Return the month against its limit; of a rate the last hour."""
    if told.measure == "rate":
        return hour_lines(told, width, max(3, height - 2))
    return month_lines(told, width, height)


def more_lines(told: Told, width: int) -> list[Cell]:
    """Return each day, and the last hour where it is not drawn above."""
    hour = [] if told.measure == "rate" else hour_lines(told, width, 3)
    return [*apart(day_lines(told, width, 4)), *apart(hour)]


def users(told: Told, width: int) -> list[Cell]:
    """Return who used it, and which warning levels were reached."""
    story = told.story
    if story is None:
        return []
    lists = (
        ("models", story.models),
        ("agents", story.agents),
        ("integrations", story.integrations),
    )
    lines = [
        line for title, totals in lists for line in apart(user_lines(told, title, totals, width))
    ]
    return [*lines, (), *level_lines(story.transitions, width)]
