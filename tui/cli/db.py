"""`lampboard db`: upgrade, back up, copy and describe the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.db_copy import copy
from tui.cli.db_isolate import isolate
from tui.cli.kit import BoardGroup
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.workspace import Workspace

db = BoardGroup(
    name="db",
    help="The database: upgrade it, back it up, copy it, describe it.",
    examples=(
        "lampboard db info",
        "lampboard db backup before.db",
        "lampboard --database postgresql://board@db.example/lampboard db upgrade",
    ),
)


db.add_command(copy)
db.add_command(isolate)


@db.command("upgrade", examples=("lampboard db upgrade",))
@click.pass_obj
def upgrade(session: Session) -> None:
    """Bring the database to the newest schema; a file is backed up first."""
    from engine.errors import ReadOnlyRefused
    from engine.upkeep import upgrade_database

    if session.settings.read_only:
        raise ReadOnlyRefused("This run is read-only, so the database cannot be upgraded.")
    _tell(session, upgrade_database(session.settings))
    narrate("The database is up to date.")


@db.command("backup", examples=("lampboard db backup lampboard-backup.db",))
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(session: Session, *, target: Path) -> None:
    """Copy the database, as of now, into a new file for its owner alone."""

    async def work(workspace: Workspace) -> None:
        await workspace.run(workspace.database.backup, target)

    session.run(work)
    size = target.stat().st_size
    told = {"path": str(target), "size_bytes": size}
    session.output.record(told, table=lambda: _written(target, size), name="path")


@db.command("info", examples=("lampboard db info -o json",))
@click.pass_obj
def info(session: Session) -> None:
    """Tell which database this is, its schema and its size."""

    async def work(workspace: Workspace) -> object:
        return await workspace.run(workspace.database.info)

    _tell(session, session.run(work))


def _tell(session: Session, found: object) -> None:
    from engine.jsonable import jsonable

    told = jsonable(found)

    def table() -> str:
        from tui.cli.table import facts

        return facts([(key.replace("_", " "), _word(value)) for key, value in told.items()])

    session.output.record(told, table=table, name="url")


def _written(target: Path, size: int) -> str:
    from tui.text import clean

    return f"{clean(str(target))}  {size:,} bytes\n"


def _word(value: object) -> str:
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case _:
            return str(value)
