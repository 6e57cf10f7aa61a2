"""From records and policies to cells of the list: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import text
from tui.widgets.cells import Cell, Span, cell
from tui.widgets.columns import Column
from tui.widgets.meter import bar
from tui.widgets.row_source import Row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.prevention.results import PolicyGraduation, PreventionRecord
    from tui.prevention.entries import Entry
    from tui.theme import Glyphs

KIND = "record"
BAR = 12
DIGEST = 12
"""Cells of a digest in a list: enough to tell two apart."""

COLUMNS = (
    Column(name="number", title="#", width=7, right=True, sort="number"),
    Column(name="at", title="WHEN", width=13),
    Column(name="policy", title="POLICY", width=18, grow=2, sort="policy"),
    Column(name="pattern", title="PATTERN", width=16, grow=2, drop=3),
    Column(name="confidence", title="MATCH", width=6, right=True),
    Column(name="kind", title="KIND", width=9),
    Column(name="blocked", title="BLOCKED", width=14, grow=1, drop=1),
    Column(name="digest", title="DIGEST", width=DIGEST, drop=2),
)

SORTS: Mapping[str, tuple[str, bool]] = {
    "number": ("Number, newest first", True),
    "policy": ("Policy", False),
}
"""What records can be sorted by: the words of the menu, and whether it begins descending."""

POLICY_COLUMNS = (
    Column(name="state", title="", width=1),
    Column(name="name", title="POLICY", width=20, grow=2, sort="name"),
    Column(name="mode", title="MODE", width=9),
    Column(name="since", title="ACTIVE SINCE", width=13),
    Column(name="counts", title="COUNTS", width=12, right=True, sort="counting"),
    Column(name="bar", title="", width=BAR, drop=3),
    Column(name="simulated", title="SIMULATED", width=9, right=True, drop=2),
    Column(name="before", title="BEFORE", width=7, right=True, drop=2),
    Column(name="last", title="LAST", width=7, right=True, drop=1),
)

POLICY_SORTS: Mapping[str, tuple[str, bool]] = {
    "name": ("Name", False),
    "counting": ("Records that count, most first", True),
}


def record_row(
    entry: Entry, record: PreventionRecord, anchor: object, now: datetime, *, broken: bool
) -> Row:
    """Return a record as a row; `broken` marks the first that does not hold."""
    cells = (
        (Span(text.number(record.seq), "failing" if broken else "strong"),),
        cell(text.moment(record.created_at, now), "muted"),
        cell(record.policy_id),
        cell(record.pattern_id, "muted"),
        (Span(f"{record.signature_match_confidence:.2f}"),),
        kind_cell(record),
        cell(record.blocked_incident_id, "muted"),
        (Span(record.digest[:DIGEST], "failing" if broken else "muted"),),
    )
    return Row(key=entry.id, cells=cells, anchor=anchor, record=entry, muted=record.is_simulated)


def kind_cell(record: PreventionRecord) -> Cell:
    """Return whether it happened or was simulated."""
    return (Span("simulated", "muted"),) if record.is_simulated else (Span("real"),)


def policy_row(
    entry: Entry, policy: PolicyGraduation, anchor: object, now: datetime, glyphs: Glyphs
) -> Row:
    """Return a policy as a row."""
    counts = f"{policy.counting:,} of {policy.needed:,}"
    percent = 100 * policy.counting / policy.needed if policy.needed else 100.0
    cells = (
        state_cell(policy, glyphs),
        cell(entry.name),
        cell(
            "not set" if policy.mode == "unknown" else policy.mode,
            "plain" if policy.mode == "active" else "muted",
        ),
        cell(text.moment(policy.activated_at, now), "muted"),
        (Span(counts, "healthy" if policy.graduated else "plain"),),
        bar(percent, BAR, "healthy" if policy.graduated else "accent", glyphs),
        (Span(text.number(policy.simulated), "muted"),),
        (Span(text.number(policy.before), "muted"),),
        cell(text.age(policy.last_at, now), "muted"),
    )
    return Row(
        key=entry.id, cells=cells, anchor=anchor, record=entry, muted=policy.mode != "active"
    )


def state_cell(policy: PolicyGraduation, glyphs: Glyphs) -> Cell:
    """Return whether a policy has graduated, is on its way, or does not count at all."""
    if policy.graduated:
        return (Span(glyphs.lamp("healthy"), "healthy"),)
    active = policy.mode == "active" and policy.activated_at is not None
    return (Span(glyphs.status("pending" if active else "inactive"), "muted"),)
