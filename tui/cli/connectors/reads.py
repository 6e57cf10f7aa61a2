"""`lampboard connectors list|show|stats`: looking, without changing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.inventory.listing import show_list
from tui.cli.kit import BoardCommand
from tui.cli.options import Words, list_options
from tui.nouns import CONNECTOR

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tui.cli.session import Session
    from tui.cli.table import Column

STATUSES = (
    *("registered", "configuring", "ready", "connected", "disconnected", "error"),
    "deprecated",
)
SORTS = (
    *("name", "type", "technology", "status", "health", "latency", "checked"),
    *("connected", "created", "owner"),
)


@click.command(
    "list",
    cls=BoardCommand,
    examples=(
        "lampboard connectors list --tenant acme",
        "lampboard connectors list --tenant acme 'type:sql health:failing'",
        "lampboard connectors list --tenant acme --all -o csv > acme-connectors.csv",
    ),
)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option(
    "--type", "connector_type", metavar="TYPE", help="Only of this type; see `connectors types`."
)
@click.option(
    "--status", metavar="STATUS", type=Words(STATUSES), help=f"Only: {', '.join(STATUSES)}."
)
@click.option("--tag", metavar="TAG", help="Only those with this tag.")
@list_options(SORTS)
@click.pass_obj
def list_command(session: Session, /, **asked: Any) -> None:
    """List a tenant's connectors, each with its lamp.

    A filter is words that must all fit: `mcp`, `!test`, `type:sql`, `tag:prod`, `owner:ann`,
    `health:failing`.
    """
    show_list(session, CONNECTOR, list_columns, **asked)


def list_columns() -> tuple[Column, ...]:
    """Return what a table of connectors shows."""
    from tui.cli.shows import latency, time, words
    from tui.cli.table import Column

    return (
        Column(title="NAME", key="name"),
        Column(title="TYPE", key="connector_type"),
        Column(title="TECHNOLOGY", key="technology"),
        Column(title="STATUS", key="status"),
        Column(title="HEALTH", key="health_state", state=True),
        Column(title="ERROR", key="health_error"),
        Column(title="LATENCY", key="latency_ms", show=latency, right=True),
        Column(title="CONNECTED", key="last_connected", show=time),
        Column(title="TAGS", key="tags", show=words),
        Column(title="OWNER", key="owner_id"),
        Column(title="ID", key="id"),
    )


@click.command(
    cls=BoardCommand, examples=("lampboard connectors show tools --tenant acme -o yaml",)
)
@click.argument("connector", metavar="ID")
@click.pass_obj
def show(session: Session, *, connector: str) -> None:
    """Show everything about one; secrets only as masks."""
    from tui.cli.connectors.shows import DETAIL
    from tui.cli.inventory.facts import show_facts
    from tui.lookup import find

    async def work(workspace: Workspace) -> None:
        found = await find(workspace, await session.tenant(workspace), connector, CONNECTOR)
        show_facts(session, found, DETAIL)

    session.run(work)


@click.command(cls=BoardCommand, examples=("lampboard connectors stats --tenant acme",))
@click.pass_obj
def stats(session: Session) -> None:
    """Show how many there are by status and type, and how many checks passed and failed."""
    from tui.cli.connectors.shows import STATS
    from tui.cli.inventory.facts import show_facts

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        show_facts(session, await workspace.connectors.get_statistics(tenant), STATS)

    session.run(work)
