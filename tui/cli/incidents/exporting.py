"""`lampboard incidents export`: an incident's story as Markdown to write on, or as data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.errors import InvalidInput
from tui.cli.exports import ExportCommand
from tui.cli.incidents.showing import NUMBER, story_record
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.incidents.model import IncidentStory
    from engine.workspace import Workspace
    from tui.cli.output import Output

MARKDOWN = "markdown"


@click.command(
    "export",
    cls=ExportCommand,
    formats=(MARKDOWN, "json", "yaml"),
    examples=(
        "lampboard incidents export 12 --tenant acme > post-mortem.md",
        "lampboard incidents export 12 --tenant acme --to post-mortem.md",
        "lampboard incidents export 12 --tenant acme -o json --to 12.json",
    ),
)
@click.argument("number", type=NUMBER, metavar="NUMBER")
@click.option("--to", default="-", metavar="FILE", help="Where to write it; - is stdout (default).")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
def command(session: Session, *, number: int, to: str, force: bool) -> None:
    """Write an incident's story as Markdown, with room for its cause and what is to be done.

    As JSON or YAML it is the whole story as data, as `incidents show` prints it.
    """

    async def work(workspace: Workspace) -> str | IncidentStory:
        tenant = await session.tenant(workspace)
        if session.output.format == MARKDOWN:
            return await workspace.incidents.post_mortem(tenant, number)
        return await workspace.incidents.story(tenant, number)

    found = session.run(work)
    if to == "-":
        _write(found, session.output)
        return
    try:
        with Path(to).open("w" if force else "x", encoding="utf-8") as file:
            _write(found, replace(session.output, stream=file))
    except FileExistsError:
        raise InvalidInput(f"{to} is there already.", hint="Give --force.", field="to") from None
    except OSError as error:
        raise InvalidInput(f"{to} cannot be written: {error.strerror}.", field="to") from None
    narrate(f"Incident {number} is in {to}.")


def _write(found: str | IncidentStory, output: Output) -> None:
    if isinstance(found, str):
        output.stream.write(found)
    else:
        output.record(story_record(found), table=str)
