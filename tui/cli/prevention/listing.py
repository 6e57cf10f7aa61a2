"""`lampboard prevention list|show`: records, and one of them with its hashes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from engine.prevention.selection import SORTS
from tui.cli import paging
from tui.cli.kit import BoardCommand
from tui.cli.options import PAGE, list_options
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.prevention import PreventionRecord
    from engine.workspace import Workspace
    from tui.cli.table import Column


@click.command(
    "list",
    cls=BoardCommand,
    panels={"Which": ("--sort", "--oldest", "--limit", "--all")},
    examples=(
        "lampboard prevention list --tenant acme",
        "lampboard prevention list 'policy:no-raw-exports !simulated:yes' --tenant acme",
        "lampboard prevention list incident:inc-1042 --tenant acme -o json",
    ),
)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@list_options(
    SORTS,
    first="number",
    turned=click.option("--oldest", is_flag=True, help="The other way round: the oldest first."),
    watch=False,
)
@click.pass_obj
def command(  # noqa: PLR0913 - a flag each
    session: Session,
    *,
    words: tuple[str, ...],
    sort: str,
    oldest: bool,
    limit: int,
    everything: bool,
) -> None:
    """List records, the newest first.

    A filter takes words and fields: `policy:`, `pattern:`, `incident:`, `simulated:yes`,
    `number:`; `!` turns one round.
    """
    query = " ".join(words)
    how: dict[str, Any] = {"query": query, "sort": sort, "descending": not oldest}

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        ask = partial(workspace.prevention.page_records, tenant, **how)
        batches = await paging.every(ask, PAGE) if everything else [(await ask(limit=limit))[0]]
        total = await workspace.prevention.count_records(tenant, query=query)
        session.output.listing(batches, total, _columns(), name="id")
        _tell(tenant, sum(map(len, batches)), total, narrowed=bool(words))

    session.run(work)


def _tell(tenant: str, shown: int, total: int, *, narrowed: bool) -> None:
    if not total and narrowed:
        narrate(f"No record of {tenant} matches.")
    elif not total:
        narrate(f"Nothing was recorded for {tenant} yet.")
    elif shown < total:
        narrate(f"{shown:,} of {total:,} shown; use --all.")


def _columns() -> tuple[Column, ...]:
    from tui.cli.shows import time
    from tui.cli.table import Column

    return (
        Column(title="NUMBER", key="seq", right=True),
        Column(title="AT", key="created_at", show=time),
        Column(title="POLICY", key="policy_id"),
        Column(title="PATTERN", key="pattern_id"),
        Column(title="MATCH", key="signature_match_confidence", show=_match, right=True),
        Column(title="BLOCKED", key="blocked_incident_id"),
        Column(title="SIMULATED", key="is_simulated", show=_yes),
        Column(title="DIGEST", key="digest", show=lambda value: str(value)[:12]),
    )


def _match(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, int | float) else str(value)


def _yes(value: object) -> str:
    return "yes" if value else ""


@click.command(
    "show",
    cls=BoardCommand,
    examples=(
        "lampboard prevention show 17 --tenant acme",
        "lampboard prevention show prv-17 --tenant acme -o json",
    ),
)
@click.argument("record", metavar="NUMBER|ID")
@click.pass_context
def show(ctx: click.Context, *, record: str) -> None:
    """Show a record with its hashes. Exits with 1 when its digest is not the one over its body."""
    session: Session = ctx.obj

    async def work(workspace: Workspace) -> PreventionRecord:
        tenant = await session.tenant(workspace)
        return await workspace.prevention.get_record(tenant, record)

    found = session.run(work)
    told = found.to_dict() | {"agrees": found.agrees}
    session.output.record(told, table=lambda: _facts(session, found), name="id")
    if not found.agrees:
        narrate(f"Record {found.seq} does not hold: its digest is not the one over its content.")
        ctx.exit(1)


def _facts(session: Session, found: PreventionRecord) -> str:
    from tui.cli.shows import facts_of, time, yes_no
    from tui.cli.table import Column

    columns = (
        Column(title="number", key="seq"),
        Column(title="id", key="id"),
        Column(title="tenant", key="tenant_id"),
        Column(title="created", key="created_at", show=time),
        Column(title="policy", key="policy_id"),
        Column(title="mode", key="policy_mode"),
        Column(title="pattern", key="pattern_id"),
        Column(title="match", key="signature_match_confidence", show=_match),
        Column(title="blocked", key="blocked_incident_id"),
        Column(title="known from", key="original_incident_id"),
        Column(title="pattern's", key="pattern_signature"),
        Column(title="request's", key="request_signature"),
        Column(title="simulated", key="is_simulated", show=yes_no),
        Column(title="contract", key="contract_version"),
        Column(title="previous", key="previous"),
        Column(title="digest", key="digest"),
        Column(title="agrees", key="agrees", show=lambda value: "yes" if value else "NO"),
        Column(title="body", key="body"),
    )
    return facts_of(found, columns, session.output.stream)
