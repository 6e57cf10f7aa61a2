"""A month's use against its limit: what was used, and the fan of what may come. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from tui import text
from tui.widgets.cells import Cell, Span, fit, joined
from tui.widgets.daybars import row_of
from tui.widgets.sparkline import block

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui.theme import Glyphs, Tone

HEADROOM = 1.1
"""The limit's line stays off the upper edge."""

HIGHEST = 1.5
"""Times the limit or what is used; a forecast beyond it is cut off, it would flatten the rest."""

AXIS = 2
"""Lines below the plot: the axis, and the days on it."""

LEAST = 12
"""Cells below which nothing can be seen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Burndown:
    """What is drawn, in any one unit.

    Attributes:
        used: What was used up to the end of each day so far, the first day's first; the last
            is today's, up to now.
        days: Days of the month.
        now: Days since the month began.
        limit: 0 for none.
        levels: Warning levels in per cent of the limit.
        expected: What the month comes to; None where nobody knows. `low` and `high` are the
            ends of its range.
        out: When it runs out, in days since the month began; None when it lasts.
    """

    used: Sequence[float]
    days: int
    now: float
    limit: float = 0.0
    levels: Sequence[float] = ()
    expected: float | None = None
    low: float = 0.0
    high: float = 0.0
    out: float | None = None

    @property
    def total(self) -> float:
        """What was used so far."""
        return self.used[-1] if self.used else 0.0

    @property
    def top(self) -> float:
        """What the upper edge stands for."""
        # A correction may have taken most of it back: the peak before it is drawn, too.
        base = max(self.limit, *self.used, 0.0) * HEADROOM
        coming = 0.0 if self.expected is None else max(self.high, self.expected) * 1.04
        most = max(self.limit, self.total) * HIGHEST if self.limit or self.total else coming
        return max(base, min(coming, most)) or 1.0

    def used_at(self, day: float) -> float:
        """Return what was used up to a moment before now, as if each day were even."""
        whole = min(int(day), len(self.used) - 1)
        before = self.used[whole - 1] if whole > 0 else 0.0
        # Today is over now, not at midnight.
        length = self.now - whole if whole == len(self.used) - 1 else 1.0
        share = min(1.0, (day - whole) / length) if length > 0 else 1.0
        return before + (self.used[whole] - before) * share

    def coming(self, day: float) -> tuple[float, float, float]:
        """Return low, expected and high at a moment after now; a range grows by the root."""
        expected = self.total if self.expected is None else self.expected
        left = max(self.days - self.now, 1e-9)
        share = min(1.0, max(0.0, (day - self.now) / left))
        middle = self.total + (expected - self.total) * share
        wide = sqrt(share)
        # What was used does not come back.
        low = max(self.total, middle - (expected - self.low) * wide)
        return low, middle, middle + (self.high - expected) * wide


def burndown(
    chart: Burndown,
    width: int,
    height: int,
    glyphs: Glyphs,
    amount: Callable[[float], str],
) -> tuple[Cell, ...]:
    """Return the plot, its axis and its days; `height` lines in all, none where there is no room.

    Args:
        chart: What is drawn.
        width: Cells of a line.
        height: Lines, those of the axis among them.
        glyphs: What it is drawn with.
        amount: How the unit is written, in a few cells.
    """
    rows = height - AXIS
    names = _names(chart, rows, amount)
    gutter = max((text.width(name) for name, _ in names.values()), default=0) + 1
    room = width - gutter - 1
    if rows < 1 or room < LEAST or not chart.days:
        return ()
    plot = _Plot(chart, room, rows, glyphs)
    lines = [
        (*_label(names.get(level), gutter), Span(_edge(glyphs), "muted"), *plot.line(level))
        for level in reversed(range(rows))
    ]
    blank = Span(" " * gutter)
    return (
        *lines,
        (blank, *_axis(chart, room, glyphs)),
        (blank, Span(" "), *_days(chart, room, glyphs)),
    )


def _names(
    chart: Burndown, rows: int, amount: Callable[[float], str]
) -> Mapping[int, tuple[str, Tone]]:
    """Return what stands beside which line: nothing, warning levels, and the limit over them."""
    named: dict[int, tuple[str, Tone]] = {0: (amount(0), "muted")}
    if not chart.limit:
        return named | {rows - 1: (amount(chart.top), "muted")}
    for level in chart.levels:
        row = row_of(chart.limit * level / 100, chart.top, rows)
        if level < 100 and row > 0:  # noqa: PLR2004 - the hundred of per cent
            named[row] = (f"{text.percent(level)}", "muted")
    named[row_of(chart.limit, chart.top, rows)] = (amount(chart.limit), "failing")
    return named


def _label(named: tuple[str, Tone] | None, gutter: int) -> Cell:
    name, tone = named or ("", "muted")
    return (*fit((Span(name, tone),), gutter - 1, right=True), Span(" "))


def _edge(glyphs: Glyphs) -> str:
    return "|" if glyphs.ascii else "│"


class _Plot:
    """One drawing: which cells are used, which may be, and where the limit runs."""

    def __init__(self, chart: Burndown, width: int, rows: int, glyphs: Glyphs) -> None:
        self._chart = chart
        self._rows = rows
        self._glyphs = glyphs
        self._top = chart.top
        self._limit = row_of(chart.limit, self._top, rows) if chart.limit else -1
        self._moments = [(place + 0.5) * chart.days / width for place in range(width)]

    def line(self, level: int) -> Cell:
        """Return one line."""
        return joined([self._cell(level, day) for day in self._moments])

    def _cell(self, level: int, day: float) -> Span:
        drawn = self._past(level, day) if day <= self._chart.now else self._future(level, day)
        if drawn is not None:
            return drawn
        return Span(self._glyphs.dash, "failing") if level == self._limit else Span(" ")

    def _past(self, level: int, day: float) -> Span | None:
        chart = self._chart
        value = chart.used_at(day) if chart.used else 0.0
        eighths = round(value / self._top * self._rows * 8) - level * 8
        if eighths <= 0:
            return None
        over = chart.limit and value > chart.limit and level >= self._limit
        return Span(block(min(8, eighths), self._glyphs), "failing" if over else "accent")

    def _future(self, level: int, day: float) -> Span | None:
        chart = self._chart
        if chart.expected is None:
            return None
        low, middle, high = (value / self._top * self._rows for value in chart.coming(day))
        if level <= middle < level + 1:
            return Span(self._glyphs.held, self._ahead(level))
        if low < level + 1 and high > level:
            return Span(self._glyphs.shade, self._ahead(level))
        return None

    def _ahead(self, level: int) -> Tone:
        return "failing" if 0 <= self._limit <= level else "muted"


def _axis(chart: Burndown, width: int, glyphs: Glyphs) -> Cell:
    """Return the axis, now marked on it."""
    corner = "+" if glyphs.ascii else "└"
    now = min(width - 1, int(chart.now * width / chart.days))
    return (
        Span(corner + glyphs.rule * now, "muted"),
        Span(glyphs.now, "strong"),
        Span(glyphs.rule * (width - 1 - now), "muted"),
    )


def _days(chart: Burndown, width: int, glyphs: Glyphs) -> Cell:
    """Return days below the axis: the one on which it runs out, today's, each week's first."""
    marks: list[tuple[int, str, Tone]] = []
    if chart.out is not None and chart.out < chart.days:
        day = int(chart.out)
        marks.append((day, f"{glyphs.gauge('over')} {day + 1}", "failing"))
    today = min(int(chart.now), chart.days - 1)
    marks.append((today, str(today + 1), "strong"))
    marks += [(day, str(day + 1), "muted") for day in (*range(0, 22, 7), chart.days - 1)]
    return _placed(marks, chart.days, width)


def _placed(marks: Sequence[tuple[int, str, Tone]], days: int, width: int) -> Cell:
    """Return the marks on one line, the first ones first where there is no room for all."""
    taken: dict[int, tuple[str, Tone]] = {}
    free = [True] * width
    for day, words, tone in (mark for mark in marks if mark[0] < days):
        size = text.width(words)
        start = max(0, min(width - size, int((day + 0.5) * width / days)))
        before, after = max(0, start - 1), min(width, start + size + 1)
        if size <= width and all(free[before:after]):
            free[start : start + size] = [False] * size
            taken[start] = (words, tone)
    spans: list[Span] = []
    at = 0
    for start, (words, tone) in sorted(taken.items()):
        spans += [Span(" " * (start - at)), Span(words, tone)]
        at = start + text.width(words)
    return tuple(spans)
