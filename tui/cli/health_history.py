"""What happened to health: checks, hours, changes of state; and changes as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from tui import dates
from tui.cli.session import narrate
from tui.cli.shows import latency, time
from tui.cli.table import Column
from tui.lookup import find_any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from engine.health.model import Transition
    from engine.workspace import Workspace
    from tui.cli.session import Session

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
    Column(title="KIND", key="kind"),
    Column(title="FROM", key="from_state", state=True),
    Column(title="TO", key="to_state", state=True),
    Column(title="ERROR", key="error"),
    Column(title="MESSAGE", key="message"),
)


async def one(workspace: Workspace, tenant: str, given: str, kind: str | None) -> tuple[str, str]:
    """Return the kind and the id of what is called so.

    Raises:
        NotFound: There is none.
        InvalidInput: There are several, of different kinds.
    """
    found = await find_any(workspace, tenant, given, kind)
    if len(found) > 1:
        kinds = " or ".join(f"--kind {noun.one}" for noun, _ in found)
        raise InvalidInput(f"Several things are called {given[:80]!r}.", hint=f"Give {kinds}.")
    ((noun, thing),) = found
    return noun.one, noun.id_of(thing)


def begin(workspace: Workspace, since: str | None) -> datetime | None:
    """Return the time from which on to tell; None when none was said.

    Raises:
        InvalidInput: What was said is no moment.
    """
    return None if since is None else dates.since(since, workspace.clock.now())


async def of_one(  # noqa: PLR0913 - of what, and which part of it
    session: Session,
    workspace: Workspace,
    place: tuple[str, str, str],
    *,
    limit: int,
    hours: bool,
    since: datetime | None = None,
) -> None:
    """Print the checks, or the hours, of the thing at `place`: tenant, kind, id."""
    tenant, kind, thing_id = place
    if hours:
        rolled = await workspace.health.hours(tenant, kind, thing_id, since=since)
        _print(session, rolled[-limit:], HOURS, name="hour")
    else:
        checks = await workspace.health.history(tenant, kind, thing_id, since=since, limit=limit)
        _print(session, checks, CHECKS, name="checked_at")


async def changes(  # noqa: PLR0913 - of what, and which part of it
    session: Session,
    workspace: Workspace,
    tenant: str,
    limit: int,
    kind: str | None,
    *,
    since: datetime | None = None,
) -> None:
    """Print a tenant's changes of state, newest first."""
    await workspace.tenants.get(tenant)
    found = await workspace.health.transitions(tenant, limit=limit, kind=kind, since=since)
    _print(session, found, CHANGES, name="name")


def _print(
    session: Session, rows: Sequence[object], columns: Sequence[Column], *, name: str
) -> None:
    session.output.listing([rows], len(rows), columns, name=name)
    if not rows:
        narrate("Nothing was recorded yet.")


async def follow(workspace: Workspace, tenant: str) -> AsyncIterator[Transition]:
    """Yield a tenant's changes of state as they are recorded, oldest first."""
    since = await workspace.revisions()
    newest = await workspace.health.transitions(tenant, limit=1)
    seen = newest[0].id if newest else 0
    async for concepts in workspace.changes(since):
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
