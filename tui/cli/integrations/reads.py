"""`lampboard integrations list|show|health|limits`: looking, without changing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.inventory.facts import show_facts
from tui.cli.inventory.listing import show_list
from tui.cli.kit import BoardCommand
from tui.cli.options import Words, list_options
from tui.cli.session import Session, narrate
from tui.nouns import INTEGRATION

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tui.cli.table import Column

STATUSES = ("created", "enabled", "disabled", "error")
SORTS = ("name", "provider", "status", "health", "latency", "checked", "created")


@click.command(
    "list",
    cls=BoardCommand,
    examples=(
        "lampboard integrations list --tenant acme",
        "lampboard integrations list --tenant acme 'health:failing !provider:openai'",
        "lampboard integrations list --tenant acme --all -o csv > acme.csv",
    ),
)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option(
    "--status", metavar="STATUS", type=Words(STATUSES), help=f"Only: {', '.join(STATUSES)}."
)
@click.option("--provider", "provider_type", metavar="NAME", help="Only those at this provider.")
@list_options(SORTS)
@click.pass_obj
def list_command(session: Session, /, **asked: Any) -> None:
    """List a tenant's integrations, each with its lamp.

    A filter is words that must all fit: `openai`, `!openai`, `health:failing`.
    """
    show_list(session, INTEGRATION, list_columns, **asked)


def list_columns() -> tuple[Column, ...]:
    """Return what a table of integrations shows."""
    from tui.cli.shows import latency, time
    from tui.cli.table import Column

    return (
        Column(title="NAME", key="name"),
        Column(title="PROVIDER", key="provider_type"),
        Column(title="STATUS", key="status"),
        Column(title="HEALTH", key="health_state", state=True),
        Column(title="ERROR", key="error"),
        Column(title="LATENCY", key="latency_ms", show=latency, right=True),
        Column(title="CHECKED", key="checked_at", show=time),
        Column(title="ID", key="id"),
    )


@click.command(
    cls=BoardCommand, examples=("lampboard integrations show gpt --tenant acme -o yaml",)
)
@click.argument("integration", metavar="ID")
@click.pass_obj
def show(session: Session, *, integration: str) -> None:
    """Show everything about one; the credential only as its reference."""
    from tui.cli.shows import DETAIL
    from tui.lookup import find_integration

    async def work(workspace: Workspace) -> None:
        found = await find_integration(workspace, await session.tenant(workspace), integration)
        show_facts(session, found, DETAIL)

    session.run(work)


@click.command(cls=BoardCommand, examples=("lampboard integrations health gpt --tenant acme",))
@click.argument("integration", metavar="ID")
@click.pass_obj
def health(session: Session, *, integration: str) -> None:
    """Show the last known health of one, without a new check."""
    from tui.cli.shows import HEALTH_STATUS
    from tui.lookup import find_integration

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find_integration(workspace, tenant, integration)
        result = await workspace.integrations.get_health_status(tenant, found.id)
        show_facts(session, result, HEALTH_STATUS, name="integration_id")

    session.run(work)


@click.command(cls=BoardCommand, examples=("lampboard integrations limits gpt --tenant acme",))
@click.argument("integration", metavar="ID")
@click.pass_obj
def limits(session: Session, *, integration: str) -> None:
    """Show usage against the limits of one, in this calendar month (UTC)."""
    from tui.cli.shows import LIMITS
    from tui.lookup import find_integration

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find_integration(workspace, tenant, integration)
        result = await workspace.integrations.get_limits_status(tenant, found.id)
        show_facts(session, result, LIMITS, name="integration_id")
        if not result.measured:
            narrate("No usage was measured yet, which is not the same as none.")

    session.run(work)
