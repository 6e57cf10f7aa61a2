"""`lampboard credentials show`: one reference with its users and accesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.kit import BoardCommand

if TYPE_CHECKING:
    from engine.credentials.results import CredentialDetail
    from engine.workspace import Workspace
    from tui.cli.session import Session


@click.command(
    "show", cls=BoardCommand, examples=("lampboard credentials show env://OPENAI_API_KEY",)
)
@click.argument("reference", metavar="REF")
@click.pass_obj
def command(session: Session, *, reference: str) -> None:
    """Show a reference: how it is, who uses it, who asked for it in the last 30 days."""

    async def work(workspace: Workspace) -> CredentialDetail:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        return await workspace.credentials.get(tenant, reference)

    found = session.run(work)
    credential = found.to_dict().pop("credential")
    told = {**credential, **{name: found.to_dict()[name] for name in ("users", "accesses")}}
    session.output.record(told, table=lambda: _text(session, found), name="reference")


def _text(session: Session, found: CredentialDetail) -> str:
    from tui.cli.credentials.shows import ACCESSES, DETAIL, USERS
    from tui.cli.shows import facts_of
    from tui.cli.table import render

    stream = session.output.stream
    parts = [facts_of(found.credential, DETAIL, stream)]
    parts += [render(found.users, USERS, stream)] if found.users else ["Nothing uses it.\n"]
    parts += [render(found.accesses, ACCESSES, stream)] if found.accesses else []
    return "\n".join(parts)
