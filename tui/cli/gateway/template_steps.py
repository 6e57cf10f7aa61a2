"""`lampboard gateway templates retire|restore|delete`: the steps of a template's life."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.confirm import confirm
from tui.cli.gateway.lookup import find_template
from tui.cli.kit import BoardCommand
from tui.cli.options import dry_run_option, yes_option
from tui.cli.session import Session, narrate
from tui.text import clean

if TYPE_CHECKING:
    from engine.workspace import Workspace


@click.command(cls=BoardCommand, examples=("lampboard gateway templates retire by-day",))
@click.argument("template", metavar="NAME")
@click.pass_obj
def retire(session: Session, *, template: str) -> None:
    """Let nobody run a template any more, in any version."""
    _step(session, template, "retire", "is retired")


@click.command(cls=BoardCommand, examples=("lampboard gateway templates restore by-day",))
@click.argument("template", metavar="NAME")
@click.pass_obj
def restore(session: Session, *, template: str) -> None:
    """Let a retired template be run again."""
    _step(session, template, "restore", "can be run again")


@click.command(
    cls=BoardCommand, examples=("lampboard gateway templates delete by-day --tenant acme --yes",)
)
@click.argument("template", metavar="NAME")
@yes_option
@dry_run_option
@click.pass_obj
def delete(session: Session, *, template: str, yes: bool, dry_run: bool) -> None:
    """Delete a template; its runs stay in the activity, and its name is free again."""

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = (await find_template(workspace, tenant, template)).template
        what = f"the template {found.name} (on {found.gateway}) of {tenant}"
        if dry_run:
            narrate(f"Would delete {what}.")
            return
        confirm(session, f"Delete {what}?", yes=yes)
        gone = await workspace.gateway.delete_template(tenant, found.id)
        session.output.record(
            gone.to_dict(), table=lambda: clean(f"{gone.name} is deleted.") + "\n"
        )

    session.run(work)


def _step(session: Session, template: str, verb: str, done: str) -> None:
    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find_template(workspace, tenant, template)
        step = getattr(workspace.gateway, f"{verb}_template")
        now = await step(tenant, found.template.id)
        session.output.record(now.to_dict(), table=lambda: clean(f"{now.name} {done}.") + "\n")

    session.run(work)
