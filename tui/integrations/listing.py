"""The list of integrations through the facade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.integrations.results import IntegrationSummaryResult
from tui.integrations.rows import COLUMNS, KIND, SORTS, integration_row
from tui.inventory.listing import Listing, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.paging import Anchor
    from tui.widgets.row_source import Row


class IntegrationListing(Listing[IntegrationSummaryResult]):
    """A tenant's integrations."""

    noun = KIND
    title = "Integrations"
    columns = COLUMNS
    sorts = SORTS
    examples = "health:failing  !azure  esc clears"

    async def page(
        self, view: View, *, anchor: Anchor | None, limit: int
    ) -> tuple[Sequence[IntegrationSummaryResult], Sequence[object]]:
        """Return a page of integrations with their page keys."""
        workspace = await self.desk.workspace()
        return await workspace.integrations.page_integrations(
            view.tenant_id,
            query=view.query,
            sort=view.sort,
            descending=view.descending,
            anchor=anchor,
            limit=limit,
        )

    async def count(self, view: View) -> int:
        """Return how many integrations the view has."""
        workspace = await self.desk.workspace()
        return await workspace.integrations.count_integrations(view.tenant_id, query=view.query)

    async def name_of(self, thing_id: str) -> str:
        """Return an integration's name."""
        workspace = await self.desk.workspace()
        found = await workspace.integrations.get_integration(self.desk.tenant_id, thing_id)
        return found.name

    def row(self, item: IntegrationSummaryResult, anchor: object) -> Row:
        """Return an integration as a row."""
        return integration_row(item, anchor, self.desk.now(), self.desk.glyphs)
