"""Calls out again, some at a time, so that memory stays flat however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.usage.results import UsageEntry

PAGE = 2_000


async def entries(
    hop: Hop, tenant_id: str, start: datetime, end: datetime
) -> AsyncIterator[tuple[UsageEntry, ...]]:
    """Yield the calls of a span, its end left out, in the order in which they were recorded.

    What is recorded meanwhile comes too; each call comes once.
    """
    after = 0

    def work(connection: Connection) -> tuple[int, tuple[UsageEntry, ...]]:
        from engine.usage import totals

        return totals.entries(connection, tenant_id, start, end, after=after, limit=PAGE)

    while True:
        after, page = await hop.read(work)
        if page:
            yield page
        if not after:
            return
