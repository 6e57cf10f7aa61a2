"""`lampboard prevention status`: a ledger's lamp."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui import text
from tui.cli.kit import BoardCommand
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.prevention import LedgerStatus
    from engine.workspace import Workspace


@click.command(
    "status",
    cls=BoardCommand,
    examples=(
        "lampboard prevention status --tenant acme",
        "lampboard prevention status --tenant acme -o json",
    ),
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Show the ledger's lamp: proved, broken, or never verified. Exits with 1 when it is broken."""
    session: Session = ctx.obj

    async def work(workspace: Workspace) -> LedgerStatus:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        return await workspace.prevention.status(tenant)

    found = session.run(work)
    session.output.record(found.to_dict(), table=lambda: _facts(session, found), name="state")
    _tell(found)
    ctx.exit(1 if found.state == "failing" else 0)


def _tell(found: LedgerStatus) -> None:
    if found.verification is not None and found.verification.fault is not None:
        narrate(found.verification.fault.message)
    elif found.state == "unknown" and found.records:
        narrate("Nobody verified it yet: `lampboard prevention verify`.")
    elif found.unverified:
        narrate(f"{text.plural(found.unverified, 'record')} written since the last verification.")


def _facts(session: Session, found: LedgerStatus) -> str:
    from tui.cli.shows import count, time
    from tui.cli.table import Column, can_draw, facts

    plain = not can_draw(session.output.stream)
    columns = [
        Column(title="ledger", key="state", state=True),
        Column(title="tenant", key="tenant_id"),
        Column(title="records", key="records", show=count),
        Column(title="unverified", key="unverified", show=count),
        Column(title="head", key="head"),
        Column(title="last record", key="last_at", show=time),
    ]
    pairs = [(column.title, column.text(found, ascii_only=plain)) for column in columns]
    if found.verification is not None:
        pairs += [
            ("verified", time(found.verification.at)),
            ("held then", count(found.verification.verified)),
        ]
        if found.verification.breaks:
            pairs.append(("accepted faults", count(found.verification.breaks)))
    return facts(pairs)
