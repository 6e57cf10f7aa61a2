"""A table's source over rows in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.widgets.row_source import slice_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.widgets.row_source import Ask, Row


class ListSource:
    """Gives the rows it was made with, or those that a function gives at each request."""

    def __init__(self, rows: Sequence[Row] | Callable[[], Sequence[Row]]) -> None:
        self._rows = rows

    def _all(self) -> Sequence[Row]:
        return self._rows() if callable(self._rows) else self._rows

    async def fetch(self, ask: Ask) -> Sequence[Row]:
        rows = self._all()
        places = (index for index, row in enumerate(rows) if row.anchor == ask.anchor)
        return rows[slice_for(ask, len(rows), next(places, -1))]

    async def count(self) -> int | None:
        return len(self._all())
