"""`lampboard prevention resume`: accepting the fault of a broken ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.kit import BoardCommand
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.prevention import LedgerBreak, LedgerStatus
    from engine.workspace import Workspace


@click.command(
    "resume",
    cls=BoardCommand,
    examples=(
        "lampboard prevention resume --tenant acme --reason 'restored from the backup of May 3'",
    ),
)
@click.option("--reason", metavar="TEXT", required=True, help="Why it is accepted; kept for ever.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def command(session: Session, *, reason: str, yes: bool) -> None:
    """Accept the fault that a ledger has, so that new records can be appended.

    Records from the fault on are given up as proofs, and kept as they are: the chain goes on from
    a digest over them, who accepted it and why. Every later verification tells of it. A backup in
    the database's place is the better way where there is one.
    """
    from tui.cli.confirm import confirm

    async def work(workspace: Workspace) -> tuple[LedgerBreak | None, LedgerStatus]:
        tenant = await session.tenant(workspace)
        found = await workspace.prevention.verify(tenant)
        if found.fault is not None:
            question = f"{found.fault.message} Give up what follows and go on?"
            confirm(session, question, yes=yes)
        done = await workspace.prevention.resume(tenant, reason)
        return done, await workspace.prevention.status(tenant)

    done, status = session.run(work)
    session.output.record(
        {"break": done.to_dict() if done else None, "status": status.to_dict()},
        table=lambda: "",
        name="status",
    )
    if done is None:
        narrate("Every record holds, so nothing was given up.")
    else:
        narrate(f"Given up: records {done.seq} to {done.until - 1}. The ledger goes on.")
