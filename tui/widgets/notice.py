"""What stands in place of a body that can't be shown: loading, empty, or an error. One widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.widgets.cells import Cell, Span, fit, wrap
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.theme import Tone

WIDTH = 64
"""Cells of the text block: a comfortable line, and it fits into 80 columns."""


class Notice(Lines):
    """A short text in the middle of the body: a title, a sentence or two, what to do."""

    DEFAULT_CSS = """
    Notice { height: 1fr; overflow: hidden; }
    """

    def say(self, glyph: str, title: str, *paragraphs: str, tone: Tone = "muted") -> None:
        """Show a title and paragraphs; the last one says what to do next."""
        height = max(1, self.size.height)
        self.show(lambda width: notice(glyph, title, paragraphs, (width, height), tone))


def notice(
    glyph: str, title: str, paragraphs: Sequence[str], size: tuple[int, int], tone: Tone
) -> tuple[Cell, ...]:
    """Return the lines of a notice, centred in `size` (width, height): pure."""
    width, height = size
    block = min(WIDTH, width - 4)
    lines: list[Cell] = [(Span(f"{glyph} ", tone), Span(title, "strong"))]
    for number, paragraph in enumerate(paragraphs, 1):
        tone_here: Tone = "plain" if number < len(paragraphs) or number == 1 else "muted"
        lines += [(), *wrap(paragraph, block, tone_here)] if paragraph else []
    above = max(0, (height - len(lines)) // 2 - 1)
    left = Span(" " * max(0, (width - block) // 2))
    return (*[()] * above, *((left, *fit(line, block)) for line in lines))


def stale(glyph: str, age: str, why: str) -> Cell:
    """Return the line above data that is old: how old, why, and what to do."""
    return (
        Span(f" {glyph} stale", "degraded"),
        Span(f"  data from {age} ago  ", "plain"),
        Span(why, "muted"),
        Span("  R", "accent"),
        Span(" tries again", "muted"),
    )
