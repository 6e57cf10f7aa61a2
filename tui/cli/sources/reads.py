"""`lampboard sources list|show|stats`: looking, without changing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.inventory.listing import show_list
from tui.cli.kit import BoardCommand
from tui.cli.options import Words, list_options
from tui.nouns import SOURCE

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tui.cli.session import Session
    from tui.cli.table import Column

TYPES = ("database", "document", "file", "vector", "api", "stream", "custom")
STATUSES = ("pending", "configuring", "active", "inactive", "error", "deprecated")
SORTS = (
    *("name", "type", "technology", "status", "health", "latency", "checked"),
    *("connected", "created", "owner"),
)


@click.command(
    "list",
    cls=BoardCommand,
    examples=(
        "lampboard sources list --tenant acme",
        "lampboard sources list --tenant acme 'health:failing !tag:test'",
        "lampboard sources list --tenant acme --all -o csv > acme-sources.csv",
    ),
)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option(
    "--type", "source_type", metavar="TYPE", type=Words(TYPES), help=f"Only: {', '.join(TYPES)}."
)
@click.option(
    "--status", metavar="STATUS", type=Words(STATUSES), help=f"Only: {', '.join(STATUSES)}."
)
@click.option("--tag", metavar="TAG", help="Only those with this tag.")
@list_options(SORTS)
@click.pass_obj
def list_command(session: Session, /, **asked: Any) -> None:
    """List a tenant's data sources, each with its lamp.

    A filter is words that must all fit: `postgres`, `!test`, `type:vector`, `tag:pii`,
    `owner:ann`, `health:failing`.
    """
    show_list(session, SOURCE, list_columns, **asked)


def list_columns() -> tuple[Column, ...]:
    """Return what a table of sources shows."""
    from tui.cli.shows import latency, time, words
    from tui.cli.table import Column

    return (
        Column(title="NAME", key="name"),
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


@click.command(cls=BoardCommand, examples=("lampboard sources show orders --tenant acme -o yaml",))
@click.argument("source", metavar="ID")
@click.pass_obj
def show(session: Session, *, source: str) -> None:
    """Show everything about one; secrets only as masks."""
    from tui.cli.inventory.facts import show_facts
    from tui.cli.sources.shows import DETAIL
    from tui.lookup import find

    async def work(workspace: Workspace) -> None:
        found = await find(workspace, await session.tenant(workspace), source, SOURCE)
        show_facts(session, found, DETAIL)

    session.run(work)


@click.command(cls=BoardCommand, examples=("lampboard sources stats --tenant acme",))
@click.pass_obj
def stats(session: Session) -> None:
    """Show how many there are by status and type, and how many checks passed and failed."""
    from tui.cli.inventory.facts import show_facts
    from tui.cli.sources.shows import STATS

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        show_facts(session, await workspace.sources.get_statistics(tenant), STATS)

    session.run(work)
