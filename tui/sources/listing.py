"""The list of sources through the facade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.sources.results import SourceSummary
from tui.inventory.listing import FacadeListing
from tui.sources.rows import COLUMNS, KIND, SORTS, source_row

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tui.inventory.listing import Count, Pages
    from tui.widgets.row_source import Row


class SourceListing(FacadeListing[SourceSummary, SourceSummary]):
    """A tenant's sources, as far as the operator may see them."""

    noun = KIND
    title = "Sources"
    columns = COLUMNS
    sorts = SORTS
    examples = "type:vector tag:pii !status:active"

    def asks(self, workspace: Workspace) -> tuple[Pages[SourceSummary], Count]:
        """Return the facade's ways."""
        found = workspace.sources
        return found.page_sources, found.count_sources

    async def name_of(self, thing_id: str) -> str:
        """Return a source's name."""
        workspace = await self.desk.workspace()
        return (await workspace.sources.get_source(self.desk.tenant_id, thing_id)).name

    def row(self, item: SourceSummary, anchor: object) -> Row:
        """Return a source as a row."""
        return source_row(item, anchor, self.desk.now(), self.desk.glyphs)
