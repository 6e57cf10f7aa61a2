"""The list of integrations through the facade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.integrations.results import IntegrationSummaryResult
from tui.integrations.rows import COLUMNS, KIND, SORTS, has_limit, integration_row
from tui.inventory.listing import FacadeListing, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.limits.results import GaugeResult
    from engine.paging import Anchor
    from engine.workspace import Workspace
    from tui.desk import Desk
    from tui.inventory.listing import Count, Pages
    from tui.widgets.row_source import Row

REMEMBERED = 5000
"""Integrations whose gauges are kept between reading a page and making its rows."""


class IntegrationListing(FacadeListing[IntegrationSummaryResult, IntegrationSummaryResult]):
    """A tenant's integrations."""

    noun = KIND
    title = "Integrations"
    columns = COLUMNS
    sorts = SORTS
    examples = "health:failing  !azure  esc clears"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._gauges: dict[str, tuple[GaugeResult, ...]] = {}

    def asks(self, workspace: Workspace) -> tuple[Pages[IntegrationSummaryResult], Count]:
        """Return the facade's ways."""
        found = workspace.integrations
        return found.page_integrations, found.count_integrations

    async def page(
        self, view: View, *, anchor: Anchor | None, limit: int
    ) -> tuple[Sequence[IntegrationSummaryResult], Sequence[object]]:
        """Return a page of integrations with their page keys; their gauges are read along."""
        items, keys = await super().page(view, anchor=anchor, limit=limit)
        if limited := [item.id for item in items if has_limit(item)]:
            await self._read_gauges(view.tenant_id, limited)
        return items, keys

    async def _read_gauges(self, tenant_id: str, ids: Sequence[str]) -> None:
        workspace = await self.desk.workspace()
        found = await workspace.limits.gauges_of_integrations(tenant_id, ids)
        if len(self._gauges) > REMEMBERED:
            self._gauges.clear()
        self._gauges |= found

    async def name_of(self, thing_id: str) -> str:
        """Return an integration's name."""
        workspace = await self.desk.workspace()
        found = await workspace.integrations.get_integration(self.desk.tenant_id, thing_id)
        return found.name

    def row(self, item: IntegrationSummaryResult, anchor: object) -> Row:
        """Return an integration as a row."""
        gauges = self._gauges.get(item.id, ())
        return integration_row(item, anchor, self.desk.now(), self.desk.glyphs, gauges)
