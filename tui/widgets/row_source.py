"""What a windowed table asks for: rows by anchor, and how many there are.

A source wraps a facade's paged list. The table asks only for rows in sight and a page ahead, by
the key of the row it stands at, so that a page costs the same among 100 rows and 100,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.widgets.cells import Cell

Position = Literal["start", "end", "after", "before", "at"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """One request for rows, in the list's order.

    start: the first `limit` rows; end: the last; after, before: the rows next to the one whose
    `Row.anchor` is `anchor`; at: from row number `offset` on (only when a scrollbar was dragged
    or a click jumped: it is the one request whose cost grows with the list).
    """

    position: Position
    limit: int
    anchor: object = None
    offset: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row: who it is, where it stands in the order, what it shows, what it was made from.

    `key` is the thing's id; cursor and marks follow it. `anchor` is the opaque page key which the
    facade gave with the row. `cells` holds one cell a declared column, shown or not.
    """

    key: str
    cells: tuple[Cell, ...]
    anchor: object = None
    record: object = None
    muted: bool = False


class RowSource(Protocol):
    """Where a table's rows come from; a new filter or sort order is a new source."""

    async def fetch(self, ask: Ask) -> Sequence[Row]:
        """Return the rows asked for, always in the list's own order (also before and end)."""
        ...

    async def count(self) -> int | None:
        """Return how many rows there are in all, None where nobody counts."""
        ...


class ListSource:
    """A source over rows that are in memory already; anchors are row numbers."""

    def __init__(self, rows: Sequence[Row] | Callable[[], Sequence[Row]]) -> None:
        self._rows = rows

    def _all(self) -> Sequence[Row]:
        return self._rows() if callable(self._rows) else self._rows

    async def fetch(self, ask: Ask) -> Sequence[Row]:
        """Return a slice; unknown anchors count as the start."""
        rows = self._all()
        match ask.position:
            case "start":
                return rows[: ask.limit]
            case "end":
                return rows[max(0, len(rows) - ask.limit) :]
            case "at":
                return rows[ask.offset : ask.offset + ask.limit]
            case "after":
                first = self._index(rows, ask.anchor) + 1
                return rows[first : first + ask.limit]
            case "before":
                last = max(0, self._index(rows, ask.anchor))
                return rows[max(0, last - ask.limit) : last]

    async def count(self) -> int | None:
        """Return how many rows there are."""
        return len(self._all())

    @staticmethod
    def _index(rows: Sequence[Row], anchor: object) -> int:
        return next((index for index, row in enumerate(rows) if row.anchor == anchor), -1)
