"""Which connectors a list shows and in what order, checked once and asked of the driver."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.connectors.inputs import clean_status, clean_type
from engine.order import order_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from engine.connectors.results import ConnectorInfo
    from engine.order import Order
    from storage.connectors import ConnectorListRow
    from storage.filters import Term
    from storage.paging import Anchor, Key

SORTS = (
    *("name", "type", "technology", "status", "health", "latency", "checked", "connected"),
    *("created", "owner"),
)
order_by = partial(order_of, among=SORTS, what="Connectors")
"""Returns the order of a page; see `engine.order.order_of`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The connectors that match; make one with `select`. A tenant of None leaves none out."""

    tenant_id: str | None
    terms: tuple[Term, ...] = ()
    connector_type: str | None = None
    status: str | None = None
    tag: str | None = None

    def count(self, connection: Connection) -> int:
        """Return how many match."""
        from storage.connectors import ConnectorsDriver

        return ConnectorsDriver(connection).count(self.tenant_id, **self._narrowed())

    def page(
        self, connection: Connection, order: Order, anchor: Anchor | None = None
    ) -> tuple[tuple[ConnectorInfo, ...], tuple[Key, ...]]:
        """Return one page and the key of each row."""
        from engine.connectors import rows

        found, keys = self.rows(connection, order, anchor)
        return tuple(rows.info(row, whole=False) for row in found), keys

    def rows(
        self, connection: Connection, order: Order, anchor: Anchor | None = None
    ) -> tuple[tuple[ConnectorListRow, ...], tuple[Key, ...]]:
        """Return one page as the driver gives it."""
        from storage import paging
        from storage.connectors import ConnectorsDriver

        page = ConnectorsDriver(connection).page(
            self.tenant_id,
            **self._narrowed(),
            sort=order.sort,
            descending=order.descending,
            anchor=anchor or paging.start(),
            limit=order.limit,
        )
        return page.rows, page.keys

    def _narrowed(self) -> dict[str, Any]:
        return {
            "terms": self.terms,
            "type": self.connector_type,
            "status": self.status,
            "tag": self.tag,
        }


def select(  # noqa: PLR0913 - each narrows the list by name
    tenant_id: str | None,
    *,
    terms: Sequence[Term] = (),
    query: str = "",
    connector_type: str | None = None,
    status: str | None = None,
    tag: str | None = None,
) -> Selection:
    """Return what matches the terms, and `query` as people type it.

    Raises:
        InvalidInput: There is no such type or status.
    """
    from engine.filters import parse_filter

    return Selection(
        tenant_id=tenant_id,
        terms=(*terms, *parse_filter(query)),
        connector_type=None if connector_type is None else clean_type(connector_type),
        status=None if status is None else clean_status(status),
        tag=tag,
    )
