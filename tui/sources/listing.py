"""The list of sources through the facade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.sources.results import SourceSummary
from tui.inventory.listing import Listing, View
from tui.sources.rows import COLUMNS, KIND, SORTS, source_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.paging import Anchor
    from tui.widgets.row_source import Row


class SourceListing(Listing[SourceSummary]):
    """A tenant's sources, as far as the operator may see them."""

    noun = KIND
    title = "Sources"
    columns = COLUMNS
    sorts = SORTS
    examples = "type:vector tag:pii !status:active"

    async def page(
        self, view: View, *, anchor: Anchor | None, limit: int
    ) -> tuple[Sequence[SourceSummary], Sequence[object]]:
        """Return a page of sources with their page keys."""
        workspace = await self.desk.workspace()
        return await workspace.sources.page_sources(
            view.tenant_id,
            query=view.query,
            sort=view.sort,
            descending=view.descending,
            anchor=anchor,
            limit=limit,
        )

    async def count(self, view: View) -> int:
        """Return how many sources the view has."""
        workspace = await self.desk.workspace()
        return await workspace.sources.count_sources(view.tenant_id, query=view.query)

    async def name_of(self, thing_id: str) -> str:
        """Return a source's name."""
        workspace = await self.desk.workspace()
        return (await workspace.sources.get_source(self.desk.tenant_id, thing_id)).name

    def row(self, item: SourceSummary, anchor: object) -> Row:
        """Return a source as a row."""
        return source_row(item, anchor, self.desk.now(), self.desk.glyphs)
