"""The stages of a check as a waterfall: a line each, begun where the one before ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui import text
from tui.widgets.cells import Cell, Span, cell, fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.theme import Glyphs, Tone

NAME, TIME = 10, 8
"""Least cells of a stage's name, and the cells of its time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One stage of a check: what it did, how long it took, whether it went well."""

    name: str
    milliseconds: float
    ok: bool


def steps(stages: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Return the stages of a check; one that took no measured time counts as 0 ms.

    Args:
        stages: Each with `name`, `ms` and `ok`.
    """
    return tuple(
        Step(
            name=text.clean(str(stage.get("name", ""))),
            milliseconds=float(stage.get("ms") or 0),
            ok=bool(stage.get("ok", True)),
        )
        for stage in stages
    )


def waterfall(stages: Sequence[Step], width: int, glyphs: Glyphs) -> list[Cell]:
    """Return a line a stage; nothing where there is no room for bars."""
    named = max((text.width(_name(stage, glyphs)) + 1 for stage in stages), default=NAME)
    named = min(max(NAME, named), width // 2)
    room = width - named - TIME - 2
    if room < 4:  # noqa: PLR2004 - a bar of fewer cells says nothing
        return []
    total = sum(stage.milliseconds for stage in stages)
    lines: list[Cell] = []
    before = 0.0
    for stage in stages:
        start = min(room - 1, int(room * before / total)) if total else 0
        before += stage.milliseconds
        end = max(start + 1, round(room * before / total)) if total else start + 1
        lines.append(_line(stage, named, (start, end), glyphs))
    return lines


def _line(stage: Step, named: int, bar: tuple[int, int], glyphs: Glyphs) -> Cell:
    start, end = bar
    tone: Tone = "accent" if stage.ok else "failing"
    return (
        *fit(cell(_name(stage, glyphs), "muted" if stage.ok else "failing"), named),
        *fit(cell(text.latency(stage.milliseconds), "plain"), TIME, right=True),
        Span("  " + " " * start),
        Span(glyphs.full * (end - start), tone),
    )


def _name(stage: Step, glyphs: Glyphs) -> str:
    return stage.name if stage.ok else f"{glyphs.lamp('failing')} {stage.name}"
