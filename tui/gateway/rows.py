"""From templates to cells of the list: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import text
from tui.theme import outcome_look
from tui.widgets.cells import Cell, Span, cell, fit, status_cell
from tui.widgets.columns import Column
from tui.widgets.row_source import Row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.gateway.results import TemplateSummary
    from tui.theme import Glyphs

KIND = "template"

COLUMNS = (
    Column(name="state", title="", width=1),
    Column(name="name", title="NAME", width=18, grow=3, sort="name"),
    Column(name="where", title="WHERE", width=13, grow=1),
    Column(name="dialect", title="DIALECT", width=8, drop=3),
    Column(name="params", title="PARAMS", width=6, right=True, drop=2),
    Column(name="version", title="VER", width=4, right=True),
    Column(name="runs", title="RUNS", width=6, right=True, sort="runs"),
    Column(name="last", title=" LAST RUN", width=20, sort="last_run"),
    Column(name="status", title="STATUS", width=7, sort="status"),
)
"""At least 92 cells; 76 never go, which fit into 80 columns."""

SORTS: Mapping[str, tuple[str, bool]] = {
    "name": ("Name", False),
    "last_run": ("Last run, newest first", True),
    "outcome": ("Outcome of the last run", False),
    "runs": ("Runs, most first", True),
    "status": ("Status", False),
    "created": ("Created, newest first", True),
}
"""What templates can be sorted by: the words of the menu, and whether it begins descending."""

AGE = 7
"""Cells of an age: `12 min`."""


def template_row(item: TemplateSummary, anchor: object, now: datetime, glyphs: Glyphs) -> Row:
    """Return a template as a row; `anchor` is its page key."""
    cells = (
        state_cell(item, glyphs),
        cell(item.name),
        cell(item.gateway, "muted"),
        cell(item.dialect, "muted"),
        (Span(text.number(item.parameters), "plain" if item.parameters else "muted"),),
        (Span(f"v{item.version}", "muted"),),
        (Span(text.short(item.runs), "plain" if item.runs else "muted"),),
        (Span(" "), *last_cell(item.last_outcome, item.last_run_at, now, glyphs)),
        _status(item),
    )
    return Row(key=item.id, cells=cells, anchor=anchor, record=item, muted=item.status == "retired")


def state_cell(item: TemplateSummary, glyphs: Glyphs) -> Cell:
    """Return the glyph of the last run; of what cannot be run, that it can't."""
    if item.status == "retired":
        return (Span(glyphs.status("retired"), "muted"),)
    if item.problem:
        return (Span(glyphs.lamp("failing"), "failing"),)
    found = outcome_look(item.last_outcome)
    return (Span(glyphs.outcome(item.last_outcome), found.tone),)


def last_cell(outcome: str | None, at: datetime | None, now: datetime, glyphs: Glyphs) -> Cell:
    """Return how long ago it ran and what came of it: `12 min ● ok`, `○ never run`."""
    found = outcome_look(outcome)
    state = Span(f"{glyphs.outcome(outcome)} {found.word}", found.tone)
    if at is None:
        return (state,)
    return (*fit((Span(text.age(at, now)),), AGE), state)


def _status(item: TemplateSummary) -> Cell:
    if item.problem and item.status != "retired":
        return (Span("blocked", "failing"),)
    return status_cell(item.status)
