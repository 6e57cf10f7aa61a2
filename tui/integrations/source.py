"""The list's rows through the facade: by page key, and counted apart from the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from engine import paging
from tui.integrations.rows import integration_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.paging import Anchor
    from tui.desk import Desk
    from tui.widgets.row_source import Ask, Row
    from tui.widgets.window_table import WindowTable


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
            anchor=anchor(ask),
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


def anchor(ask: Ask) -> Anchor:
    """Return where the page asked for starts, as the engine says it."""
    match ask.position:
        case "start":
            return paging.start()
        case "end":
            return paging.end()
        case "at":
            return paging.at(ask.offset)
        case "after":
            return paging.after(cast("tuple[str | int | float, ...]", ask.anchor))
        case "before":
            return paging.before(cast("tuple[str | int | float, ...]", ask.anchor))


def walk_to(table: WindowTable, key: str) -> bool:
    """Put the cursor on a row by its key; False when the table's window does not hold it."""
    if table.find(key) is None:
        return False
    table.action_first()
    for _ in range(table.total):
        row = table.cursor_row
        if row is not None and row.key == key:
            return True
        table.action_move(1)
    return False
