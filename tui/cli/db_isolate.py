"""`lampboard db isolate`: which role of the server sees which tenant's rows, and no other's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.kit import BoardCommand
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.tenants import IsolatedRole
    from engine.workspace import Workspace
    from tui.cli.table import Column


@click.command(
    "isolate",
    cls=BoardCommand,
    examples=(
        "lampboard db isolate",
        "lampboard db isolate acme_board --tenant acme",
        "lampboard db isolate acme_guest --tenant acme --look-only",
        "lampboard db isolate acme_board --remove",
    ),
)
@click.argument("role", metavar="[ROLE]", required=False)
@click.option("--and", "others", metavar="TENANT", multiple=True, help="Another tenant as well.")
@click.option("--look-only", is_flag=True, help="Let the role change nothing.")
@click.option("--remove", is_flag=True, help="Take everything from the role again.")
@click.pass_obj
def isolate(
    session: Session, *, role: str | None, others: tuple[str, ...], look_only: bool, remove: bool
) -> None:
    """Keep a role of PostgreSQL to the rows of one tenant, or list those that are.

    The server itself keeps it to them, whatever program it is used with. The role must be there,
    with a login and nothing else; whoever grants must own the tables.
    """
    if role is None:
        if others or look_only or remove:
            raise click.UsageError("Name the role.")
        _list(session)
    elif remove:
        if others or look_only:
            raise click.UsageError("--remove takes everything; it goes with no other option.")
        _remove(session, role)
    else:
        _grant(session, role, others, look_only=look_only)


def _list(session: Session) -> None:
    async def work(workspace: Workspace) -> tuple[IsolatedRole, ...]:
        return await workspace.tenants.isolated()

    found = session.run(work)
    session.output.listing([found], len(found), _columns(), name="role")
    if not found:
        narrate("No role is kept to a tenant.")


def _remove(session: Session, role: str) -> None:
    async def work(workspace: Workspace) -> None:
        await workspace.tenants.release(role)

    session.run(work)
    narrate(f"The role {role} sees nothing any more.")


def _grant(session: Session, role: str, others: tuple[str, ...], *, look_only: bool) -> None:
    if not session.settings.tenant:
        raise click.UsageError("Say which tenant the role is kept to: --tenant ID.")
    tenants = (session.settings.tenant, *others)

    async def work(workspace: Workspace) -> IsolatedRole:
        return await workspace.tenants.isolate(role, tenants, read_only=look_only)

    made = session.run(work)
    session.output.record(made.to_dict(), table=lambda: _said(made), name="role")


def _said(made: IsolatedRole) -> str:
    does = "sees" if made.read_only else "sees and changes"
    return f"{made.role} {does} the rows of {', '.join(made.tenants)}, and no others.\n"


def _columns() -> tuple[Column, ...]:
    from tui.cli.shows import time, words, yes_no
    from tui.cli.table import Column

    return (
        Column(title="ROLE", key="role"),
        Column(title="TENANTS", key="tenants", show=words),
        Column(title="LOOK ONLY", key="read_only", show=yes_no),
        Column(title="SINCE", key="granted_at", show=time),
    )
