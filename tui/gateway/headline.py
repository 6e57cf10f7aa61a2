"""The line above the templates: how many there are, and how many of the last runs went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui.inventory.headline import headline
from tui.theme import outcome_look
from tui.widgets.cells import Cell, Span

if TYPE_CHECKING:
    from engine.gateway.results import TemplatesHeadline
    from tui.theme import Glyphs

TOLD: Final = ("alarm", "failed", "refused", "truncated")
"""Outcomes of last runs that the headline tells."""


def headline_cell(found: TemplatesHeadline, width: int, glyphs: Glyphs) -> Cell:
    """Return the counts on one line, alarms first among the outcomes. Pure."""
    active = found.templates - found.retired
    left = (
        Span(f" {glyphs.status('active')} {active:,} in use", "plain"),
        Span(f"   {glyphs.status('retired')} {found.retired:,} retired", "muted"),
    )
    return headline(left, _outcomes(found, glyphs), width)


def _outcomes(found: TemplatesHeadline, glyphs: Glyphs) -> Cell:
    spans: list[Span] = []
    for outcome in TOLD:
        count = found.outcomes.get(outcome, 0)
        if count:
            look = outcome_look(outcome)
            word = look.word if count == 1 or outcome != "alarm" else "alarms"
            spans.append(Span(f"{glyphs.outcome(outcome)} {count:,} {word}   ", look.tone))
    return (Span("last runs   ", "muted"), *spans) if spans else ()
