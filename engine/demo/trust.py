"""What a headless run of the demo found of what must be trusted, as data."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.workspace import Workspace

# The most that one reading gives.
_ALL = 1_000
_OUTCOMES = ("ok", "truncated", "refused", "alarm", "failed")


async def trust(workspace: Workspace, tenant_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what templates, ledgers and credentials of these tenants came to.

    Returns:
        `gateway` (templates, runs, their `outcomes`, rows that they brought, alarms),
        `prevention` (records, those that are simulated, those that hold, faults, policies and how
        many of them graduated) and `credentials` (counts by state, those that expire soon).
    """
    return {
        "gateway": await _gateway(workspace, tenant_ids),
        "prevention": await _prevention(workspace, tenant_ids),
        "credentials": await _credentials(workspace, tenant_ids),
    }


async def _gateway(workspace: Workspace, tenant_ids: Sequence[str]) -> dict[str, Any]:
    outcomes = Counter(dict.fromkeys(_OUTCOMES, 0))
    templates = rows = 0
    for tenant_id in tenant_ids:
        items, _ = await workspace.gateway.page_templates(tenant_id, limit=_ALL)
        templates += len(items)
        for item in items:
            for run in await workspace.gateway.runs(tenant_id, item.id, limit=_ALL):
                outcomes[run.outcome] += 1
                rows += run.rows or 0
    return {
        "templates": templates,
        "runs": outcomes.total(),
        "outcomes": dict(outcomes),
        "rows": rows,
        "alarms": outcomes["alarm"],
    }


async def _prevention(workspace: Workspace, tenant_ids: Sequence[str]) -> dict[str, Any]:
    """Prove the ledgers, so that what is told of them holds now."""
    found = Counter[str]()
    for tenant_id in tenant_ids:
        proof = await workspace.prevention.verify(tenant_id)
        found.update(records=proof.total, verified=proof.verified, faults=int(not proof.ok))
        for policy in await workspace.prevention.graduation(tenant_id):
            found.update(simulated=policy.simulated, policies=1, graduated=int(policy.graduated))
    names = ("records", "simulated", "verified", "faults", "policies", "graduated")
    return {name: found[name] for name in names}


async def _credentials(workspace: Workspace, tenant_ids: Sequence[str]) -> dict[str, Any]:
    counts = Counter[str]()
    for tenant_id in tenant_ids:
        counts.update((await workspace.credentials.headline(tenant_id)).counts)
    return {"counts": dict(counts), "expiring": counts["expiring"]}
