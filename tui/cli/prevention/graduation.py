"""`lampboard prevention graduation`: what counts for each policy, and what does not and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from datetime import datetime

    from engine.prevention import PolicyGraduation, UncountedRecord
    from engine.workspace import Workspace
    from tui.cli.table import Column

REASONS = {
    "simulated": "it was simulated",
    "before": "it is older than the activation",
    "not_active": "the policy is not active",
}


@click.command(
    "graduation",
    cls=BoardCommand,
    examples=(
        "lampboard prevention graduation --tenant acme",
        "lampboard prevention graduation no-raw-exports --tenant acme -o json",
        "lampboard prevention graduation no-raw-exports --since 2026-03-01 --tenant acme",
    ),
)
@click.argument("policy", required=False, metavar="[POLICY]")
@click.option("--since", metavar="TIME", help="Count from then on, not from the activation.")
@click.option("--limit", type=WholeRange(1, 1000), default=100, help="At most (100).")
@click.pass_obj
def command(session: Session, *, policy: str | None, since: str | None, limit: int) -> None:
    """Show how far policies are; of one POLICY also the records that do not count, and why.

    A record counts when it is not simulated and was created at or after the policy's activation.
    """
    if policy is None and since is not None:
        raise InvalidInput("--since is for one policy; name it.", field="since")
    if policy is None:
        _all(session)
    else:
        _one(session, policy, moment(since), limit)


def moment(told: str | None) -> datetime | None:
    """Return a time as it was typed; one without a zone is UTC.

    Raises:
        InvalidInput: It is no time.
    """
    from engine.clock import SystemClock
    from tui.dates import since

    return None if told is None else since(told, SystemClock().now())


def _all(session: Session) -> None:
    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        found = await workspace.prevention.graduation(tenant)
        session.output.listing([found], len(found), _columns(), name="policy_id")
        if not found:
            narrate("No policy was set and nothing was recorded: `lampboard prevention policies`.")

    session.run(work)


def _one(session: Session, policy: str, since: datetime | None, limit: int) -> None:
    async def work(
        workspace: Workspace,
    ) -> tuple[PolicyGraduation, tuple[UncountedRecord, ...]]:
        tenant = await session.tenant(workspace)
        return await workspace.prevention.graduation_of(tenant, policy, since, limit)

    found, uncounted = session.run(work)
    told: dict[str, Any] = found.to_dict() | {"uncounted": [one.to_dict() for one in uncounted]}
    session.output.record(told, table=lambda: _facts(session, found, uncounted), name="policy_id")
    left = found.simulated + found.before - len(uncounted)
    if left > 0:
        narrate(f"{left:,} more do not count; use --limit.")


def _facts(
    session: Session, found: PolicyGraduation, uncounted: tuple[UncountedRecord, ...]
) -> str:
    from tui.cli.shows import count, facts_of, time, yes_no
    from tui.cli.table import Column, render

    stream = session.output.stream
    facts = (
        Column(title="policy", key="policy_id"),
        Column(title="name", key="name"),
        Column(title="mode", key="mode"),
        Column(title="counts since", key="activated_at", show=time),
        Column(title="counting", key="counting", show=count),
        Column(title="needed", key="needed", show=count),
        Column(title="graduated", key="graduated", show=yes_no),
        Column(title="simulated", key="simulated", show=count),
        Column(title="before", key="before", show=count),
    )
    columns = (
        Column(title="NUMBER", key="seq", right=True),
        Column(title="AT", key="created_at", show=time),
        Column(title="DOES NOT COUNT", key="reason", show=lambda why: REASONS[str(why)]),
    )
    told = facts_of(found, facts, stream)
    return told + (("\n" + render(uncounted, columns, stream)) if uncounted else "")


def _columns() -> tuple[Column, ...]:
    from tui.cli.shows import count, time, yes_no
    from tui.cli.table import Column

    return (
        Column(title="POLICY", key="policy_id"),
        Column(title="MODE", key="mode"),
        Column(title="SINCE", key="activated_at", show=time),
        Column(title="COUNTING", key="counting", show=count, right=True),
        Column(title="NEEDED", key="needed", show=count, right=True),
        Column(title="GRADUATED", key="graduated", show=yes_no),
        Column(title="SIMULATED", key="simulated", show=count, right=True),
        Column(title="BEFORE", key="before", show=count, right=True),
        Column(title="LAST", key="last_at", show=time),
    )
