"""`lampboard db copy`: all of a database into an empty one, from a file to a server or back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tui.cli.kit import BoardCommand
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from storage.copying import Copied

_KEY = (
    "Secrets are sealed as before: whoever opens the copy needs the same master key"
    " (the key file, or LAMPBOARD_MASTER_KEY)."
)
_WATCHED = "A monitor is at work on the original: what it finds from now on is not in the copy."


@click.command(
    "copy",
    cls=BoardCommand,
    examples=(
        "lampboard db copy --to postgresql://board@db.example/lampboard",
        "lampboard --database postgresql://board@db.example/lampboard db copy --to local.db",
    ),
)
@click.option("--to", metavar="URL", required=True, help="An empty database, or a new file.")
@click.pass_obj
def copy(session: Session, *, to: str) -> None:
    """Copy all of the database, as of now, into an empty one, and compare both.

    Each row of each table is the same there, or nothing is. A missing file is made, and so are
    the tables of a server that has none. Interrupted, it leaves the target as it was.
    """
    from engine.errors import ReadOnlyRefused
    from engine.upkeep import copy_database
    from tui.cli.progress import Progress
    from tui.cli.stopping import leaving_in_order

    if session.settings.read_only:
        raise ReadOnlyRefused("This run is read-only, so nothing can be copied anywhere.")
    progress = Progress(sys.stderr, _far)
    try:
        with leaving_in_order():
            copied, watched = copy_database(session.settings, to, told=progress.show)
    finally:
        progress.clear()
    _tell(session, copied)
    if watched:
        narrate(_WATCHED)
    if copied.secrets:
        narrate(_KEY)


def _far(done: str, table: str, rows: int) -> str:
    return f"{done} {table}: {rows:,} rows"


def _tell(session: Session, copied: Copied) -> None:
    from engine.jsonable import jsonable

    filled = [one for one in copied.tables if one.rows]

    def table() -> str:
        from tui.cli.table import facts

        counted = [(one.name, f"{one.rows:,}") for one in filled]
        return facts([*counted, ("all rows", f"{copied.rows:,}, the same on both sides")])

    session.output.record(jsonable(copied), table=table, name="rows")
