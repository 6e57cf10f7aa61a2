"""`lampboard incidents acknowledge|unacknowledge|assign|note|close`: what people do about one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.errors import InvalidInput
from tui.cli.incidents.showing import NUMBER, show_incident
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.incidents.facade import IncidentsFacade
    from engine.incidents.model import Incident
    from engine.workspace import Workspace

_EXPECTED = click.option(
    "--expected-version", type=WholeRange(1), metavar="N", help="Refuse if it was changed since."
)


def _do(session: Session, what: Callable[[IncidentsFacade, str], Awaitable[Incident]]) -> Incident:
    """Do something about an incident of the tenant, and print it as it is then."""

    async def work(workspace: Workspace) -> Incident:
        return await what(workspace.incidents, await session.tenant(workspace))

    found = session.run(work)
    show_incident(session, found)
    return found


@click.command(
    "acknowledge",
    cls=BoardCommand,
    examples=(
        "lampboard incidents acknowledge 12 --reason 'Looking into it' --tenant acme",
        "lampboard incidents acknowledge 12 --reason 'Their outage' --tenant acme -o json",
    ),
)
@click.argument("number", type=NUMBER, metavar="NUMBER")
@click.option("--reason", required=True, metavar="TEXT", help="What the others are told.")
@_EXPECTED
@click.pass_obj
def acknowledge(
    session: Session, *, number: int, reason: str, expected_version: int | None
) -> None:
    """Say that you see to an incident: nobody is reminded of it any more.

    It is yours unless it is somebody's already, and clears itself on recovery.
    """
    found = _do(
        session,
        lambda facade, tenant: facade.acknowledge(
            tenant, number, reason, expected_version=expected_version
        ),
    )
    narrate(f"Incident {number} is acknowledged; {found.assignee} sees to it.")


@click.command(
    "unacknowledge",
    cls=BoardCommand,
    examples=("lampboard incidents unacknowledge 12 --tenant acme",),
)
@click.argument("number", type=NUMBER, metavar="NUMBER")
@_EXPECTED
@click.pass_obj
def unacknowledge(session: Session, *, number: int, expected_version: int | None) -> None:
    """Take an acknowledgement back: people are reminded of the incident again."""
    _do(
        session,
        lambda facade, tenant: facade.unacknowledge(
            tenant, number, expected_version=expected_version
        ),
    )
    narrate(f"Incident {number} waits for somebody again.")


@click.command(
    "assign",
    cls=BoardCommand,
    examples=(
        "lampboard incidents assign 12 olga --tenant acme",
        "lampboard incidents assign 12 --nobody --tenant acme",
    ),
)
@click.argument("number", type=NUMBER, metavar="NUMBER")
@click.argument("who", required=False, metavar="[WHO]")
@click.option("--nobody", is_flag=True, help="It is nobody's.")
@_EXPECTED
@click.pass_obj
def assign(
    session: Session, *, number: int, who: str | None, nobody: bool, expected_version: int | None
) -> None:
    """Give an incident to somebody; without a name it is yours."""
    if who and nobody:
        raise InvalidInput("Give a name, or --nobody.", field="who")

    async def work(workspace: Workspace) -> Incident:
        assignee = None if nobody else who or workspace.settings.operator
        tenant = await session.tenant(workspace)
        return await workspace.incidents.assign(
            tenant, number, assignee, expected_version=expected_version
        )

    found = session.run(work)
    show_incident(session, found)
    narrate(f"Incident {number} is {found.assignee or 'nobody'}'s.")


@click.command(
    "note",
    cls=BoardCommand,
    examples=("lampboard incidents note 12 'Rotated the key, waiting for checks' --tenant acme",),
)
@click.argument("number", type=NUMBER, metavar="NUMBER")
@click.argument("text", metavar="TEXT")
@click.pass_obj
def note(session: Session, *, number: int, text: str) -> None:
    """Write something down about an incident, whether or not it is over."""
    _do(session, lambda facade, tenant: facade.note(tenant, number, text))
    narrate(f"Noted with incident {number}.")


@click.command(
    "close",
    cls=BoardCommand,
    examples=("lampboard incidents close 12 --reason 'Not ours to fix' --tenant acme",),
)
@click.argument("number", type=NUMBER, metavar="NUMBER")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is over.")
@_EXPECTED
@click.pass_obj
def close(session: Session, *, number: int, reason: str, expected_version: int | None) -> None:
    """Close an incident by hand: what turns bad anew opens it again.

    Needed only for what does not close by itself; what is good again does.
    """
    _do(
        session,
        lambda facade, tenant: facade.close(
            tenant, number, reason, expected_version=expected_version
        ),
    )
    narrate(f"Incident {number} is closed.")
