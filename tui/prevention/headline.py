"""The line above the ledger: its lamp, what was proved of it and when. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import text
from tui.inventory.headline import headline
from tui.theme import look
from tui.widgets.cells import Cell, Span

if TYPE_CHECKING:
    from datetime import datetime

    from engine.prevention.results import LedgerStatus
    from tui.theme import Glyphs

HEAD = 12


def headline_cell(found: LedgerStatus, width: int, now: datetime, glyphs: Glyphs) -> Cell:
    """Return the ledger's lamp and what its last verification said; the head where it fits."""
    shown = look(found.state)
    left: Cell = (
        Span(f" {glyphs.lamp(found.state)} ledger {shown.word}", shown.tone),
        Span("   "),
        *_said(found, now),
    )
    right: Cell = (Span(f"head {found.head[:HEAD]} ", "muted"),) if found.records else ()
    return headline(left, right, width)


def _said(found: LedgerStatus, now: datetime) -> Cell:
    last = found.verification
    if last is None:
        many = text.plural(found.records, "record")
        return (Span(f"{many}, never verified: v verifies", "muted"),)
    ago = text.age(last.at, now)
    if last.fault is not None:
        return (Span(text.clean(last.fault.message), "failing"), Span(f"  {ago} ago", "muted"))
    proved = f"{text.plural(last.verified, 'record')} proved {ago} ago"
    since = f", {found.unverified:,} since" if found.unverified else ""
    breaks = f", {text.plural(last.breaks, 'accepted fault')}" if last.breaks else ""
    return (Span(proved, "plain"), Span(since + breaks, "muted"))
