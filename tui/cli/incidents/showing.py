"""`lampboard incidents show`: one incident with its timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange

if TYPE_CHECKING:
    from engine.incidents.model import Incident, IncidentStory
    from engine.workspace import Workspace
    from tui.cli.session import Session
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
    session.output.record(story_record(found), table=lambda: _story(session, found), name="number")


def story_record(found: IncidentStory) -> dict[str, Any]:
    """Return a story as data: what the incident is, and beside that what happened."""
    told = found.to_dict()
    return {**told.pop("incident"), **told}


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
        Column(title="worsened", key="worsened"),
        Column(title="assignee", key="assignee"),
        Column(title="acknowledged", key="acknowledged_at", show=time),
        Column(title="by", key="acknowledged_by"),
        Column(title="reason", key="acknowledged_because"),
        Column(title="merged into", key="merged_into"),
        Column(title="silence", key="silence_id"),
    )
    return (*always, *(column for column in where_any if getattr(found, column.key)))
