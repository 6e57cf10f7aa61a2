"""What a headless run of the demo found, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.demo.on_call import told
from engine.demo.trust import trust
from engine.health.rules import CONNECTOR, INTEGRATION, SOURCE
from engine.overall import overall_health
from engine.usage.results import UsageTotal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.tenants.facade import TenantSummary
    from engine.workspace import Workspace


KINDS = (INTEGRATION, SOURCE, CONNECTOR)
# The most that one reading gives; at the demo's interval that is 41 hours.
_MORE_THAN_A_RUN = 10_000


async def report(workspace: Workspace) -> dict[str, Any]:
    """Return tenants, the summary over all and by kind, each tenant's health, usage and trust."""
    tenants = await workspace.tenants.list_tenants()
    per_tenant = {
        tenant.id: (await workspace.checks.get_health_summary(tenant.id)).to_dict()
        for tenant in tenants
    }
    counts, ids = _summed(tenants), [tenant.id for tenant in tenants]
    return {
        "tenants": [tenant.to_dict() for tenant in tenants],
        "summary": {
            "counts": counts,
            "overall_health": overall_health(counts),
            "total": sum(counts.values()),
        },
        "kinds": {kind: dict(await workspace.health.counts(None, kind=kind)) for kind in KINDS},
        "checks": await _recorded(workspace),
        "per_tenant": per_tenant,
        "usage": await _usage(workspace, ids),
        "on_call": await told(workspace, ids),
        **await trust(workspace, ids),
    }


async def _usage(workspace: Workspace, tenant_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what each tenant used this month, with its gauges by state."""
    while await workspace.limits.reckon():
        pass
    used = {total.key: total for total in await workspace.limits.groups(None, "tenant")}
    told = {}
    for tenant_id in tenant_ids:
        headline = await workspace.limits.headline(tenant_id)
        total = used.get(tenant_id, UsageTotal(key=tenant_id))
        told[tenant_id] = {**total.to_dict(), "gauges": dict(headline.states)}
    return told


def _summed(tenants: Sequence[TenantSummary]) -> dict[str, int]:
    states = {state: 0 for tenant in tenants for state in tenant.counts}
    for tenant in tenants:
        for state, count in tenant.counts.items():
            states[state] += count
    return states


async def _recorded(workspace: Workspace) -> int:
    """Count what the database holds: only what was written down was a check."""
    total = 0
    for lamp in await workspace.health.lamps(None):
        checks = await workspace.health.history(
            lamp.tenant_id, lamp.kind, lamp.id, limit=_MORE_THAN_A_RUN
        )
        total += len(checks)
    return total
