"""The line above the incidents: how many wait, how many are seen to, since when. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import text
from tui.inventory.headline import headline
from tui.theme import INCIDENTS
from tui.widgets.cells import Cell, Span

if TYPE_CHECKING:
    from datetime import datetime

    from engine.incidents.model import IncidentHeadline
    from tui.theme import Glyphs

GAP = Span("   ")


def headline_cell(found: IncidentHeadline, width: int, now: datetime, glyphs: Glyphs) -> Cell:
    """Return how many incidents are open by severity, how many are quiet, and the oldest's age."""
    spans: list[Span] = [Span(" ")]
    for severity, count in (("critical", found.critical), ("warning", found.warning)):
        look = INCIDENTS[severity]
        glyph = look.ascii if glyphs.ascii else look.glyph
        spans += [Span(f"{glyph} {count:,} {look.word}", look.tone if count else "muted"), GAP]
    for word, count in (("acknowledged", found.acknowledged), ("silenced", found.silenced)):
        spans += [Span(f"{count:,} {word}", "plain" if count else "muted"), GAP]
    if not found.open:
        spans = [Span(f" {glyphs.lamp('healthy')} nothing waits", "healthy"), GAP, *spans[5:]]
    right: Cell = ()
    if found.since is not None:
        right = (Span(f"the oldest {text.age(found.since, now)} ", "muted"),)
    return headline(tuple(spans), right, width)
