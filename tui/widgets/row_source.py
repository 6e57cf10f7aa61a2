"""What a windowed table asks for: rows by anchor, and how many there are.

A source wraps a facade's paged list. The table asks only for rows in sight and a page ahead, by
the key of the row it stands at, so that a page costs the same among 100 rows and 100,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def slice_for(ask: Ask, count: int, anchored: int) -> slice:
    """Return which of `count` rows in memory are asked for: pure.

    Args:
        ask: The request.
        count: How many rows there are.
        anchored: The number of the row that the request's anchor names, -1 where it names none;
            that counts as the start.
    """
    match ask.position:
        case "start":
            return slice(0, ask.limit)
        case "end":
            return slice(max(0, count - ask.limit), count)
        case "at":
            return slice(ask.offset, ask.offset + ask.limit)
        case "after":
            return slice(anchored + 1, anchored + 1 + ask.limit)
        case "before":
            last = max(0, anchored)
            return slice(max(0, last - ask.limit), last)
