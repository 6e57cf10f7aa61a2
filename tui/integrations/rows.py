"""From integrations to cells of the list: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.health.model import Lamp
from tui.health.rows import age_cell, health_cell, latency_cell
from tui.widgets.cells import Cell, cell, lamp_cell, status_cell
from tui.widgets.columns import Column
from tui.widgets.row_source import Row

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.integrations.results import IntegrationSummaryResult
    from tui.theme import Glyphs

KIND = "integration"

COLUMNS = (
    Column(name="lamp", title="", width=1),
    Column(name="name", title="NAME", width=15, grow=3, sort="name"),
    Column(name="provider", title="PROVIDER", width=9, grow=1, sort="provider", drop=2),
    Column(name="status", title="STATUS", width=8, sort="status"),
    Column(name="health", title="HEALTH", width=13, grow=1, sort="health"),
    Column(name="latency", title="LATENCY", width=8, right=True, sort="latency"),
    Column(name="limits", title="LIMITS", width=9, right=True, drop=1),
    Column(name="age", title="AGE", width=6, right=True, sort="checked"),
)
"""76 cells: all of it in 80 columns, and in 120 beside the pane."""

SORTS: Mapping[str, tuple[str, bool]] = {
    "name": ("Name", False),
    "provider": ("Provider", False),
    "status": ("Status", False),
    "health": ("Health, worst first", False),
    "latency": ("Latency, slowest first", True),
    "checked": ("Last check, latest first", True),
    "created": ("Created, newest first", True),
}
"""What the list can be sorted by: the words of the menu, and whether it begins descending."""

PROVIDERS: Mapping[str, str] = {"azure_openai": "azure"}
"""Providers whose name is too long for a column."""


def integration_row(
    item: IntegrationSummaryResult, anchor: object, now: datetime, glyphs: Glyphs
) -> Row:
    """Return an integration as a row; `anchor` is its page key."""
    cells = (
        lamp_cell(item.health_state, glyphs),
        cell(item.name),
        cell(PROVIDERS.get(item.provider_type, item.provider_type), "muted"),
        status_cell(item.status),
        health_cell(item.health_state, item.error),
        latency_cell(item.latency_ms),
        limits_cell(item),
        age_cell(item.checked_at, now),
    )
    disabled = item.status == "disabled"
    return Row(key=item.id, cells=cells, anchor=anchor, record=item, muted=disabled)


def limits_cell(item: IntegrationSummaryResult) -> Cell:
    """Return budget and rate in a few cells, tokens where neither is set: `$500 60/m`."""
    parts: list[str] = []
    if item.budget_limit_cents:
        parts.append(f"${short(item.budget_limit_cents / 100)}")
    if item.rate_limit_rpm:
        parts.append(f"{short(item.rate_limit_rpm)}/m")
    if not parts and item.token_limit_month:
        parts.append(f"{short(item.token_limit_month)} tok")
    return cell(" ".join(parts), "muted")


NO_DECIMAL = 10
"""From two digits on, a decimal says nothing more."""


def short(value: float) -> str:
    """Return a number in at most four characters and a unit: `500`, `1.2k`, `30M`."""
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            scaled = value / size
            digits = 0 if scaled >= NO_DECIMAL else 1
            return f"{scaled:.{digits}f}".removesuffix(".0") + unit
    return f"{value:.0f}" if value >= 1 or not value else "<1"


def lamp_of(item: IntegrationSummaryResult) -> Lamp:
    """Return what the list knows of an integration as its lamp, until its story is here."""
    return Lamp(
        number=0,
        kind=KIND,
        id=item.id,
        tenant_id=item.tenant_id,
        name=item.name,
        technology=item.provider_type,
        active=item.status != "disabled",
        interval_s=item.interval_s or 0,
        state=item.health_state,
        error=item.error,
        message=item.message,
        latency_ms=item.latency_ms,
        checked_at=item.checked_at,
        since=item.since,
    )
