"""`lampboard incidents show|export`: one incident with its timeline, for people and as Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.errors import InvalidInput
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.incidents.model import Incident, IncidentStory
    from engine.workspace import Workspace
    from tui.cli.table import Column

NUMBER = WholeRange(1)
"""What every command about one incident takes."""


@click.command(
    "show",
    cls=BoardCommand,
    examples=(
        "lampboard incidents show 12 --tenant acme",
        "lampboard incidents show 12 --tenant acme -o json",
    ),
)
@click.argument("number", type=NUMBER, metavar="NUMBER")
@click.pass_obj
def show(session: Session, *, number: int) -> None:
    """Show an incident with everything that happened, oldest first.

    The timeline has its checks and changes of state, what people did about it, changes made to
    what it is about in that time, and who was told.
    """

    async def work(workspace: Workspace) -> IncidentStory:
        return await workspace.incidents.story(await session.tenant(workspace), number)

    found = session.run(work)
    told = found.to_dict()
    told = {**told.pop("incident"), **told}
    session.output.record(told, table=lambda: _story(session, found), name="number")


@click.command(
    "export",
    cls=BoardCommand,
    examples=(
        "lampboard incidents export 12 --tenant acme > post-mortem.md",
        "lampboard incidents export 12 --tenant acme --to post-mortem.md",
    ),
)
@click.argument("number", type=NUMBER, metavar="NUMBER")
@click.option("--to", default="-", metavar="FILE", help="Where to write it; - is stdout (default).")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
def export(session: Session, *, number: int, to: str, force: bool) -> None:
    """Write an incident's story as Markdown, with room for its cause and what is to be done."""

    async def work(workspace: Workspace) -> str:
        return await workspace.incidents.post_mortem(await session.tenant(workspace), number)

    text = session.run(work)
    if to == "-":
        session.output.stream.write(text)
        return
    try:
        with Path(to).open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InvalidInput(f"{to} is there already.", hint="Give --force.", field="to") from None
    except OSError as error:
        raise InvalidInput(f"{to} cannot be written: {error.strerror}.", field="to") from None
    narrate(f"Incident {number} is in {to}.")


def show_incident(session: Session, found: Incident) -> None:
    """Print one incident as data."""
    from tui.cli.shows import facts_of

    session.output.record(
        found.to_dict(),
        table=lambda: facts_of(found, _facts(found), session.output.stream),
        name="number",
    )


def _story(session: Session, found: IncidentStory) -> str:
    from tui.cli.shows import pairs_of, time
    from tui.cli.table import Column, facts, render

    stream = session.output.stream
    checks = (
        Column(title="checks", key="checks"),
        Column(title="failed", key="failures"),
    )
    members = (
        Column(title="TARGET", key="name"),
        Column(title="NOW", key="state", state=True),
        Column(title="JOINED", key="joined_at", show=time),
        Column(title="LEFT", key="left_at", show=time),
    )
    happened = (
        Column(title="AT", key="at", show=time),
        Column(title="FROM", key="source"),
        Column(title="WHAT", key="what"),
        Column(title="BY", key="actor"),
        Column(title="SAID", key="said"),
    )
    told = pairs_of(found.incident, _facts(found.incident), stream)
    parts = [facts([*told, *pairs_of(found, checks, stream)])]
    if found.incident.cause == "provider":
        parts.append(render(found.members, members, stream))
    parts.append(render(found.timeline, happened, stream))
    return "\n".join(part for part in parts if part)


def _facts(found: Incident) -> tuple[Column, ...]:
    """Return what is told of an incident: always what it is, the rest where there is any."""
    from tui.cli.shows import time
    from tui.cli.table import Column

    always = (
        Column(title="incident", key="number"),
        Column(title="about", key="title"),
        Column(title="state", key="state"),
        Column(title="severity", key="severity"),
        Column(title="cause", key="cause"),
        Column(title="opened", key="opened_at", show=time),
    )
    where_any = (
        Column(title="closed", key="closed_at", show=time),
        Column(title="because", key="closed_because"),
        Column(title="kind", key="kind"),
        Column(title="thing", key="thing_name"),
        Column(title="technology", key="technology"),
        Column(title="error", key="error"),
        Column(title="message", key="message"),
        Column(title="flapping", key="flapping", show=lambda _: "yes"),
        Column(title="relapses", key="relapses"),
        Column(title="assignee", key="assignee"),
        Column(title="acknowledged", key="acknowledged_at", show=time),
        Column(title="by", key="acknowledged_by"),
        Column(title="reason", key="acknowledged_because"),
        Column(title="merged into", key="merged_into"),
        Column(title="silence", key="silence_id"),
    )
    return (*always, *(column for column in where_any if getattr(found, column.key)))
