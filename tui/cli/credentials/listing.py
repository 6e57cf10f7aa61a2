"""`lampboard credentials list`: references, the worst first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from engine.credentials.listing import SORTS
from tui.cli import paging
from tui.cli.credentials.shows import LIST
from tui.cli.kit import BoardCommand
from tui.cli.options import PAGE, list_options
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.credentials.results import CredentialSummary
    from engine.workspace import Workspace

CONCEPTS = frozenset({"credentials", "integrations", "sources", "connectors", "gateway"})
"""What changes a reference, or who uses it."""
EXPIRING = "state:expir"
"""What expires soon, and what has expired."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which references, and how many at most; None is all of them."""

    query: str
    sort: str
    descending: bool
    limit: int | None


@click.command(
    "list",
    cls=BoardCommand,
    panels={"Which": ("--expiring", "--filter", "--sort", "--desc", "--limit", "--all")},
    examples=(
        "lampboard credentials list --tenant acme",
        "lampboard credentials list --expiring -o json",
        "lampboard credentials list --filter 'kind:vault !used:yes' --sort age",
    ),
)
@click.option("--expiring", is_flag=True, help="Only what expires soon, or has expired.")
@click.option("--filter", "query", metavar="TEXT", default="", help="Words that must all fit.")
@list_options(SORTS, first="state")
@click.pass_obj
def command(  # noqa: PLR0913 - a flag each
    session: Session,
    /,
    *,
    expiring: bool,
    query: str,
    sort: str,
    descending: bool,
    limit: int,
    everything: bool,
    watch: bool,
) -> None:
    """List the references of a tenant; what needs attention first comes first.

    A filter takes words and fields: `openai`, `kind:env`, `state:unreadable`, `used:no`.
    """
    wanted = Wanted(
        query=f"{query} {EXPIRING}" if expiring else query,
        sort=sort,
        descending=descending,
        limit=None if everything else limit,
    )

    async def work(workspace: Workspace) -> None:
        from tui.cli.watching import shown

        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)

        async def show() -> None:
            await _show(session, workspace, tenant, wanted)

        await shown(session, workspace, show, watch=CONCEPTS if watch else frozenset())

    session.run(work)


async def _show(session: Session, workspace: Workspace, tenant: str, wanted: Wanted) -> None:
    total = await workspace.credentials.count_references(tenant, query=wanted.query)
    found = await read(workspace, tenant, wanted)
    session.output.listing([found], total, LIST, name="reference")
    if not total:
        narrate(
            f"No credential of {tenant} matches."
            if wanted.query
            else f"{tenant} has no credential yet: `lampboard credentials set`."
        )
    elif len(found) < total:
        narrate(f"{len(found):,} of {total:,} shown; use --all.")


async def read(workspace: Workspace, tenant: str, wanted: Wanted) -> list[CredentialSummary]:
    """Return what is wanted: a page, or all, read page by page."""
    ask = partial(
        workspace.credentials.page_references,
        tenant,
        query=wanted.query,
        sort=wanted.sort,
        descending=wanted.descending,
    )
    if wanted.limit is not None:
        page, _ = await ask(limit=wanted.limit)
        return list(page)
    return [found for page in await paging.every(ask, PAGE) for found in page]
