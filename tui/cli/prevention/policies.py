"""`lampboard prevention policies`: since when policies are active, and what graduates them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.kit import DefaultGroup
from tui.cli.numbers import Whole
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.prevention import PreventionPolicy
    from engine.workspace import Workspace
    from tui.cli.table import Column

policies = DefaultGroup(
    name="policies",
    help="Policies as the ledger knows them. `lampboard prevention policies` lists them.",
    examples=(
        "lampboard prevention policies --tenant acme",
        "lampboard prevention policies set no-raw-exports --needed 5 --tenant acme",
        "lampboard prevention policies set no-raw-exports --mode shadow --tenant acme",
    ),
)


@policies.command("list", examples=("lampboard prevention policies list --tenant acme -o json",))
@click.pass_obj
def list_command(session: Session) -> None:
    """List the policies that were set."""

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        found = await workspace.prevention.list_policies(tenant)
        session.output.listing([found], len(found), _columns(), name="policy_id")
        if not found:
            narrate("No policy was set yet: `lampboard prevention policies set ID`.")

    session.run(work)


@policies.command(
    "set",
    examples=(
        "lampboard prevention policies set no-raw-exports --needed 5 --tenant acme",
        "lampboard prevention policies set no-raw-exports --activated 2026-03-01 --tenant acme",
    ),
)
@click.argument("policy", metavar="ID")
@click.option("--name", metavar="TEXT", help="What people call it.")
@click.option("--mode", metavar="WORD", help="active, or another word such as shadow.")
@click.option("--activated", metavar="TIME", help="Since when records count (now).")
@click.option("--needed", type=Whole(), metavar="N", help="How many records graduate it (3).")
@click.pass_obj
def set_command(  # noqa: PLR0913 - a flag each
    session: Session,
    *,
    policy: str,
    name: str | None,
    mode: str | None,
    activated: str | None,
    needed: int | None,
) -> None:
    """Set a policy, made active when it is new. What is not given stays as it is."""
    from tui.cli.prevention.graduation import moment

    since = moment(activated)

    async def work(workspace: Workspace) -> PreventionPolicy:
        tenant = await session.tenant(workspace)
        return await workspace.prevention.set_policy(
            tenant, policy, name=name, mode=mode, activated_at=since, needed=needed
        )

    found = session.run(work)
    session.output.record(found.to_dict(), table=lambda: _facts(session, found), name="policy_id")
    narrate(f"Policy {found.policy_id} is set.")


def _facts(session: Session, found: PreventionPolicy) -> str:
    from tui.cli.shows import facts_of

    return facts_of(found, _columns(), session.output.stream)


def _columns() -> tuple[Column, ...]:
    from tui.cli.shows import count, time
    from tui.cli.table import Column

    return (
        Column(title="POLICY", key="policy_id"),
        Column(title="NAME", key="name"),
        Column(title="MODE", key="mode"),
        Column(title="ACTIVATED", key="activated_at", show=time),
        Column(title="NEEDED", key="needed", show=count, right=True),
    )
