"""A listing of a handful of things, all of them read at once and paged in memory."""

from __future__ import annotations

from abc import abstractmethod
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from engine.errors import NotFound
from tui.inventory.listing import ItemT, Listing, View
from tui.widgets.row_source import Ask, slice_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.paging import Anchor
    from tui.desk import Desk


HOLD_S = 1.0
"""Seconds for which going on from a row, and counting, are a part of the same reading."""


class HeldListing(Listing[ItemT]):
    """A subclass reads; a page and the count that follows it cost one reading."""

    missing: ClassVar[tuple[str, str]]
    """What is said of a thing that is not there, and the hint to it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._held: tuple[View, Sequence[ItemT]] | None = None
        self._read_at = 0.0

    @abstractmethod
    async def read(self, view: View) -> Sequence[ItemT]:
        """Return all things of a view, in its order."""

    async def _read(self, view: View, *, again: bool) -> Sequence[ItemT]:
        """Return the things of a view; those that were read just now, unless read again."""
        old = monotonic() - self._read_at > HOLD_S
        if again or old or self._held is None or self._held[0] != view:
            self._held = (view, await self.read(view))
            self._read_at = monotonic()
        return self._held[1]

    async def page(
        self, view: View, *, anchor: Anchor | None, limit: int
    ) -> tuple[Sequence[ItemT], Sequence[object]]:
        """Return some of the things, each with its id as page key."""
        goes_on = anchor is not None and anchor.place in {"after", "before"}
        found = await self._read(view, again=not goes_on)
        ids = [item.id for item in found]
        first = str(anchor.key[0]) if anchor is not None and anchor.key else ""
        asked = Ask(position="start", limit=limit)
        if anchor is not None:
            asked = Ask(position=anchor.place, limit=limit, offset=anchor.offset)
        part = slice_for(asked, len(found), ids.index(first) if first in ids else -1)
        return found[part], [(key,) for key in ids[part]]

    async def count(self, view: View) -> int:
        """Return how many things the view has."""
        return len(await self._read(view, again=False))

    async def name_of(self, thing_id: str) -> str:
        """Return the name of one of the things."""
        for item in await self.read(View(tenant_id=self.desk.tenant_id, sort=self.order)):
            if item.id == thing_id:
                return item.name
        said, hint = self.missing
        raise NotFound(said, hint=hint)
