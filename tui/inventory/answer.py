"""A check's answer as lines: state, words, what to do, and the time of each stage. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui import text
from tui.health.story import LABEL, advice_lines, fact
from tui.theme import look
from tui.widgets.cells import Cell, Span, cell, fit
from tui.widgets.waterfall import steps, waterfall

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tui.theme import Glyphs


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a check came to, whatever was checked.

    Attributes:
        state: What the lamp shows.
        message: One sentence for people.
        remedy: What to do about it.
        error: The cause as a code of its own; None when there is nothing wrong.
        code: What is shown of the cause beside the state: `HTTP 401`, `auth_failed`.
        stage: How far it came.
        stages: Each stage with `name`, `ms` and `ok`.
        latency_ms: Milliseconds; None when nothing was sent.
        checked_at: When it ended.
        cached: Whether the last answer was returned instead of a new one.
        facts: What the other side said of itself, by name.
    """

    state: str
    message: str | None = None
    remedy: str | None = None
    error: str | None = None
    code: str = ""
    stage: str | None = None
    stages: tuple[Mapping[str, Any], ...] = ()
    latency_ms: float | None = None
    checked_at: datetime | None = None
    cached: bool = False
    facts: tuple[tuple[str, str], ...] = ()


def answer_lines(answer: Answer, width: int, glyphs: Glyphs) -> list[Cell]:
    """Return a check's answer: state, words, what to do, the time of each stage."""
    lines = [
        _head(answer, width, glyphs),
        *advice_lines(answer.message, answer.remedy, width, glyphs),
        *_facts(answer, width),
    ]
    return [*lines, *waterfall(steps(answer.stages), width, glyphs)]


def _facts(answer: Answer, width: int) -> list[Cell]:
    facts = [(text.clean(name), value) for name, value in answer.facts]
    longest = max((text.width(name) + 1 for name, _ in facts), default=0)
    label = min(max(LABEL, longest), width // 2)
    return [fact(name, cell(value), width, label=label) for name, value in facts]


def _head(answer: Answer, width: int, glyphs: Glyphs) -> Cell:
    found = look(answer.state)
    facts = [text.clean(answer.code)] if answer.code else []
    if answer.latency_ms is not None:
        facts.append(text.latency(answer.latency_ms))
    # Where there are stages, the waterfall marks the one that failed.
    if answer.stage and answer.state == "failing" and not answer.stages:
        facts.append(f"at {text.clean(answer.stage)}")
    if answer.cached:
        facts.append("cached")
    state = Span(f"{glyphs.lamp(answer.state)} {found.word}", found.tone)
    return fit((state, Span(f"  {'  '.join(facts)}", "muted")), width)
