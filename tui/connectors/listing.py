"""The list of connectors through the facade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.connectors.results import ConnectorInfo
from tui.connectors.rows import COLUMNS, KIND, SORTS, connector_row
from tui.inventory.listing import FacadeListing

if TYPE_CHECKING:
    from engine.workspace import Workspace
    from tui.inventory.listing import Count, Pages
    from tui.widgets.row_source import Row


class ConnectorListing(FacadeListing[ConnectorInfo, ConnectorInfo]):
    """A tenant's connectors."""

    noun = KIND
    title = "Connectors"
    columns = COLUMNS
    sorts = SORTS
    examples = "type:mcp tag:prod !status:connected"

    def asks(self, workspace: Workspace) -> tuple[Pages[ConnectorInfo], Count]:
        """Return the facade's ways."""
        found = workspace.connectors
        return found.page_connectors, found.count_connectors

    async def name_of(self, thing_id: str) -> str:
        """Return a connector's name."""
        workspace = await self.desk.workspace()
        return (await workspace.connectors.get_connector(self.desk.tenant_id, thing_id)).name

    def row(self, item: ConnectorInfo, anchor: object) -> Row:
        """Return a connector as a row."""
        return connector_row(item, anchor, self.desk.now(), self.desk.glyphs)
