"""What the list of limits holds: a gauge, or all that a provider, model or agent used. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.limits.results import GaugeResult
    from engine.usage.results import UsageTotal

GAUGES: Final = "gauges"

GROUPS: Final[Mapping[str, str]] = {
    GAUGES: "Gauges, what runs out first",
    "tenant": "Tenants",
    "provider": "Providers",
    "model": "Models",
    "agent": "Agents",
    "integration": "Integrations",
}
"""What the list can show: gauges, or this month's usage summed up by one of the scopes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row: a gauge, or a sum of usage.

    Attributes:
        id: `scope:subject`, for a gauge with `:measure` behind it; what other places send here.
        status: The gauge's state; empty for a sum.
        share: Of all sums, 0 to 1.
    """

    id: str
    tenant_id: str
    scope: str
    subject: str
    name: str
    status: str = ""
    gauge: GaugeResult | None = None
    total: UsageTotal | None = None
    share: float = 0.0


def gauge_entry(gauge: GaugeResult) -> Entry:
    """Return a gauge as an entry."""
    return Entry(
        id=f"{gauge.scope}:{gauge.subject}:{gauge.measure}",
        tenant_id=gauge.tenant_id,
        scope=gauge.scope,
        subject=gauge.subject,
        name=gauge.name,
        status=gauge.state,
        gauge=gauge,
    )


def total_entry(total: UsageTotal, scope: str, tenant_id: str, *, share: float = 0.0) -> Entry:
    """Return a sum as an entry; a tenant's own sum is that tenant's."""
    return Entry(
        id=f"{scope}:{total.key}",
        tenant_id=total.key if scope == "tenant" else tenant_id,
        scope=scope,
        subject=total.key,
        name=total.name or total.key or "(none)",
        total=total,
        share=share,
    )
