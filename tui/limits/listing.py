"""The list of gauges through the facade, and the one of sums of usage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import NotFound
from engine.limits.results import MEASURES, MOST_GROUPS, GaugeResult
from tui.inventory.held_listing import HeldListing
from tui.inventory.listing import FacadeListing
from tui.limits import rows, totals
from tui.limits.entries import Entry, gauge_entry
from tui.limits.rows import COLUMNS, KIND, SORTS, TOTAL_COLUMNS, TOTAL_SORTS

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tui.desk import Desk
    from tui.inventory.listing import Count, Pages, View
    from tui.widgets.row_source import Row


class GaugeListing(FacadeListing[Entry, GaugeResult]):
    """A tenant's gauges, what runs out first on top."""

    noun = KIND
    title = "Limits"
    columns = COLUMNS
    sorts = SORTS
    order = "urgency"
    examples = "state:over  measure:budget  !scope:tenant"

    def asks(self, workspace: Workspace) -> tuple[Pages[GaugeResult], Count]:
        """Return the facade's ways."""
        found = workspace.limits
        return found.page_gauges, found.count_gauges

    def item(self, record: GaugeResult) -> Entry:
        """Return a gauge as an entry."""
        return gauge_entry(record)

    async def name_of(self, thing_id: str) -> str:
        """Return the name of what a gauge measures."""
        scope, subject = split(thing_id)
        workspace = await self.desk.workspace()
        found = await workspace.limits.gauges_of(self.desk.tenant_id, scope, subject)
        if not found:
            raise NotFound("There is no gauge of that.", hint="It may have been deleted.")
        return found[0].name

    def row(self, item: Entry, anchor: object) -> Row:
        """Return a gauge as a row."""
        assert item.gauge is not None  # noqa: S101 - this listing makes no other
        return rows.gauge_row(item, item.gauge, anchor, self.desk.now(), self.desk.glyphs)


def split(entry_id: str) -> tuple[str, str]:
    """Return scope and subject of an entry's id; subjects may hold colons themselves."""
    scope, _, rest = entry_id.partition(":")
    subject, _, measure = rest.rpartition(":")
    return scope, subject if measure in MEASURES and subject else rest


class TotalListing(HeldListing[Entry]):
    """This month's usage summed up by tenant, provider, model, agent or integration."""

    noun = "sum"
    columns = TOTAL_COLUMNS
    sorts = TOTAL_SORTS
    order = "cost"
    examples = "claude  !haiku  esc clears"
    missing = ("Nothing was used by that in this month.", "b shows the gauges.")

    def __init__(self, desk: Desk, by: str) -> None:
        super().__init__(desk)
        self.by = by
        self.title = f"Usage by {by}"

    async def read(self, view: View) -> list[Entry]:
        """Return the sums of a view."""
        workspace = await self.desk.workspace()
        # Tenants stand beside one another; all else is this tenant's.
        whose = None if self.by == "tenant" else view.tenant_id
        read = await workspace.limits.groups(whose, self.by)
        most = ", the costliest" if len(read) >= MOST_GROUPS else ""
        self.title = f"Usage by {self.by}{most}"
        return totals.entries(read, self.by, view)

    def row(self, item: Entry, anchor: object) -> Row:
        """Return a sum as a row."""
        assert item.total is not None  # noqa: S101 - this listing makes no other
        return rows.total_row(item, item.total, anchor, self.desk.glyphs)
