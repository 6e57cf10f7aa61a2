"""`lampboard prevention verify`: proving a ledger, from its database or from a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.errors import InvalidInput
from tui.cli.kit import BoardCommand
from tui.cli.prevention.telling import so_far, tell
from tui.cli.progress import Progress

if TYPE_CHECKING:
    from engine.prevention import Checkpoint, Verification
    from engine.workspace import Workspace
    from tui.cli.session import Session

STDIN = "-"
_MAX_FILE = 64 << 20


@click.command(
    "verify",
    cls=BoardCommand,
    panels={"Against what": ("--checkpoint",), "How": ("--from", "--new")},
    examples=(
        "lampboard prevention verify --tenant acme",
        "lampboard prevention verify --tenant acme --checkpoint acme.checkpoints -o json",
        "lampboard prevention verify --from acme.jsonl",
    ),
)
@click.option(
    "--checkpoint",
    "files",
    metavar="FILE|-",
    multiple=True,
    help="What the ledger was, as `checkpoint` printed it; may be given several times.",
)
@click.option(
    "--from", "exported", metavar="FILE", help="An exported ledger, proved without a database."
)
@click.option("--new", "only_new", is_flag=True, help="Go on from the last proved record.")
@click.pass_context
def command(
    ctx: click.Context, *, files: tuple[str, ...], exported: str | None, only_new: bool
) -> None:
    """Prove that every record is the one that was written. Exits with 1 when one is not.

    The first record that was altered, removed, reordered or inserted is named. A checkpoint that
    was kept elsewhere finds out a ledger that was rewritten as a whole, too. What is found is
    kept as the ledger's lamp, unless --read-only or --from is given.
    """
    session: Session = ctx.obj
    checkpoints = [one for file in files for one in _checkpoints(file)]
    progress = Progress(sys.stderr, so_far)
    try:
        if exported is not None:
            found = _from_file(session, exported, checkpoints, progress)
        else:
            found = _from_database(session, checkpoints, progress, whole=not only_new)
    finally:
        progress.clear()
    tell(session, found)
    ctx.exit(0 if found.ok else 1)


def _from_database(
    session: Session, checkpoints: list[Checkpoint], progress: Progress[int, int], *, whole: bool
) -> Verification:
    async def work(workspace: Workspace) -> Verification:
        tenant = await session.tenant(workspace)
        return await workspace.prevention.verify(
            tenant, checkpoints, on_progress=progress.show, whole=whole
        )

    return session.run(work)


def _from_file(
    session: Session, path: str, checkpoints: list[Checkpoint], progress: Progress[int, int]
) -> Verification:
    from engine.clock import SystemClock
    from engine.prevention.exported import prove_file

    told = session.flags.get("tenant")
    return prove_file(
        Path(path),
        SystemClock(),
        tenant_id=str(told) if told else None,
        checkpoints=checkpoints,
        on_progress=progress.show,
    )


def _checkpoints(file: str) -> tuple[Checkpoint, ...]:
    from engine.prevention.checkpoints import read_checkpoints

    return read_checkpoints(_text(file))


def _text(file: str) -> str:
    try:
        if file == STDIN:
            return sys.stdin.read(_MAX_FILE)
        with Path(file).open(encoding="utf-8") as stream:
            return stream.read(_MAX_FILE)
    except UnicodeDecodeError:
        raise InvalidInput("The checkpoint file is not UTF-8 text.", field="checkpoint") from None
    except OSError as error:
        raise InvalidInput(
            f"The file {file[:200]!r} cannot be read: {error.strerror}.", field="checkpoint"
        ) from None
