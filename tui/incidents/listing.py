"""Incidents through the facade: those that are open, and those that are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import NotFound
from engine.numbers import whole
from tui.incidents import rows
from tui.incidents.entries import Entry, incident_entry
from tui.inventory.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.paging import Anchor
    from tui.inventory.listing import View
    from tui.widgets.row_source import Row


class IncidentListing(Listing[Entry]):
    """What is open, worst first."""

    noun = "incident"
    title = "Incidents"
    columns = rows.COLUMNS
    sorts = rows.SORTS
    order = "severity"
    examples = "severity:critical  cause:provider  !state:silenced  assignee:ana"
    closed = False

    async def page(
        self, view: View, *, anchor: Anchor | None, limit: int
    ) -> tuple[Sequence[Entry], Sequence[object]]:
        """Return a page of incidents with their page keys."""
        workspace = await self.desk.workspace()
        found = await workspace.incidents.page(
            view.tenant_id,
            closed=self.closed,
            query=view.query,
            sort=view.sort,
            descending=view.descending,
            anchor=anchor,
            limit=limit,
        )
        return [incident_entry(one, view.tenant_id) for one in found.items], found.keys

    async def count(self, view: View) -> int:
        """Return how many incidents the view has."""
        workspace = await self.desk.workspace()
        return await workspace.incidents.count(view.tenant_id, closed=self.closed, query=view.query)

    async def name_of(self, thing_id: str) -> str:
        """Return the title of an incident by its number."""
        number = whole(thing_id)
        if number is None:
            raise NotFound("There is no such incident.")
        workspace = await self.desk.workspace()
        return (await workspace.incidents.get(self.desk.tenant_id, number)).title

    def row(self, item: Entry, anchor: object) -> Row:
        """Return an incident as a row."""
        return rows.incident_row(item, anchor, self.desk.now(), self.desk.glyphs)


class PastListing(IncidentListing):
    """What is over, the newest on top."""

    title = "Past incidents"
    columns = rows.PAST_COLUMNS
    order = "opened"
    examples = "severity:critical  cause:provider  flapping:yes"
    closed = True

    def row(self, item: Entry, anchor: object) -> Row:
        """Return an incident as a row."""
        return rows.past_row(item, anchor, self.desk.now(), self.desk.glyphs)
