"""A check's answer as lines: state, words, what to do, and the time of each stage. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui import text
from tui.health.story import advice_lines, fact
from tui.theme import look
from tui.widgets.cells import Cell, Span, cell, fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tui.theme import Glyphs, Tone


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
        *(fact(text.clean(name), cell(value), width) for name, value in answer.facts),
    ]
    return [*lines, *waterfall(steps(answer), width, glyphs)]


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One stage of a check: what it did, how long it took, whether it went well."""

    name: str
    milliseconds: float
    ok: bool


def steps(answer: Answer) -> tuple[Step, ...]:
    """Return the stages of an answer; one that took no measured time counts as 0 ms."""
    return tuple(
        Step(
            name=text.clean(str(stage.get("name", ""))),
            milliseconds=float(stage.get("ms") or 0),
            ok=bool(stage.get("ok", True)),
        )
        for stage in answer.stages
    )


NAME, TIME = 10, 8
"""Least cells of a stage's name, and the cells of its time, in the waterfall."""


def waterfall(stages: Sequence[Step], width: int, glyphs: Glyphs) -> list[Cell]:
    """Return a line a stage, its bar starting where the one before ended."""
    named = max((text.width(_name(stage, glyphs)) + 1 for stage in stages), default=NAME)
    named = min(max(NAME, named), width // 2)
    room = width - named - TIME - 2
    total = sum(stage.milliseconds for stage in stages)
    if room < 4 or not stages:  # noqa: PLR2004 - a bar of fewer cells says nothing
        return []
    lines: list[Cell] = []
    before = 0.0
    for stage in stages:
        start = min(room - 1, int(room * before / total)) if total else 0
        before += stage.milliseconds
        end = max(start + 1, round(room * before / total)) if total else start + 1
        tone: Tone = "accent" if stage.ok else "failing"
        lines.append(
            (
                *fit(cell(_name(stage, glyphs), "muted" if stage.ok else "failing"), named),
                *fit(cell(text.latency(stage.milliseconds), "plain"), TIME, right=True),
                Span("  " + " " * start),
                Span(glyphs.full * (end - start), tone),
            )
        )
    return lines


def _name(stage: Step, glyphs: Glyphs) -> str:
    return stage.name if stage.ok else f"{glyphs.lamp('failing')} {stage.name}"
