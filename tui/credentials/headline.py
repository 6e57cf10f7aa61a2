"""The line above the credentials: how many are in each state, and what expires next. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.credentials.rows import expiry_words
from tui.inventory.headline import counted, headline
from tui.theme import REFERENCES, Glyphs
from tui.widgets.cells import Cell, Span

if TYPE_CHECKING:
    from datetime import datetime

    from engine.credentials.results import CredentialsHeadline


def headline_cell(found: CredentialsHeadline, width: int, now: datetime, glyphs: Glyphs) -> Cell:
    """Return the counts by state, and the next expiry where there is room for it."""
    right: Cell = ()
    if found.next_expiry is not None:
        right = (Span(f"next expires {expiry_words(found.next_expiry, now)} ", "muted"),)
    return headline(counted(REFERENCES, found.counts, glyphs.reference), right, width)
