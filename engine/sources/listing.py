"""What the facade of sources lists and counts: pages, totals, statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.sources.results import SourceListResult
from engine.sources.selection import order_by, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.sources.results import DataSourceStats, SourceSummary
    from engine.sources.selection import Selection
    from storage.filters import Term
    from storage.paging import Anchor, Key


class SourceLists:
    """The reading half of the facade: of what the operator may see, many at a time.

    Args:
        hop: The way to the database.
    """

    def __init__(self, hop: Hop) -> None:
        self._hop = hop

    async def list_sources(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str,
        *,
        source_type: str | None = None,
        status: str | None = None,
        tag: str | None = None,
        query: str = "",
        sort: str = "name",
        descending: bool = False,
        offset: int = 0,
        limit: int = 100,
        anchor: Anchor | None = None,
    ) -> SourceListResult:
        """Return one page and how many there are in all, filtered by `query` as people type it.

        `anchor` (storage.paging) goes before `offset` and costs the same at any depth.

        Raises:
            InvalidInput: Limit, offset, sort, type or status cannot be used.
        """
        if offset < 0:
            raise InvalidInput("The offset must be 0 or more.", field="offset")
        chosen = self._select(
            tenant_id, query=query, source_type=source_type, status=status, tag=tag
        )
        order = order_by(sort, descending=descending, limit=limit)

        def work(connection: Connection) -> SourceListResult:
            from storage import paging

            items, _ = chosen.page(connection, order, anchor or paging.at(offset))
            return SourceListResult(items=list(items), total=chosen.count(connection))

        return await self._hop.read(work)

    async def page_sources(  # noqa: PLR0913 - a page's own parameters
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        source_type: str | None = None,
        status: str | None = None,
        tag: str | None = None,
        sort: str = "name",
        descending: bool = False,
        anchor: Anchor | None = None,
        limit: int = 100,
    ) -> tuple[tuple[SourceSummary, ...], tuple[Key, ...]]:
        """Return one page and the key of each row, without counting; for windowed tables.

        Raises:
            InvalidInput: Limit, sort, type or status cannot be used.
        """
        chosen = self._select(
            tenant_id, terms=terms, query=query, source_type=source_type, status=status, tag=tag
        )
        order = order_by(sort, descending=descending, limit=limit)
        return await self._hop.read(lambda connection: chosen.page(connection, order, anchor))

    async def count_sources(  # noqa: PLR0913 - each narrows the list by name
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        source_type: str | None = None,
        status: str | None = None,
        tag: str | None = None,
    ) -> int:
        """Return how many match; raises InvalidInput for an unknown type or status."""
        chosen = self._select(
            tenant_id, terms=terms, query=query, source_type=source_type, status=status, tag=tag
        )
        return await self._hop.read(chosen.count)

    async def get_statistics(self, tenant_id: str) -> DataSourceStats:
        """Return how many there are to be seen, by status and type, and how their checks ended."""
        roles = self._hop.settings.roles

        def work(connection: Connection) -> DataSourceStats:
            from engine.sources import rows
            from storage.sources import SourcesDriver

            return rows.statistics(SourcesDriver(connection).statistics(tenant_id, roles=roles))

        return await self._hop.read(work)

    def _select(  # noqa: PLR0913 - each narrows the list by name
        self,
        tenant_id: str,
        *,
        terms: Sequence[Term] = (),
        query: str = "",
        source_type: str | None = None,
        status: str | None = None,
        tag: str | None = None,
    ) -> Selection:
        return select(
            tenant_id,
            terms=terms,
            query=query,
            source_type=source_type,
            status=status,
            tag=tag,
            roles=self._hop.settings.roles,
        )
