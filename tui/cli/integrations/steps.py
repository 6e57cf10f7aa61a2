"""`lampboard integrations test|enable|disable|delete`: one step with one integration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.confirm import confirm
from tui.cli.integrations.reads import show_facts
from tui.cli.inventory.lookup import find_integration
from tui.cli.kit import BoardCommand
from tui.cli.options import dry_run_option, yes_option
from tui.cli.session import Session, narrate
from tui.text import clean

if TYPE_CHECKING:
    from engine.integrations.results import IntegrationLifecycleResult
    from engine.workspace import Workspace


@click.command(
    cls=BoardCommand, examples=("lampboard integrations test gpt --tenant acme -o json",)
)
@click.argument("integration", metavar="ID")
@click.pass_context
def test(ctx: click.Context, *, integration: str) -> None:
    """Check one now: a real request that costs nothing. Exits with 1 when it fails."""
    from tui.cli.shows import CHECK

    session: Session = ctx.obj

    async def work(workspace: Workspace) -> bool:
        tenant = await session.tenant(workspace)
        found = await find_integration(workspace, tenant, integration)
        result = await workspace.integrations.test_credentials(tenant, found.id)
        show_facts(session, result, CHECK)
        return str(result.health_state) == "failing"

    ctx.exit(1 if session.run(work) else 0)


@click.command(cls=BoardCommand, examples=("lampboard integrations enable gpt --tenant acme",))
@click.argument("integration", metavar="ID")
@click.pass_obj
def enable(session: Session, *, integration: str) -> None:
    """Let one be used and checked."""

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find_integration(workspace, tenant, integration)
        _stepped(session, await workspace.integrations.enable_integration(tenant, found.id))

    session.run(work)


@click.command(cls=BoardCommand, examples=("lampboard integrations disable gpt --tenant acme",))
@click.argument("integration", metavar="ID")
@click.pass_obj
def disable(session: Session, *, integration: str) -> None:
    """Put one out of use; it is kept and no longer checked."""

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find_integration(workspace, tenant, integration)
        _stepped(session, await workspace.integrations.disable_integration(tenant, found.id))

    session.run(work)


@click.command(
    cls=BoardCommand, examples=("lampboard integrations delete gpt --tenant acme --yes",)
)
@click.argument("integration", metavar="ID")
@yes_option
@dry_run_option
@click.pass_obj
def delete(session: Session, *, integration: str, yes: bool, dry_run: bool) -> None:
    """Retire one: it is not shown or checked any more, and its usage is kept."""

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find_integration(workspace, tenant, integration)
        if dry_run:
            narrate(f"Would delete {found.name} ({found.provider_type}) of {tenant}.")
            return
        confirm(session, f"Delete {found.name} ({found.provider_type}) of {tenant}?", yes=yes)
        result = await workspace.integrations.delete_integration(tenant, found.id)
        session.output.record(
            result.to_dict(),
            table=lambda: clean(f"{found.name} is deleted.") + "\n",
            name="integration_id",
        )

    session.run(work)


def _stepped(session: Session, result: IntegrationLifecycleResult) -> None:
    session.output.record(
        result.to_dict(), table=lambda: clean(result.message) + "\n", name="integration_id"
    )
