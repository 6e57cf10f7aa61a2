"""`lampboard gateway delete`: nothing runs on a source or connector any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.confirm import confirm
from tui.cli.gateway.lookup import find_gateway, require_where, where_options
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.options import dry_run_option, yes_option
from tui.cli.session import Session, narrate
from tui.text import clean, plural

if TYPE_CHECKING:
    from engine.workspace import Workspace


@click.command(
    "delete",
    cls=BoardCommand,
    panels={"Whose": ("--source", "--connector")},
    examples=("lampboard gateway delete --source orders --tenant acme --yes",),
)
@where_options
@click.option("--expected-version", type=WholeRange(1), help="Refuse if it was changed since then.")
@yes_option
@dry_run_option
@click.pass_context
def command(  # noqa: PLR0913 - one parameter a flag
    ctx: click.Context,
    /,
    *,
    source: str | None,
    connector: str | None,
    expected_version: int | None,
    yes: bool,
    dry_run: bool,
) -> None:
    """Delete what lets SQL run on a source or connector, and every template over it.

    The source or connector itself stays, and so does the activity. One that was deleted itself may
    be named by its id where another has its name now.
    """
    session: Session = ctx.obj
    noun, given = require_where(ctx, source, connector)

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find_gateway(workspace, tenant, noun, given)
        used = f"{plural(found.templates, 'template')} in use"
        what = f"the gateway of {found.name} ({used}) of {tenant}"
        if dry_run:
            narrate(f"Would delete {what}.")
            return
        confirm(session, f"Delete {what}, with all templates over it?", yes=yes)
        version = found.version if expected_version is None else expected_version
        gone = await workspace.gateway.delete_gateway(tenant, found.id, expected_version=version)
        said = clean(f"The gateway of {gone.name} is deleted.") + "\n"
        session.output.record(gone.to_dict(), table=lambda: said)

    session.run(work)
