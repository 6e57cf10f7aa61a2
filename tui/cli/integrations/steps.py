"""`lampboard integrations test|enable|disable|delete`: one step with one integration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.inventory import steps
from tui.cli.inventory.facts import show_facts
from tui.cli.kit import BoardCommand
from tui.cli.options import dry_run_option, yes_option
from tui.lookup import find_integration
from tui.nouns import INTEGRATION

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tui.cli.session import Session


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
        show_facts(session, result, CHECK, name="integration_id")
        return str(result.health_state) == "failing"

    ctx.exit(1 if session.run(work) else 0)


@click.command(cls=BoardCommand, examples=("lampboard integrations enable gpt --tenant acme",))
@click.argument("integration", metavar="ID")
@click.pass_obj
def enable(session: Session, *, integration: str) -> None:
    """Let one be used and checked."""
    steps.step(session, INTEGRATION, integration, "enable")


@click.command(cls=BoardCommand, examples=("lampboard integrations disable gpt --tenant acme",))
@click.argument("integration", metavar="ID")
@click.pass_obj
def disable(session: Session, *, integration: str) -> None:
    """Put one out of use; it is kept and no longer checked."""
    steps.step(session, INTEGRATION, integration, "disable")


@click.command(
    cls=BoardCommand, examples=("lampboard integrations delete gpt --tenant acme --yes",)
)
@click.argument("integration", metavar="ID")
@yes_option
@dry_run_option
@click.pass_obj
def delete(session: Session, *, integration: str, yes: bool, dry_run: bool) -> None:
    """Retire one: it is not shown or checked any more, and its usage is kept."""
    steps.delete(session, INTEGRATION, integration, yes=yes, dry_run=dry_run)
