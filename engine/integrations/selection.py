"""Which integrations a list shows and in what order, checked once and asked of the driver."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.integrations.model import IntegrationStatus
from engine.order import order_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from engine.integrations.results import IntegrationSummaryResult
    from engine.order import Order
    from storage.filters import Term
    from storage.paging import Anchor, Key

SORTS = ("name", "provider", "status", "health", "latency", "checked", "created")
order_by = partial(order_of, among=SORTS, what="Integrations")
"""Returns the order of a page; see `engine.order.order_of`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The integrations of a tenant that match; make one with `select`."""

    tenant_id: str
    terms: tuple[Term, ...] = ()
    status: str | None = None
    provider_type: str | None = None

    def count(self, connection: Connection) -> int:
        """Return how many match."""
        from storage.integrations import IntegrationsDriver

        return IntegrationsDriver(connection).count(
            self.tenant_id,
            terms=self.terms,
            status=self.status,
            technology=self.provider_type,
        )

    def page(
        self, connection: Connection, order: Order, anchor: Anchor | None = None
    ) -> tuple[tuple[IntegrationSummaryResult, ...], tuple[Key, ...]]:
        """Return one page and the key of each row."""
        from engine.integrations import rows
        from storage import paging
        from storage.integrations import IntegrationsDriver

        page = IntegrationsDriver(connection).page(
            self.tenant_id,
            terms=self.terms,
            status=self.status,
            technology=self.provider_type,
            sort=order.sort,
            descending=order.descending,
            anchor=anchor or paging.start(),
            limit=order.limit,
        )
        return tuple(rows.summary(row) for row in page.rows), page.keys


def select(
    tenant_id: str,
    *,
    terms: Sequence[Term] = (),
    query: str = "",
    status: str | None = None,
    provider_type: str | None = None,
) -> Selection:
    """Return what matches the terms, and `query` as people type it.

    Raises:
        InvalidInput: There is no such status.
    """
    from engine.filters import parse_filter

    known = tuple(IntegrationStatus)
    if status is not None and status not in known:
        raise InvalidInput(
            f"There is no status {status[:40]!r}.",
            hint="Statuses: " + ", ".join(known),
            field="status",
        )
    return Selection(
        tenant_id=tenant_id,
        terms=(*terms, *parse_filter(query)),
        status=status,
        provider_type=provider_type,
    )
