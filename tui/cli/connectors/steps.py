"""`lampboard connectors test|discover|connect|disconnect|deprecate|delete`: one step with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.inventory import steps
from tui.cli.kit import BoardCommand
from tui.cli.options import dry_run_option, yes_option
from tui.nouns import CONNECTOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.connectors import DiscoveryResult
    from engine.workspace import Workspace
    from tui.cli.session import Session


@click.command(
    cls=BoardCommand,
    examples=(
        "lampboard connectors test tools --tenant acme -o json",
        "lampboard connectors test --all --tenant acme type:sql",
    ),
)
@click.argument("words", nargs=-1, metavar="[ID | FILTER]...")
@click.option("--all", "everything", is_flag=True, help="All that match the filter.")
@click.pass_context
def test(ctx: click.Context, *, words: tuple[str, ...], everything: bool) -> None:
    """Reach out now, stage by stage, and record how it went. Exits with 1 when one fails."""
    from tui.cli.inventory import testing

    session: Session = ctx.obj
    testing.require_one_or_all(words, everything=everything)

    async def work(workspace: Workspace) -> bool:
        if everything:
            return await testing.test_all(session, workspace, CONNECTOR, words)
        return await testing.test_one(session, workspace, CONNECTOR, words[0])

    ctx.exit(0 if session.run(work) else 1)


@click.command(
    cls=BoardCommand,
    examples=(
        "lampboard connectors discover tools --tenant acme",
        "lampboard connectors discover tools --tenant acme -o json   with every schema",
    ),
)
@click.argument("connector", metavar="ID")
@click.pass_obj
def discover(session: Session, *, connector: str) -> None:
    """Ask the other side what it can do (tools, tables, functions …) and keep the answer."""
    from tui.lookup import find

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find(workspace, tenant, connector, CONNECTOR)
        result = await workspace.connectors.discover(tenant, found.id)
        session.output.record(
            result.to_dict(), table=lambda: _discovered(result), name="connector_id"
        )

    session.run(work)


def _discovered(result: DiscoveryResult) -> str:
    from tui.cli.table import facts
    from tui.text import NOTHING

    found = [(name.replace("_", " "), _names(value)) for name, value in result.discovered.items()]
    return facts([("can", " ".join(result.capabilities) or NOTHING), *found])


def _names(value: object) -> str:
    """Return what was found by its names; schemas are in the other formats."""
    if isinstance(value, dict):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(_name(one) for one in value) or "none"
    return str(value)


def _name(one: Mapping[str, Any] | object) -> str:
    return str(one.get("name", one)) if isinstance(one, dict) else str(one)


@click.command(cls=BoardCommand, examples=("lampboard connectors connect tools --tenant acme",))
@click.argument("connector", metavar="ID")
@click.pass_obj
def connect(session: Session, *, connector: str) -> None:
    """Take one into use: it is checked at once, and from now on."""
    steps.step(session, CONNECTOR, connector, "connect")


@click.command(cls=BoardCommand, examples=("lampboard connectors disconnect tools --tenant acme",))
@click.argument("connector", metavar="ID")
@click.pass_obj
def disconnect(session: Session, *, connector: str) -> None:
    """Put one out of use; it is kept and no longer checked."""
    steps.step(session, CONNECTOR, connector, "disconnect")


@click.command(cls=BoardCommand, examples=("lampboard connectors deprecate tools --tenant acme",))
@click.argument("connector", metavar="ID")
@click.pass_obj
def deprecate(session: Session, *, connector: str) -> None:
    """Mark one as on its way out; it is kept and no longer checked."""
    steps.step(session, CONNECTOR, connector, "deprecate")


@click.command(
    cls=BoardCommand, examples=("lampboard connectors delete tools --tenant acme --yes",)
)
@click.argument("connector", metavar="ID")
@yes_option
@dry_run_option
@click.pass_obj
def delete(session: Session, *, connector: str, yes: bool, dry_run: bool) -> None:
    """Retire one: it is not shown or checked any more; its history is kept, its secrets not."""
    steps.delete(session, CONNECTOR, connector, yes=yes, dry_run=dry_run)
