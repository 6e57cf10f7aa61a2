"""`lampboard tenants`: the customers whose things these are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.kit import BoardGroup
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.tenants import TenantSummary
    from engine.workspace import Workspace
    from tui.cli.table import Column

tenants = BoardGroup(
    name="tenants",
    help="The customers whose things these are.",
    examples=("lampboard tenants list", "lampboard tenants add acme --name 'Acme Ltd'"),
)


@tenants.command("list", examples=("lampboard tenants list -o json",))
@click.pass_obj
def list_command(session: Session) -> None:
    """List all tenants, each with its lamps counted."""

    async def work(workspace: Workspace) -> tuple[TenantSummary, ...]:
        return await workspace.tenants.list_tenants()

    found = session.run(work)
    session.output.listing([found], len(found), _columns(), name="id")
    if not found:
        narrate("There is no tenant yet: `lampboard tenants add ID`.")


@tenants.command("add", examples=("lampboard tenants add acme --name 'Acme Ltd'",))
@click.argument("tenant_id", metavar="ID")
@click.option("--name", metavar="TEXT", help="What people call it (the ID).")
@click.pass_obj
def add(session: Session, *, tenant_id: str, name: str | None) -> None:
    """Make a tenant; one that exists is left as it is."""

    async def work(workspace: Workspace) -> TenantSummary:
        return await workspace.tenants.ensure(tenant_id, name)

    made = session.run(work)
    session.output.record(made.to_dict(), table=lambda: f"{made.id} is a tenant.\n", name="id")


def _columns() -> tuple[Column, ...]:
    from tui.cli.table import Column

    return (
        Column(title="ID", key="id"),
        Column(title="NAME", key="name"),
        Column(title="HEALTH", key="overall_health", state=True),
        Column(title="INTEGRATIONS", key="integrations", right=True),
        Column(title="FAILING", key="counts", show=_failing, right=True),
    )


def _failing(counts: object) -> str:
    return str(counts.get("failing", 0)) if isinstance(counts, dict) else "-"
