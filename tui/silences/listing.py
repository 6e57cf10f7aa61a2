"""Silences through the facade: what holds now, then what begins soonest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.inventory.held_listing import HeldListing
from tui.silences import rows
from tui.silences.entries import KIND, SilenceEntry, silence_entry

if TYPE_CHECKING:
    from tui.inventory.listing import View
    from tui.widgets.row_source import Row


class SilenceListing(HeldListing[SilenceEntry]):
    """A tenant's silences and those of all tenants."""

    noun = KIND
    title = "Silences"
    columns = rows.COLUMNS
    sorts = rows.SORTS
    order = "soonest"
    examples = "state:active  tag:staging  !by:ana"
    missing = ("There is no such silence.", "Somebody may have ended it.")
    ended = False

    async def read(self, view: View) -> list[SilenceEntry]:
        """Return the silences of a view."""
        workspace = await self.desk.workspace()
        found = await workspace.silences.list_silences(view.tenant_id, ended=self.ended)
        return rows.chosen([silence_entry(one, view.tenant_id) for one in found], view)

    def row(self, item: SilenceEntry, anchor: object) -> Row:
        """Return a silence as a row."""
        return rows.silence_row(item, anchor, self.desk.now(), self.desk.glyphs)


class PastSilenceListing(SilenceListing):
    """The same, with those that are over."""

    title = "Silences, also those that are over"
    ended = True
