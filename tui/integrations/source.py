"""The list's rows through the facade: by page key, and counted apart from the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui import paging
from tui.integrations.rows import integration_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.desk import Desk
    from tui.widgets.row_source import Ask, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """Which rows in which order: a view that differs needs another source."""

    tenant_id: str
    query: str = ""
    sort: str = "name"
    descending: bool = False


class IntegrationSource:
    """A `RowSource` over one view of a tenant's integrations."""

    def __init__(self, desk: Desk, view: View) -> None:
        self._desk = desk
        self._view = view

    async def fetch(self, ask: Ask) -> Sequence[Row]:
        """Return the rows asked for, in the list's order."""
        workspace = await self._desk.workspace()
        view = self._view
        items, keys = await workspace.integrations.page_integrations(
            view.tenant_id,
            query=view.query,
            sort=view.sort,
            descending=view.descending,
            anchor=paging.anchor(ask),
            limit=ask.limit,
        )
        now, glyphs = self._desk.now(), self._desk.glyphs
        return [
            integration_row(item, key, now, glyphs) for item, key in zip(items, keys, strict=True)
        ]

    async def count(self) -> int | None:
        """Return how many rows there are."""
        workspace = await self._desk.workspace()
        return await workspace.integrations.count_integrations(
            self._view.tenant_id, query=self._view.query
        )
