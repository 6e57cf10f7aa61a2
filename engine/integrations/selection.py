"""Which integrations a list shows and in what order, checked once and asked of the driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from engine.errors import InvalidInput
from engine.integrations.model import IntegrationStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from engine.integrations.results import IntegrationSummaryResult
    from storage.filters import Term
    from storage.integrations import Sort
    from storage.paging import Anchor, Key

SORTS = ("name", "provider", "status", "health", "latency", "checked", "created")
MAX_LIMIT = 1000


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What a page is sorted by and how long it may be; make one with `order_by`."""

    sort: Sort
    descending: bool
    limit: int


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


def order_by(sort: str, *, descending: bool, limit: int) -> Order:
    """Return the order of a page.

    Raises:
        InvalidInput: Nothing is sorted by that, or the limit is not 1 to 1,000.
    """
    if sort not in SORTS:
        raise InvalidInput(
            f"Integrations cannot be sorted by {sort[:40]!r}.",
            hint="Sort by " + ", ".join(SORTS),
            field="sort",
        )
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"The limit must be from 1 to {MAX_LIMIT:,}.", field="limit")
    return Order(sort=cast("Sort", sort), descending=descending, limit=limit)
