"""Who is told in the demo: a pager that takes alerts, a chat that is away, a silence for a move."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.demo.behaviour import Mood
from engine.demo.plan import Site
from engine.demo.scripts import always, steady
from engine.order import MAX_LIMIT
from engine.silences import SilenceDraft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.workspace import Workspace

PAGER, CHAT = "on-call/pager", "on-call/chat"
PATH = "/alerts"
# Nobody proves himself to them: a webhook's own URL is its secret.
SITES = (
    Site(name=PAGER, dialect="receiver", accounts={"": steady(60)}),
    Site(name=CHAT, dialect="receiver", accounts={"": always(Mood.REFUSED)}),
)
FAILURES = 2
"""Bad checks in a row that open an incident: one who looks for a minute shall see some."""


async def set_up(workspace: Workspace, tenant_id: str, ports: Mapping[str, int]) -> None:
    """Add channels, routes and silences of a tenant, through the facades as everybody does."""
    pager = await workspace.alerts.add_channel(
        tenant_id, "pager", "webhook", url=_url(ports[PAGER]), per_hour=120
    )
    await workspace.alerts.add_route(
        tenant_id, pager.id, severity="critical", wait_s=5, remind_s=600, on_acknowledged=True
    )
    chat = await workspace.alerts.add_channel(
        tenant_id, "team-chat", "webhook", url=_url(ports[CHAT])
    )
    await workspace.alerts.add_route(
        tenant_id, chat.id, hours="mon-fri 08:00-18:00", timezone="Europe/Berlin", wait_s=30
    )
    await _keep_quiet(workspace, tenant_id)


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}{PATH}"


async def _keep_quiet(workspace: Workspace, tenant_id: str) -> None:
    await workspace.silences.add(
        tenant_id,
        SilenceDraft(
            tenant_id=tenant_id,
            technology="bedrock",
            ends_at=workspace.clock.now() + timedelta(hours=2),
            reason="The account moves to another region today",
        ),
    )
    await workspace.silences.add(
        tenant_id,
        SilenceDraft(
            tenant_id=tenant_id,
            tag="nightly",
            schedule="weekly",
            days=("sun",),
            minute=120,
            duration_s=4 * 3600,
            timezone="Europe/Berlin",
            reason="Maintenance on Sunday morning",
        ),
    )


async def told(workspace: Workspace, tenant_ids: Sequence[str]) -> dict[str, Any]:
    """Return what went wrong in these tenants, and what became of telling it.

    Returns:
        `incidents` (how many are open, how many closed) and `alerts` (how many are in which state).
    """
    incidents = Counter[str](open=0, closed=0)
    alerts = Counter[str]()
    for tenant_id in tenant_ids:
        for closed, word in ((False, "open"), (True, "closed")):
            incidents[word] += await workspace.incidents.count(tenant_id, closed=closed)
        page = await workspace.alerts.page(tenant_id, limit=MAX_LIMIT)
        alerts.update(alert.state for alert in page.items)
    return {"incidents": dict(incidents), "alerts": dict(alerts)}
