"""Which gauges a list shows and in what order, checked once and asked of the driver."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from engine.errors import InvalidInput
from engine.limits.results import MEASURES
from engine.order import order_of
from engine.usage.scopes import require_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from engine.limits.measuring import Moment
    from engine.limits.results import GaugeResult
    from engine.order import Order
    from storage.filters import Term
    from storage.limits.rows import Sort
    from storage.paging import Anchor, Key

SORTS = ("urgency", "name", "percent", "used", "limit")
order_by = partial(order_of, among=SORTS, what="Gauges")
"""Returns the order of a page; see `engine.order.order_of`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The gauges that match, of a tenant or, with None, of all; make one with `select`."""

    tenant_id: str | None
    terms: tuple[Term, ...] = ()
    scope: str | None = None
    measure: str | None = None

    def count(self, connection: Connection) -> int:
        """Return how many match."""
        from storage.limits.gauges import GaugesDriver

        return GaugesDriver(connection).count(
            self.tenant_id, terms=self.terms, scope=self.scope, measure=self.measure
        )

    def page(
        self, connection: Connection, order: Order, moment: Moment, anchor: Anchor | None = None
    ) -> tuple[tuple[GaugeResult, ...], tuple[Key, ...]]:
        """Return one page as of now, and the key of each row."""
        from engine.limits import reading
        from storage.limits.gauges import GaugesDriver

        page = GaugesDriver(connection).page(
            self.tenant_id,
            terms=self.terms,
            scope=self.scope,
            measure=self.measure,
            sort=cast("Sort", order.sort),
            descending=order.descending,
            anchor=anchor,
            limit=order.limit,
        )
        return reading.gauges(connection, page.rows, moment), page.keys


def select(
    tenant_id: str | None,
    *,
    terms: Sequence[Term] = (),
    query: str = "",
    scope: str | None = None,
    measure: str | None = None,
) -> Selection:
    """Return what matches the terms, and `query` as people type it.

    Raises:
        InvalidInput: There is no such scope or measure.
    """
    from engine.filters import parse_filter

    if scope is not None:
        require_scope(scope)
    if measure is not None and measure not in MEASURES:
        raise InvalidInput(
            f"There is no measure {measure[:40]!r}.",
            hint="Measures: " + ", ".join(MEASURES),
            field="measure",
        )
    found = (*terms, *parse_filter(query))
    return Selection(tenant_id=tenant_id, terms=found, scope=scope, measure=measure)
