"""Which records a list shows and in what order, checked once and asked of the driver."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from engine.order import order_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from engine.order import Order
    from engine.prevention.results import PreventionRecord
    from storage.filters import Term
    from storage.paging import Anchor, Key
    from storage.prevention import Sort

SORTS = ("number", "policy")
order_by = partial(order_of, among=SORTS, what="Records")
"""Returns the order of a page; see `engine.order.order_of`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The records of a tenant that match; make one with `select`."""

    tenant_id: str
    terms: tuple[Term, ...] = ()

    def count(self, connection: Connection) -> int:
        """Return how many match."""
        from storage.prevention import LedgerDriver

        return LedgerDriver(connection).count(self.tenant_id, terms=self.terms)

    def page(
        self, connection: Connection, order: Order, anchor: Anchor | None = None
    ) -> tuple[tuple[PreventionRecord, ...], tuple[Key, ...]]:
        """Return one page, and the key of each row."""
        from engine.prevention import reading
        from storage.prevention import LedgerDriver

        page = LedgerDriver(connection).page(
            self.tenant_id,
            terms=self.terms,
            sort=cast("Sort", order.sort),
            descending=order.descending,
            anchor=anchor,
            limit=order.limit,
        )
        return tuple(reading.told(self.tenant_id, row) for row in page.rows), page.keys


def select(tenant_id: str, *, terms: Sequence[Term] = (), query: str = "") -> Selection:
    """Return what matches the terms, and `query` as people type it.

    Fields: `policy:`, `pattern:`, `incident:`, `simulated:yes`, `number:`.
    """
    from engine.filters import parse_filter

    return Selection(tenant_id=tenant_id, terms=(*terms, *parse_filter(query)))
