"""Days or minutes as bars side by side, a limit drawn across them where there is one: pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from tui.widgets.cells import Cell, Span, joined
from tui.widgets.sparkline import block, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui.theme import Glyphs, Tone


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """What is drawn.

    Attributes:
        values: One a bar, oldest first; None is still to come.
        limit: What each bar is held against; 0 for nothing.
        lit: The number of the bar that stands out: today's, this minute's; -1 for none.
    """

    values: Sequence[float | None]
    limit: float = 0.0
    lit: int = -1

    @property
    def top(self) -> float:
        """What the upper edge stands for."""
        return max(self.limit, *(value or 0.0 for value in self.values), 0.0) or 1.0


def bars(chart: Bars, width: int, height: int, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return `height` lines, the topmost first; each bar as wide as there is room for."""
    if width < 1 or not chart.values:
        return ()
    drawing = _Drawing(chart, width, height, glyphs)
    return tuple(joined(list(drawing.line(level))) for level in reversed(range(height)))


def bar_width(count: int, width: int) -> int:
    """Return the cells of each bar; 0 where several must share one."""
    return width // count if count else 0


def row_of(value: float, top: float, rows: int) -> int:
    """Return the line that a value reaches, 0 the lowest."""
    return max(0, min(rows - 1, ceil(value / top * rows - 1e-9) - 1))


class _Drawing:
    """Bars at one size: how wide each is, and on which line the limit runs."""

    def __init__(self, chart: Bars, width: int, height: int, glyphs: Glyphs) -> None:
        size = bar_width(len(chart.values), width)
        self._chart = chart
        self._height = height
        self._glyphs = glyphs
        self._values = chart.values if size else squeeze(chart.values, width)
        self._lit = chart.lit if size else -1
        # Bars of two cells and more stand apart.
        self._body, self._apart = (size - 1, 1) if size > 1 else (1, 0)
        self._limit = row_of(chart.limit, chart.top, height) if chart.limit else -1

    def line(self, level: int) -> Iterator[Span]:
        """Yield one line."""
        across = self._glyphs.dash if level == self._limit else " "
        for place, value in enumerate(self._values):
            yield self._bar(level, value, across, lit=place == self._lit)
            yield Span(across * self._apart, "failing")

    def _bar(self, level: int, value: float | None, across: str, *, lit: bool) -> Span:
        # What was used at all is seen.
        share = (value or 0.0) / self._chart.top * self._height * 8
        eighths = (max(1, round(share)) if share > 0 else 0) - level * 8
        if eighths > 0:
            drawn = block(min(8, eighths), self._glyphs)
            return Span(drawn * self._body, self._tone(value or 0.0, lit=lit))
        if level == 0 and across == " ":
            return Span(self._glyphs.gap * self._body, "muted")
        return Span(across * self._body, "failing")

    def _tone(self, value: float, *, lit: bool) -> Tone:
        if self._chart.limit and value >= self._chart.limit:
            return "failing"
        return "strong" if lit else "accent"
