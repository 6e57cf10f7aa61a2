"""`lampboard silences list|show`: what is kept quiet now and later, and one of them whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.kit import BoardCommand
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.silences import Silence
    from engine.workspace import Workspace
    from tui.cli.table import Column


@click.command(
    "list",
    cls=BoardCommand,
    examples=(
        "lampboard silences list --tenant acme",
        "lampboard silences list --ended --tenant acme -o json",
    ),
)
@click.option("--ended", is_flag=True, help="Also those that are over.")
@click.pass_obj
def command(session: Session, *, ended: bool) -> None:
    """List what holds now, then what begins soonest."""

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        found = await workspace.silences.list_silences(tenant, ended=ended)
        shown = [Shown(one) for one in found]
        session.output.listing([shown], len(shown), _columns(), name="id")
        if not found:
            narrate("Nothing is kept quiet: `lampboard silences add`.")

    session.run(work)


@click.command(
    "show", cls=BoardCommand, examples=("lampboard silences show 5e1f --tenant acme -o json",)
)
@click.argument("silence", metavar="ID")
@click.pass_obj
def show(session: Session, *, silence: str) -> None:
    """Show one silence; the beginning of its id is enough where no other begins so."""
    from tui.cli.silences.lookup import find_silence

    async def work(workspace: Workspace) -> Silence:
        return await find_silence(workspace, await session.tenant(workspace), silence)

    show_silence(session, session.run(work))


def show_silence(session: Session, found: Silence) -> None:
    """Print one silence as data."""
    from tui.cli.shows import facts_of

    shown = Shown(found)
    session.output.record(
        found.to_dict(),
        table=lambda: facts_of(shown, _facts(), session.output.stream),
        name="id",
    )


class Shown:
    """A silence with the words that people read beside its own fields."""

    def __init__(self, found: Silence) -> None:
        from engine.silences import words
        from tui.silences.entries import state_of

        self.silence = found
        self.about = words.about(found, found.thing_name)
        self.when = words.when(found)
        self.state = state_of(found)

    def __getattr__(self, name: str) -> object:
        return getattr(self.silence, name)


def _columns() -> tuple[Column, ...]:
    from tui.cli.shows import time
    from tui.cli.table import Column

    return (
        Column(title="ID", key="id", show=lambda value: str(value)[:8]),
        Column(title="STATE", key="state"),
        Column(title="WHAT", key="about"),
        Column(title="HOLDS", key="when"),
        Column(title="UNTIL", key="until", show=time),
        Column(title="NEXT", key="next_at", show=time),
        Column(title="REASON", key="reason"),
        Column(title="BY", key="created_by"),
    )


def _facts() -> tuple[Column, ...]:
    from tui.cli.shows import time
    from tui.cli.table import Column

    return (
        Column(title="about", key="about"),
        Column(title="id", key="id"),
        Column(title="state", key="state"),
        Column(title="holds", key="when"),
        Column(title="until", key="until", show=time),
        Column(title="next", key="next_at", show=time),
        Column(title="reason", key="reason"),
        Column(title="first", key="starts_at", show=time),
        Column(title="last", key="ends_at", show=time),
        Column(title="added by", key="created_by"),
        Column(title="added", key="created_at", show=time),
        Column(title="ended by", key="ended_by"),
        Column(title="ended", key="ended_at", show=time),
        Column(title="version", key="version"),
    )
