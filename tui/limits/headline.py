"""The line above the gauges: how many are in each state, and how long the month lasts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.usage.period import period_of
from tui import text
from tui.inventory.headline import counted, headline
from tui.theme import GAUGES, Glyphs
from tui.widgets.cells import Cell, Span

if TYPE_CHECKING:
    from datetime import datetime

    from engine.limits.results import LimitsHeadline


def headline_cell(found: LimitsHeadline, width: int, now: datetime, glyphs: Glyphs) -> Cell:
    """Return the counts by state and the time left; the time goes first where it is narrow."""
    end = period_of(now).end
    left = text.seconds((end - now).total_seconds())
    right = (Span(f"{now:%B} ends in {left}, {end:%b} {end.day} 00:00 UTC ", "muted"),)
    return headline(counted(GAUGES, found.states, glyphs.gauge), right, width)
