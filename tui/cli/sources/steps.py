"""`lampboard sources test|activate|deactivate|deprecate|delete`: one step with a source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.inventory import steps
from tui.cli.kit import BoardCommand
from tui.cli.options import dry_run_option, yes_option
from tui.nouns import SOURCE

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tui.cli.session import Session


@click.command(
    cls=BoardCommand,
    examples=(
        "lampboard sources test orders --tenant acme -o json",
        "lampboard sources test --all --tenant acme 'type:database !tag:test'",
    ),
)
@click.argument("words", nargs=-1, metavar="[ID | FILTER]...")
@click.option("--all", "everything", is_flag=True, help="All that match the filter.")
@click.pass_context
def test(ctx: click.Context, *, words: tuple[str, ...], everything: bool) -> None:
    """Connect now, stage by stage, and record how it went. Exits with 1 when one fails."""
    from tui.cli.inventory import testing

    session: Session = ctx.obj
    testing.require_one_or_all(words, everything=everything)

    async def work(workspace: Workspace) -> bool:
        if everything:
            return await testing.test_all(session, workspace, SOURCE, words)
        return await testing.test_one(session, workspace, SOURCE, words[0])

    ctx.exit(0 if session.run(work) else 1)


@click.command(cls=BoardCommand, examples=("lampboard sources activate orders --tenant acme",))
@click.argument("source", metavar="ID")
@click.pass_obj
def activate(session: Session, *, source: str) -> None:
    """Let one be used, and checked from now on."""
    steps.step(session, SOURCE, source, "activate")


@click.command(cls=BoardCommand, examples=("lampboard sources deactivate orders --tenant acme",))
@click.argument("source", metavar="ID")
@click.pass_obj
def deactivate(session: Session, *, source: str) -> None:
    """Put one out of use; it is kept and no longer checked."""
    steps.step(session, SOURCE, source, "deactivate")


@click.command(cls=BoardCommand, examples=("lampboard sources deprecate orders --tenant acme",))
@click.argument("source", metavar="ID")
@click.pass_obj
def deprecate(session: Session, *, source: str) -> None:
    """Mark one as on its way out; it is kept and no longer checked."""
    steps.step(session, SOURCE, source, "deprecate")


@click.command(cls=BoardCommand, examples=("lampboard sources delete orders --tenant acme --yes",))
@click.argument("source", metavar="ID")
@yes_option
@dry_run_option
@click.pass_obj
def delete(session: Session, *, source: str, yes: bool, dry_run: bool) -> None:
    """Retire one: it is not shown or checked any more; its history is kept, its secrets not."""
    steps.delete(session, SOURCE, source, yes=yes, dry_run=dry_run)
