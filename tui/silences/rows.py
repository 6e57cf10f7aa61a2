"""From silences to cells of the list: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.filters import parse_filter
from engine.silences.model import ONCE
from engine.silences.words import when
from tui import text
from tui.silences.entries import ACTIVE, ENDED, PLANNED
from tui.widgets.cells import Cell, Span, cell
from tui.widgets.columns import Column
from tui.widgets.row_source import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from engine.silences.model import Silence
    from tui.inventory.listing import View
    from tui.silences.entries import SilenceEntry
    from tui.theme import Glyphs, Tone

COLUMNS: tuple[Column, ...] = (
    Column(name="state", title="", width=1),
    Column(name="name", title="QUIET", width=22, grow=3, sort="name"),
    Column(name="when", title="HOLDS", width=18, grow=2, drop=1),
    Column(name="moment", title="UNTIL / NEXT", width=20, sort="soonest"),
    Column(name="reason", title="REASON", width=16, grow=3),
    Column(name="by", title="BY", width=8, grow=1, sort="by", drop=2),
)

SORTS: Mapping[str, tuple[str, bool]] = {
    "soonest": ("What holds, then what is next", False),
    "name": ("What it is about", False),
    "by": ("Who added it", False),
}
"""What silences can be sorted by: the words of the menu, and whether it begins descending."""

GLYPHS: Mapping[str, str] = {ACTIVE: "healthy", PLANNED: "unknown", ENDED: "unknown"}
"""Lamps whose glyphs tell a silence that holds from one that does not."""

_KEYS: Mapping[str, Callable[[SilenceEntry], str]] = {
    "name": lambda entry: entry.name.casefold(),
    "by": lambda entry: entry.silence.created_by.casefold(),
}


def silence_row(entry: SilenceEntry, anchor: object, now: datetime, glyphs: Glyphs) -> Row:
    """Return a silence as a row; `anchor` is its page key."""
    found = entry.silence
    tone: Tone = "accent" if found.active else "muted"
    cells = (
        (Span(glyphs.lamp(GLYPHS[entry.status]), tone),),
        cell(entry.name, "strong" if found.active else "plain"),
        cell(when(found), "muted"),
        moment_cell(found, now),
        cell(found.reason),
        cell(found.created_by, "muted"),
    )
    return Row(key=entry.id, cells=cells, anchor=anchor, record=entry, muted=entry.status == ENDED)


def moment_cell(found: Silence, now: datetime) -> Cell:
    """Return until when it holds, or when it does next: `until 16:02, 2 h`, `Mar 15 01:00`."""
    if found.active:
        if found.until is None:
            return (Span("until it is ended", "plain"),)
        left = text.seconds((found.until - now).total_seconds())
        return (Span(f"until {text.moment(found.until, now)}, {left}", "plain"),)
    if found.next_at is not None:
        return (Span(f"next {text.moment(found.next_at, now)}", "muted"),)
    ended = found.ended_at or found.ends_at
    return (Span(f"ended {text.moment(ended, now)}" if ended else "over", "muted"),)


def chosen(entries: Iterable[SilenceEntry], view: View) -> list[SilenceEntry]:
    """Return the entries that a view has, in its order; as they come for the soonest."""
    found = [entry for entry in entries if matches(entry, view.query)]
    key = _KEYS.get(view.sort)
    if key is not None:
        return sorted(found, key=key, reverse=view.descending)
    return found[::-1] if view.descending else found


def matches(entry: SilenceEntry, query: str) -> bool:
    """Whether all words of a filter are in what the row says, and none that must not be."""
    found = entry.silence
    fields = {
        "state": entry.status,
        "name": entry.name,
        "reason": found.reason,
        "by": found.created_by,
        "tag": found.tag or "",
        "technology": found.technology or "",
        "kind": found.kind or "",
        "schedule": found.schedule,
    }
    everything = " ".join(fields.values()).casefold()
    for term in parse_filter(query):
        where = fields.get(term.field, "").casefold() if term.field else everything
        if (term.value.casefold() in where) == term.negated:
            return False
    return True


def comes_again(found: Silence) -> bool:
    """Whether a silence holds more than once."""
    return found.schedule != ONCE
