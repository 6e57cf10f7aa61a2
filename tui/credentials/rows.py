"""From references to cells of the list: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import text
from tui.theme import reference_look
from tui.widgets.cells import Cell, Span, cell
from tui.widgets.columns import Column
from tui.widgets.row_source import Row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.credentials.results import CredentialSummary
    from tui.credentials.entries import Entry
    from tui.theme import Glyphs

KIND = "credential"

COLUMNS = (
    Column(name="state", title="", width=1),
    Column(name="name", title="NAME", width=20, grow=2, sort="name"),
    Column(name="kind", title="KIND", width=9, sort="kind"),
    Column(name="word", title="STATE", width=10, sort="state"),
    Column(name="expiry", title="EXPIRES", width=17, sort="expiry"),
    Column(name="used", title="USED BY", width=7, right=True, sort="used"),
    Column(name="accessed", title="ASKED", width=6, right=True, sort="accessed", drop=2),
    Column(name="age", title="AGE", width=6, right=True, sort="age", drop=1),
)
"""76 cells without what goes first: all but when it was asked for in 80 columns."""

SORTS: Mapping[str, tuple[str, bool]] = {
    "state": ("State, worst first", False),
    "expiry": ("What expires first", False),
    "name": ("Name", False),
    "kind": ("Kind", False),
    "used": ("Used by, most first", True),
    "accessed": ("Asked for last", True),
    "age": ("Age, oldest first", False),
}
"""What references can be sorted by: the words of the menu, and whether it begins descending."""


def reference_row(entry: Entry, anchor: object, now: datetime, glyphs: Glyphs) -> Row:
    """Return a reference as a row; `anchor` is its page key."""
    told = entry.credential
    found = reference_look(told.state)
    cells = (
        (Span(glyphs.reference(told.state), found.tone),),
        cell(entry.name),
        cell(told.kind, "muted"),
        (Span(found.word, "muted" if told.state == "ok" else found.tone),),
        expiry_cell(told, now),
        (Span(text.number(told.used), "plain" if told.used else "muted"),),
        cell(text.age(told.accessed_at, now), "muted"),
        cell(text.age(told.updated_at or told.created_at, now), "muted"),
    )
    return Row(key=entry.id, cells=cells, anchor=anchor, record=entry)


def expiry_cell(told: CredentialSummary, now: datetime) -> Cell:
    """Return when a secret expires and how long that is: `Nov 30, 8 d`, `Nov 19, 2 d ago`."""
    at = told.expires_at
    if at is None:
        return cell(None)
    tone = reference_look(told.state).tone if told.state in {"expired", "expiring"} else "plain"
    return (Span(expiry_words(at, now).replace(", in ", ", "), tone),)


def expiry_words(at: datetime, now: datetime) -> str:
    """Return a moment and how far it is from now."""
    away = (at - now).total_seconds()
    left = f"in {text.seconds(away)}" if away > 0 else f"{text.seconds(-away)} ago"
    day = text.day(at, now) if at.year == now.year else f"{at:%Y-%m-%d}"
    return f"{day}, {left}"
