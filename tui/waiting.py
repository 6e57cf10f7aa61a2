"""How many incidents wait for somebody, as the header of every place says it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui import text
from tui.theme import incident_look
from tui.widgets.cells import Cell, Span

if TYPE_CHECKING:
    from engine.incidents.model import IncidentHeadline


def waiting_cell(found: IncidentHeadline | None, *, brief: bool = False) -> Cell:
    """Return how many incidents wait, under the key of their place; nothing where none does.

    `brief` is for little room: the number alone.
    """
    if found is None or not found.open:
        return ()
    shown = incident_look("critical" if found.critical else "warning")
    said = text.number(found.open) if brief else text.plural(found.open, "incident")
    return (Span(f"  ! {said}", shown.tone),)
