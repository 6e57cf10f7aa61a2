"""Latencies as a row of bars, one cell high, or as a small plot: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.theme import UNICODE, Glyphs
from tui.widgets.cells import Cell, Span, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.theme import Tone

EIGHTHS = " " + UNICODE.spark


def sparkline(
    values: Sequence[float | None], width: int, glyphs: Glyphs = UNICODE, tone: Tone = "accent"
) -> Cell:
    """Return the last values, oldest first, squeezed into `width` cells; None leaves a gap.

    The scale starts at 0, so that a steady latency is a flat line and not noise.
    """
    points = squeeze(values, width)
    top = max((value for value in points if value is not None), default=0.0)
    steps = glyphs.spark
    spans: list[Span] = []
    for value in points:
        if value is None:
            spans.append(Span(glyphs.gap, "muted"))
        else:
            step = round(value / top * (len(steps) - 1)) if top > 0 else 0
            spans.append(Span(steps[step], tone))
    return joined(spans)


def plot(
    values: Sequence[float | None], width: int, height: int, glyphs: Glyphs = UNICODE
) -> tuple[Cell, ...]:
    """Return a bar plot `height` lines high, the topmost first, scaled from 0 to the maximum."""
    points = squeeze(values, width)
    top = max((value for value in points if value is not None), default=0.0) or 1.0
    return tuple(
        _plot_line(points, top, level, height, glyphs) for level in reversed(range(height))
    )


def _plot_line(
    points: Sequence[float | None], top: float, level: int, height: int, glyphs: Glyphs
) -> Cell:
    spans: list[Span] = []
    for value in points:
        if value is None:
            spans.append(Span(glyphs.gap if level == 0 else " ", "failing"))
            continue
        eighths = max(1, round(value / top * height * 8)) - level * 8
        spans.append(Span(block(min(8, max(0, eighths)), glyphs), "accent"))
    return joined(spans)


def block(eighths: int, glyphs: Glyphs) -> str:
    """Return a cell that is filled from below by so many eighths."""
    if glyphs.ascii:
        return "#" if eighths >= 4 else ("." if eighths else " ")  # noqa: PLR2004 - half of eight
    return EIGHTHS[eighths]


def squeeze(values: Sequence[float | None], width: int) -> tuple[float | None, ...]:
    """Return at most `width` values: neighbours share a cell, which shows their maximum."""
    count = len(values)
    if count <= width:
        return tuple(values)
    if width <= 0:
        return ()
    groups = (values[cell * count // width : (cell + 1) * count // width] for cell in range(width))
    return tuple(
        max((value for value in group if value is not None), default=None) for group in groups
    )
