"""From connectors to cells of the list, and from their statistics to its head: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.connectors.model import ConnectorStatus
from engine.health.model import Lamp
from tui import text
from tui.health.rows import health_cell, latency_cell
from tui.inventory.statistics import Statistics
from tui.widgets.cells import cell, lamp_cell, status_cell
from tui.widgets.columns import Column
from tui.widgets.row_source import Row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.connectors.results import ConnectorInfo, ConnectorStats
    from tui.theme import Glyphs

KIND = "connector"

COLUMNS = (
    Column(name="lamp", title="", width=1),
    Column(name="name", title="NAME", width=15, grow=3, sort="name"),
    Column(name="type", title="TYPE", width=10, sort="type", drop=4),
    Column(name="technology", title="TECHNOLOGY", width=10, grow=1, sort="technology", drop=1),
    Column(name="status", title="STATUS", width=12, sort="status"),
    Column(name="health", title="HEALTH", width=13, grow=1, sort="health"),
    Column(name="latency", title="LATENCY", width=8, right=True, sort="latency"),
    Column(name="connected", title="CONNECTED", width=9, right=True, sort="connected"),
    Column(name="tags", title="TAGS", width=8, grow=2, drop=2),
    Column(name="owner", title="OWNER", width=8, grow=1, sort="owner", drop=3),
    Column(name="capabilities", title="CAN", width=9, grow=2, drop=5),
)
"""113 cells: all of it in 120 columns, above the pane; 73 without the last ones and type in 80."""

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

OUT_OF_USE = frozenset({"disconnected", "deprecated"})
"""Statuses of connectors that stand back in the list: nobody opens or checks them."""

COUNTED = (
    ConnectorStatus.CONNECTED,
    ConnectorStatus.ERROR,
    ConnectorStatus.READY,
    ConnectorStatus.REGISTERED,
    ConnectorStatus.CONFIGURING,
    ConnectorStatus.DISCONNECTED,
    ConnectorStatus.DEPRECATED,
)
ALWAYS = frozenset({ConnectorStatus.CONNECTED, ConnectorStatus.ERROR})
"""Statuses that are counted even where none has them."""


def connector_row(item: ConnectorInfo, anchor: object, now: datetime, glyphs: Glyphs) -> Row:
    """Return a connector as a row; `anchor` is its page key."""
    cells = (
        lamp_cell(item.health_state, glyphs),
        cell(item.name),
        cell(item.connector_type, "muted"),
        cell(item.technology, "muted"),
        status_cell(item.status),
        health_cell(item.health_state, item.health_error),
        latency_cell(item.latency_ms),
        cell(text.age(item.last_connected, now), "muted"),
        cell(" ".join(item.tags), "muted"),
        cell(item.owner_id, "muted"),
        cell(can_briefly(item.capabilities), "muted"),
    )
    muted = item.status in OUT_OF_USE
    return Row(key=item.id, cells=cells, anchor=anchor, record=item, muted=muted)


def can(capabilities: Sequence[str]) -> str:
    """Return capabilities as words for people: `read, write, vector search`."""
    return ", ".join(one.replace("_", " ") for one in capabilities)


BRIEF: Mapping[str, str] = {
    "read": "r",
    "write": "w",
    "query": "q",
    "transaction": "tx",
    "vector_search": "vec",
}
"""Capabilities in as few letters as people still read them by."""


def can_briefly(capabilities: Sequence[str]) -> str:
    """Return capabilities in a few cells: `r/w/q/tx`; a single one as its word."""
    if len(capabilities) == 1:
        return can(capabilities)
    return "/".join(BRIEF.get(one, one) for one in capabilities)


def lamp_of(item: ConnectorInfo) -> Lamp:
    """Return what the list knows of a connector as its lamp, until its story is here."""
    return Lamp(
        number=0,
        kind=KIND,
        id=item.id,
        tenant_id=item.tenant_id,
        name=item.name,
        technology=item.technology or item.connector_type,
        active=item.active,
        interval_s=item.interval_s or 0,
        state=item.health_state,
        error=item.health_error,
        message=item.health_message,
        remedy=item.health_remedy,
        stage=item.stage,
        latency_ms=item.latency_ms,
        checked_at=item.checked_at,
        since=item.since,
    )


def statistics_of(stats: ConnectorStats) -> Statistics:
    """Return the facade's statistics as what stands above the list."""
    counts = stats.connectors_by_status
    return Statistics(
        noun=KIND,
        total=stats.total_connectors,
        by_status={
            str(status): counts.get(status, 0)
            for status in COUNTED
            if status in ALWAYS or counts.get(status)
        },
        by_type=stats.connectors_by_type,
        passes=stats.total_connections,
        failures=stats.total_errors,
    )
