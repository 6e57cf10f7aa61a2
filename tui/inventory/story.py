"""From what is known of one thing to the lines of its story: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from tui import text
from tui.health.story import (
    change_lines,
    last_check_lines,
    latency_lines,
    state_lines,
    uptime_lines,
)
from tui.inventory.answer import answer_lines
from tui.widgets.cells import Cell, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from engine.health.model import Lamp, Story
    from tui.inventory.answer import Answer
    from tui.theme import Glyphs

ItemT = TypeVar("ItemT")
DetailT = TypeVar("DetailT")


@dataclass(frozen=True, kw_only=True, slots=True)
class Known(Generic[ItemT, DetailT]):
    """What a pane knows of one thing; what is not loaded yet is None."""

    item: ItemT
    lamp: Lamp
    detail: DetailT | None = None
    story: Story | None = None
    test: Answer | None = None
    testing: bool = False

    @property
    def latest(self) -> Lamp:
        """The lamp as last read: the story's, until it is here the list's."""
        return self.story.lamp if self.story is not None else self.lamp


def known_lines(  # noqa: PLR0913 - what a pane has at hand when it draws
    known: Known[ItemT, DetailT],
    facts: Callable[[int], Sequence[Cell]],
    width: int,
    now: datetime,
    glyphs: Glyphs,
    *,
    plot_height: int = 1,
) -> tuple[Cell, ...]:
    """Return the story: state, why, what to do; facts, history; a test's answer on top.

    `facts(width)` are the lines that only this kind of thing has.
    """
    inner = max(10, width - 2)
    lines = list(test_lines(known, inner, now, glyphs))
    # A test's answer has just said why and what to do.
    said = state_lines(known.latest, inner, now, glyphs)[: 1 if known.test is not None else None]
    lines += [*said, (), *facts(inner)]
    if known.story is not None:
        # A test's answer has its own stages.
        lines += last_check_lines(known.story, inner, now, glyphs) if known.test is None else []
        lines += history_lines(known.story, inner, now, glyphs, plot_height)
    return tuple((Span(" "), *line) for line in lines)


def history_lines(
    story: Story, width: int, now: datetime, glyphs: Glyphs, plot_height: int
) -> list[Cell]:
    """Return uptimes, latencies and changes of state."""
    lines = [(), *uptime_lines(story.uptime, width)]
    lines += latency_lines(story, width, glyphs, plot_height)
    return [*lines, (), *change_lines(story.transitions, width, now, glyphs)]


def test_lines(
    known: Known[ItemT, DetailT], width: int, now: datetime, glyphs: Glyphs
) -> list[Cell]:
    """Return the answer of a test made here, above the story; nothing where none was made."""
    if known.testing:
        return [(Span(f"{glyphs.gap} ", "accent"), Span("testing now", "strong")), ()]
    if known.test is None:
        return []
    made = text.age(known.test.checked_at, now)
    head = (Span("test ", "strong"), Span(f"{made} ago", "muted"))
    rule = (Span(glyphs.rule * width, "muted"),)
    return [head, *answer_lines(known.test, width, glyphs), rule]
