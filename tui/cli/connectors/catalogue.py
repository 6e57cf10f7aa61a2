"""`lampboard connectors types`: what kinds of connectors there are, and what each can do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from tui.cli.kit import BoardCommand

if TYPE_CHECKING:
    from tui.cli.session import Session


@dataclass(frozen=True, slots=True)
class Entry:
    """A type as a line of a table."""

    name: str
    capabilities: tuple[str, ...]
    technologies: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, JSON-ready."""
        return asdict(self)


@click.command(cls=BoardCommand, examples=("lampboard connectors types -o json",))
@click.pass_obj
def types(session: Session) -> None:
    """List the types of connectors: what each can do, and which technologies it speaks."""
    from engine.connectors.inputs import technologies_of
    from engine.connectors.loading import connector_types, promised_by
    from tui.cli.shows import words
    from tui.cli.table import Column

    found = [
        Entry(
            name,
            promised_by(name),
            tuple(one.name for one in technologies_of(name)),
        )
        for name in connector_types()
    ]
    columns = (
        Column(title="TYPE", key="name"),
        Column(title="CAN", key="capabilities", show=words),
        Column(title="TECHNOLOGIES", key="technologies", show=words),
    )
    session.output.listing([found], len(found), columns)
