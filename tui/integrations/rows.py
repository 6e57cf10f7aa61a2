"""From integrations to cells of the list: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.health.model import Lamp
from tui import text
from tui.health.rows import age_cell, health_cell, latency_cell
from tui.widgets.cells import Cell, Span, cell, lamp_cell, status_cell
from tui.widgets.columns import Column
from tui.widgets.meter import bar, gauge_tone
from tui.widgets.row_source import Row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.integrations.results import IntegrationSummaryResult
    from engine.limits.results import GaugeResult
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


BAR = 4
"""Cells of a gauge's bar; its percentage takes five."""


def integration_row(
    item: IntegrationSummaryResult,
    anchor: object,
    now: datetime,
    glyphs: Glyphs,
    gauges: Sequence[GaugeResult] = (),
) -> Row:
    """Return an integration as a row; `anchor` is its page key, `gauges` its usage."""
    cells = (
        lamp_cell(item.health_state, glyphs),
        cell(item.name),
        cell(PROVIDERS.get(item.provider_type, item.provider_type), "muted"),
        status_cell(item.status),
        health_cell(item.health_state, item.error),
        latency_cell(item.latency_ms),
        gauge_cell(gauges, glyphs) or limits_cell(item),
        age_cell(item.checked_at, now),
    )
    disabled = item.status == "disabled"
    return Row(key=item.id, cells=cells, anchor=anchor, record=item, muted=disabled)


def has_limit(item: IntegrationSummaryResult) -> bool:
    """Return whether it has a limit at all."""
    return bool(item.budget_limit_cents or item.token_limit_month or item.rate_limit_rpm)


def gauge_cell(gauges: Sequence[GaugeResult], glyphs: Glyphs) -> Cell:
    """Return the gauge that runs out first as a bar with its percentage: `━━━─  82%`.

    Nothing where none was measured: its limits are shown instead, which says nothing of use.
    """
    measured = [gauge for gauge in gauges if gauge.limit and gauge.percent is not None]
    if not measured:
        return ()
    first = min(measured, key=lambda gauge: (gauge.urgency, gauge.measure))
    tone, percent = gauge_tone(first), first.percent or 0.0
    # Four cells have no room for warning levels: the tone says which is passed.
    return (*bar(percent, BAR, tone, glyphs), Span(f" {text.percent(percent):>4}", tone))


def limits_cell(item: IntegrationSummaryResult) -> Cell:
    """Return budget and rate in a few cells, tokens where neither is set: `$500 60/m`."""
    parts: list[str] = []
    if item.budget_limit_cents:
        parts.append(f"${text.short(item.budget_limit_cents / 100)}")
    if item.rate_limit_rpm:
        parts.append(f"{text.short(item.rate_limit_rpm)}/m")
    if not parts and item.token_limit_month:
        parts.append(f"{text.short(item.token_limit_month)} tok")
    return cell(" ".join(parts), "muted")


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
