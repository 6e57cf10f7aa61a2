"""What happened to health: checks, hours, changes of state; and changes as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.inventory.lookup import find_integration
from tui.cli.session import narrate
from tui.cli.shows import latency, time
from tui.cli.table import Column

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from engine.health.model import Transition
    from engine.workspace import Workspace
    from tui.cli.session import Session

KIND = "integration"
BATCH = 200

CHECKS = (
    Column(title="CHECKED", key="checked_at", show=time),
    Column(title="HEALTH", key="state", state=True),
    Column(title="LATENCY", key="latency_ms", show=latency, right=True),
    Column(title="STAGE", key="stage"),
    Column(title="ERROR", key="error"),
    Column(title="MESSAGE", key="message"),
)
HOURS = (
    Column(title="HOUR", key="hour", show=time),
    Column(title="CHECKS", key="count", right=True),
    Column(title="FAILED", key="failures", right=True),
    Column(title="DEGRADED", key="degraded", right=True),
    Column(title="P50", key="p50_ms", show=latency, right=True),
    Column(title="P95", key="p95_ms", show=latency, right=True),
    Column(title="MAX", key="max_ms", show=latency, right=True),
)
CHANGES = (
    Column(title="AT", key="at", show=time),
    Column(title="NAME", key="name"),
    Column(title="FROM", key="from_state", state=True),
    Column(title="TO", key="to_state", state=True),
    Column(title="ERROR", key="error"),
    Column(title="MESSAGE", key="message"),
)


async def of_one(
    session: Session, workspace: Workspace, place: tuple[str, str], *, limit: int, hours: bool
) -> None:
    """Print the checks, or the hours, of the integration at `place`: tenant, id or name."""
    tenant, named = place
    found = await find_integration(workspace, tenant, named)
    if hours:
        rolled = await workspace.health.hours(tenant, KIND, found.id)
        _print(session, rolled[-limit:], HOURS, name="hour")
    else:
        checks = await workspace.health.history(tenant, KIND, found.id, limit=limit)
        _print(session, checks, CHECKS, name="checked_at")


async def changes(session: Session, workspace: Workspace, tenant: str, limit: int) -> None:
    """Print a tenant's changes of state, newest first."""
    await workspace.tenants.get(tenant)
    found = await workspace.health.transitions(tenant, limit=limit)
    _print(session, found, CHANGES, name="name")


def _print(
    session: Session, rows: Sequence[object], columns: Sequence[Column], *, name: str
) -> None:
    session.output.listing([rows], len(rows), columns, name=name)
    if not rows:
        narrate("Nothing was recorded yet.")


async def follow(workspace: Workspace, tenant: str) -> AsyncIterator[Transition]:
    """Yield a tenant's changes of state as they are recorded, oldest first."""
    newest = await workspace.health.transitions(tenant, limit=1)
    seen = newest[0].id if newest else 0
    async for concepts in workspace.changes():
        if "health" not in concepts:
            continue
        fresh = await _since(workspace, tenant, seen)
        for transition in reversed(fresh):
            seen = transition.id
            yield transition


async def _since(workspace: Workspace, tenant: str, seen: int) -> list[Transition]:
    fresh: list[Transition] = []
    before: int | None = None
    while True:
        page = await workspace.health.transitions(tenant, before_id=before, limit=BATCH)
        fresh += [item for item in page if item.id > seen]
        if len(page) < BATCH or page[-1].id <= seen:
            return fresh
        before = page[-1].id
