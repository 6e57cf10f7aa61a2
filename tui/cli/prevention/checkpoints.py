"""`lampboard prevention checkpoint|export`: what is kept elsewhere, a line of JSON a thing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from tui.cli.exports import ExportCommand
from tui.cli.session import Session, narrate
from tui.text import plural

if TYPE_CHECKING:
    from engine.prevention import Checkpoint
    from engine.workspace import Workspace


FORMATS = ("json",)
"""A line each: what is written here is read by `verify`, not by people."""


@click.command(
    "checkpoint",
    cls=ExportCommand,
    formats=FORMATS,
    examples=(
        "lampboard prevention checkpoint --tenant acme | tee -a acme.checkpoints",
        "lampboard prevention checkpoint --tenant acme | ssh vault 'cat >> acme.checkpoints'",
    ),
)
@click.pass_obj
def command(session: Session) -> None:
    """Print what the ledger is now: its last number and digest, as one line of JSON.

    Kept where the owner of the database cannot change it, it finds out every later change of the
    records up to there, also one that was made anew as a whole.
    """

    async def work(workspace: Workspace) -> Checkpoint:
        return await workspace.prevention.checkpoint(await session.tenant(workspace))

    taken = session.run(work)
    session.output.stream.write(json.dumps(taken.to_dict()) + "\n")
    held = plural(taken.seq, "record")
    narrate(f"Keep it where nobody who can write to the database can: {held}.")


@click.command(
    "export",
    cls=ExportCommand,
    formats=FORMATS,
    examples=("lampboard prevention export --tenant acme > acme.jsonl",),
)
@click.pass_obj
def export(session: Session) -> None:
    """Write the ledger as JSON lines; `verify --from FILE` proves it without a database."""

    async def work(workspace: Workspace) -> int:
        written = -1
        tenant = await session.tenant(workspace)
        async for lines in workspace.prevention.export_lines(tenant):
            session.output.stream.writelines(lines)
            written += len(lines)
        return written

    narrate(f"{plural(session.run(work), 'record')} written.")
