"""The list of connectors through the facade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.connectors.results import ConnectorInfo
from tui.connectors.rows import COLUMNS, KIND, SORTS, connector_row
from tui.inventory.listing import Listing, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.paging import Anchor
    from tui.widgets.row_source import Row


class ConnectorListing(Listing[ConnectorInfo]):
    """A tenant's connectors."""

    noun = KIND
    title = "Connectors"
    columns = COLUMNS
    sorts = SORTS
    examples = "type:mcp tag:prod !status:connected"

    async def page(
        self, view: View, *, anchor: Anchor | None, limit: int
    ) -> tuple[Sequence[ConnectorInfo], Sequence[object]]:
        """Return a page of connectors with their page keys."""
        workspace = await self.desk.workspace()
        return await workspace.connectors.page_connectors(
            view.tenant_id,
            query=view.query,
            sort=view.sort,
            descending=view.descending,
            anchor=anchor,
            limit=limit,
        )

    async def count(self, view: View) -> int:
        """Return how many connectors the view has."""
        workspace = await self.desk.workspace()
        return await workspace.connectors.count_connectors(view.tenant_id, query=view.query)

    async def name_of(self, thing_id: str) -> str:
        """Return a connector's name."""
        workspace = await self.desk.workspace()
        return (await workspace.connectors.get_connector(self.desk.tenant_id, thing_id)).name

    def row(self, item: ConnectorInfo, anchor: object) -> Row:
        """Return a connector as a row."""
        return connector_row(item, anchor, self.desk.now(), self.desk.glyphs)
