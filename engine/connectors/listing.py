"""What the facade of connectors lists and counts: pages, totals, statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.connectors.results import ConnectorListResult
from engine.connectors.selection import order_by, select
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from engine.connectors.results import ConnectorInfo, ConnectorStats
    from engine.hop import Hop
    from storage.filters import Term
    from storage.paging import Anchor, Key


class ConnectorLists:
    """The reading half of the facade: many at a time.

    Args:
        hop: The way to the database.
    """

    def __init__(self, hop: Hop) -> None:
        self._hop = hop

    async def list_connectors(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str,
        *,
        connector_type: str | None = None,
        status: str | None = None,
        tag: str | None = None,
        query: str = "",
        sort: str = "name",
        descending: bool = False,
        offset: int = 0,
        limit: int = 100,
        anchor: Anchor | None = None,
    ) -> ConnectorListResult:
        """Return one page and how many there are in all, filtered by `query` as people type it.

        `anchor` (storage.paging) goes before `offset` and costs the same at any depth.

        Raises:
            InvalidInput: Limit, offset, sort, type or status cannot be used.
        """
        if offset < 0:
            raise InvalidInput("The offset must be 0 or more.", field="offset")
        chosen = select(
            tenant_id, query=query, connector_type=connector_type, status=status, tag=tag
        )
        order = order_by(sort, descending=descending, limit=limit)

        def work(connection: Connection) -> ConnectorListResult:
            from storage import paging

            items, _ = chosen.page(connection, order, anchor or paging.at(offset))
            return ConnectorListResult(items=list(items), total=chosen.count(connection))

        return await self._hop.read(work)

    async def page_connectors(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        connector_type: str | None = None,
        status: str | None = None,
        tag: str | None = None,
        sort: str = "name",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> tuple[tuple[ConnectorInfo, ...], tuple[Key, ...]]:
        """Return one page and the key of each row, without counting; for windowed tables.

        Raises:
            InvalidInput: Limit, sort, type or status cannot be used.
        """
        chosen = select(
            tenant_id,
            terms=terms,
            query=query,
            connector_type=connector_type,
            status=status,
            tag=tag,
        )
        order = order_by(sort, descending=descending, limit=limit)
        return await self._hop.read(lambda connection: chosen.page(connection, order, anchor))

    async def count_connectors(  # noqa: PLR0913 - each narrows the list by name
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        connector_type: str | None = None,
        status: str | None = None,
        tag: str | None = None,
    ) -> int:
        """Return how many match; raises InvalidInput for an unknown type or status."""
        chosen = select(
            tenant_id,
            terms=terms,
            query=query,
            connector_type=connector_type,
            status=status,
            tag=tag,
        )
        return await self._hop.read(chosen.count)

    async def get_statistics(self, tenant_id: str) -> ConnectorStats:
        """Return how many there are, by status and type, and how their checks ended."""

        def work(connection: Connection) -> ConnectorStats:
            from engine.connectors import rows
            from storage.connectors import ConnectorsDriver

            return rows.statistics(ConnectorsDriver(connection).statistics(tenant_id))

        return await self._hop.read(work)
