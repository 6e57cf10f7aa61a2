"""From sources to cells of the list, and from their statistics to its head: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.health.model import Lamp
from tui import text
from tui.health.rows import health_cell, latency_cell
from tui.inventory.statistics import Statistics
from tui.widgets.cells import cell, lamp_cell, status_cell
from tui.widgets.columns import Column
from tui.widgets.row_source import Row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.sources.results import DataSourceStats, SourceSummary
    from tui.theme import Glyphs

KIND = "source"

COLUMNS = (
    Column(name="lamp", title="", width=1),
    Column(name="name", title="NAME", width=14, grow=3, sort="name"),
    Column(name="type", title="TYPE", width=8, sort="type", drop=4),
    Column(name="technology", title="TECHNOLOGY", width=10, grow=1, sort="technology", drop=1),
    Column(name="status", title="STATUS", width=11, sort="status"),
    Column(name="health", title="HEALTH", width=13, grow=1, sort="health"),
    Column(name="latency", title="LATENCY", width=8, right=True, sort="latency"),
    Column(name="connected", title="CONNECTED", width=9, right=True, sort="connected"),
    Column(name="tags", title="TAGS", width=12, grow=2, drop=2),
    Column(name="owner", title="OWNER", width=10, grow=1, sort="owner", drop=3),
)
"""105 cells: all of it in 120 columns, above the pane; 73 without type, tags and owner in 80."""

SORTS: Mapping[str, tuple[str, bool]] = {
    "name": ("Name", False),
    "type": ("Type", False),
    "technology": ("Technology", False),
    "status": ("Status", False),
    "health": ("Health, worst first", False),
    "latency": ("Latency, slowest first", True),
    "connected": ("Last connected, latest first", True),
    "checked": ("Last check, latest first", True),
    "owner": ("Owner", False),
    "created": ("Created, newest first", True),
}
"""What the list can be sorted by: the words of the menu, and whether it begins descending."""

AT_REST = frozenset({"inactive", "deprecated"})
"""Statuses of sources that stand back in the list."""


def source_row(item: SourceSummary, anchor: object, now: datetime, glyphs: Glyphs) -> Row:
    """Return a source as a row; `anchor` is its page key."""
    cells = (
        lamp_cell(item.health_state, glyphs),
        cell(item.name),
        cell(item.source_type, "muted"),
        cell(item.technology, "muted"),
        status_cell(item.status),
        health_cell(item.health_state, item.health_error),
        latency_cell(item.latency_ms),
        cell(text.age(item.last_connected, now), "muted"),
        cell(" ".join(item.tags), "muted"),
        cell(item.owner_id, "muted"),
    )
    muted = item.status in AT_REST
    return Row(key=item.id, cells=cells, anchor=anchor, record=item, muted=muted)


def lamp_of(item: SourceSummary, tenant_id: str) -> Lamp:
    """Return what the list knows of a source as its lamp, until its story is here."""
    return Lamp(
        number=0,
        kind=KIND,
        id=item.id,
        tenant_id=tenant_id,
        name=item.name,
        technology=item.technology or item.source_type,
        active=item.active,
        interval_s=0,
        state=item.health_state,
        error=item.health_error,
        message=item.health_message,
        latency_ms=item.latency_ms,
        checked_at=item.checked_at,
    )


def statistics_of(stats: DataSourceStats) -> Statistics:
    """Return the facade's statistics as what stands above the list."""
    return Statistics(
        noun=KIND,
        total=stats.total_sources,
        by_status={
            "active": stats.active_sources,
            "error": stats.error_sources,
            "pending": stats.pending_sources,
            "inactive": stats.inactive_sources,
        },
        by_type=stats.sources_by_type,
        passes=stats.total_connections,
        failures=stats.total_errors,
    )
