"""`lampboard credentials test`: whether secrets are there, without a look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.credentials.shows import TESTS
from tui.cli.kit import BoardCommand
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.credentials.results import CredentialTest
    from engine.workspace import Workspace


@click.command(
    "test",
    cls=BoardCommand,
    examples=(
        "lampboard credentials test env://OPENAI_API_KEY",
        "lampboard credentials test --all --tenant acme -o json",
    ),
)
@click.argument("references", nargs=-1, metavar="[REF]...")
@click.option("--all", "everything", is_flag=True, help="Every reference of the tenant.")
@click.pass_context
def command(ctx: click.Context, /, *, references: tuple[str, ...], everything: bool) -> None:
    """Ask for secrets now. Exits with 1 when one is not there; shows nothing of them."""
    session: Session = ctx.obj
    if bool(references) == everything:
        raise click.UsageError("Name references to test, or give --all.", ctx)

    async def work(workspace: Workspace) -> list[CredentialTest]:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        wanted = references or await _all(workspace, tenant)
        return [await workspace.credentials.test(tenant, reference) for reference in wanted]

    found = session.run(work)
    session.output.listing([found], len(found), TESTS, name="reference")
    if not found:
        narrate("There is no credential to test.")
    ctx.exit(0 if all(one.ok for one in found) else 1)


async def _all(workspace: Workspace, tenant: str) -> list[str]:
    from tui.cli.credentials.listing import Wanted, read

    wanted = Wanted(query="", sort="name", descending=False, limit=None)
    return [one.reference for one in await read(workspace, tenant, wanted)]
