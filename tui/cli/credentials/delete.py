"""`lampboard credentials delete`: one that nothing uses any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.kit import BoardCommand
from tui.cli.options import dry_run_option, yes_option
from tui.cli.session import Session, narrate
from tui.text import clean

if TYPE_CHECKING:
    from engine.credentials.results import CredentialSummary
    from engine.workspace import Workspace


@click.command(
    "delete",
    cls=BoardCommand,
    examples=(
        "lampboard credentials delete env://OLD_KEY --tenant acme",
        "lampboard credentials delete encrypted://ID --yes",
    ),
)
@click.argument("reference", metavar="REF")
@yes_option
@dry_run_option
@click.pass_obj
def command(session: Session, *, reference: str, yes: bool, dry_run: bool) -> None:
    """Delete a credential for good; of one that is kept elsewhere, only the reference.

    Refused while anything uses it; the refusal names what.
    """

    async def work(workspace: Workspace) -> CredentialSummary | None:
        from tui.cli.confirm import confirm

        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        found = (await workspace.credentials.get(tenant, reference)).credential
        if dry_run:
            narrate(f"Would delete {_named(found)}.")
            return None
        if not found.used:  # else it is refused, and nobody has to be asked
            confirm(session, f"Delete {_named(found)}?", yes=yes)
        await workspace.credentials.delete(tenant, found.reference)
        return found

    gone = session.run(work)
    if gone is not None:
        told = {"reference": gone.reference, "deleted": True}
        session.output.record(
            told, table=lambda: clean(f"{_named(gone)} is deleted.") + "\n", name="reference"
        )


def _named(found: CredentialSummary) -> str:
    return f"{found.label} ({found.reference})" if found.label else found.reference
