"""From incidents to cells of the list: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.incidents.model import ACKNOWLEDGED, CLOSED, OPEN, SILENCED
from tui import text
from tui.health.rows import reason
from tui.theme import incident_look
from tui.widgets.cells import Cell, Span, cell
from tui.widgets.columns import Column
from tui.widgets.row_source import Row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.incidents.model import Incident
    from tui.incidents.entries import Entry
    from tui.theme import Glyphs, Tone

COLUMNS: tuple[Column, ...] = (
    Column(name="severity", title="", width=1, sort="severity"),
    Column(name="number", title="#", width=5, right=True),
    Column(name="title", title="INCIDENT", width=22, grow=3, sort="title"),
    Column(name="why", title="WHY", width=13, grow=1, drop=2),
    Column(name="state", title="STATE", width=12),
    Column(name="assignee", title="WHOSE", width=8, grow=1, sort="assignee"),
    Column(name="opened", title="SINCE", width=7, right=True, sort="opened"),
)

PAST_COLUMNS: tuple[Column, ...] = (
    *COLUMNS[:4],
    Column(name="ended", title="ENDED", width=12),
    COLUMNS[5],
    Column(name="opened", title="OPENED", width=12, sort="opened"),
    Column(name="lasted", title="LASTED", width=7, right=True, drop=1),
)

SORTS: Mapping[str, tuple[str, bool]] = {
    "severity": ("Severity, worst first", False),
    "opened": ("Opened, newest first", True),
    "title": ("What it is about", False),
    "assignee": ("Whose it is", False),
}
"""What incidents can be sorted by: the words of the menu, and whether it begins descending."""

STATE_TONES: Mapping[str, Tone] = {
    OPEN: "strong",
    ACKNOWLEDGED: "accent",
    SILENCED: "muted",
    CLOSED: "muted",
}
QUIET = frozenset({ACKNOWLEDGED, SILENCED, CLOSED})
"""States in which an incident waits for nobody."""


def incident_row(entry: Entry, anchor: object, now: datetime, glyphs: Glyphs) -> Row:
    """Return an incident that is open as a row."""
    found = entry.incident
    cells = (
        *_what(found, glyphs),
        state_cell(found),
        _whose(found),
        (Span(text.age(found.opened_at, now), "muted"),),
    )
    return Row(key=entry.id, cells=cells, anchor=anchor, record=entry, muted=found.state in QUIET)


def past_row(entry: Entry, anchor: object, now: datetime, glyphs: Glyphs) -> Row:
    """Return an incident that is over as a row."""
    found = entry.incident
    cells = (
        *_what(found, glyphs),
        cell(found.closed_because or text.NOTHING, "muted"),
        _whose(found),
        (Span(text.moment(found.opened_at, now), "muted"),),
        (Span(lasted(found, now), "muted"),),
    )
    return Row(key=entry.id, cells=cells, anchor=anchor, record=entry)


def _what(found: Incident, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return how bad it is, which one, what it is about and why."""
    number: Cell = (Span(str(found.number), "muted"),)
    return severity_cell(found, glyphs), number, cell(found.title), why_cell(found)


def _whose(found: Incident) -> Cell:
    return cell(found.assignee or text.NOTHING, "plain" if found.assignee else "muted")


def severity_cell(found: Incident, glyphs: Glyphs) -> Cell:
    """Return the glyph of an incident: its severity's while it waits, quiet when seen to."""
    look = incident_look(found.severity)
    glyph = look.ascii if glyphs.ascii else look.glyph
    return (Span(glyph, "muted" if found.state in QUIET else look.tone),)


def why_cell(found: Incident) -> Cell:
    """Return in a word or two what was found."""
    word = reason("failing", found.error) if found.error else text.clean(found.cause)
    return cell(f"{word}, flapping" if found.flapping else word, "plain")


def state_cell(found: Incident) -> Cell:
    """Return where an incident is: waiting, seen to, kept quiet."""
    return (Span(found.state, STATE_TONES.get(found.state, "plain")),)


def lasted(found: Incident, now: datetime) -> str:
    """Return how long an incident was, or is, open."""
    return text.seconds(((found.closed_at or now) - found.opened_at).total_seconds())
