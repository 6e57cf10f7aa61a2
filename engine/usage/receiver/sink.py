"""Where a receiver's usage goes: one tenant's, each request in one transaction."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from engine.usage.placing import Placing, Wishes
from engine.usage.preparing import get_ready
from engine.usage.receiver.streams import Streams
from engine.usage.records import Recorded, Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from engine.hop import Hop
    from engine.usage.receiver.points import Point
    from engine.usage.recording import Recorder
    from engine.usage.records import UsageRecord

ORIGIN = "otlp"
FEED = "otlp:metrics"
"""The feed that remembers what cumulative metrics have come to."""


class WorkspaceSink:
    """Records what a receiver took in; one write at a time.

    Args:
        hop: The way to the database.
        tenant_id: Whose usage it is.
        integration: Id or name of the integration of what names none. Without it, such a call is
            of the tenant's only integration of its provider.
    """

    def __init__(self, hop: Hop, tenant_id: str, *, integration: str | None = None) -> None:
        self._hop = hop
        self._tenant_id = tenant_id
        self._integration = integration
        self._recorder: Recorder | None = None

    async def write_records(self, records: Sequence[UsageRecord]) -> Recorded:
        """Record calls; when this returns, they are committed."""
        return await self._write(partial(self._record, records=records))

    async def write_points(self, points: Sequence[Point]) -> Recorded:
        """Record by how much streams grew, and what they have come to."""
        return await self._write(partial(self._grow, points=points))

    async def _write(self, work: partial[Recorded]) -> Recorded:
        if self._recorder is None:
            await get_ready()
        try:
            return await self._hop.write(work)
        except BaseException:
            # What was numbered in a transaction that failed is gone with it.
            self._recorder = None
            raise

    def _grow(self, connection: Connection, *, points: Sequence[Point]) -> Recorded:
        from storage.usage.driver import UsageDriver
        from storage.usage.rows import FeedRow

        driver = UsageDriver(connection)
        # Another receiver of this tenant waits here: growth is reckoned from what it leaves.
        driver.take_turn(self._tenant_id)
        row = driver.get_feed(self._tenant_id, FEED)
        row = row or FeedRow(tenant_id=self._tenant_id, name=FEED, origin=ORIGIN)
        streams = Streams(dict(row.cursor))  # type: ignore[arg-type]
        records = streams.records(points)
        done = self._record(connection, records=records) if records else Recorded()
        cursor = streams.told()
        if cursor != row.cursor:
            driver.put_feed(replace(row, cursor=cursor, read_at=self._hop.clock.now()))
        return done

    def _record(self, connection: Connection, *, records: Sequence[UsageRecord]) -> Recorded:
        from engine.usage.recording import Recorder

        if self._recorder is None:
            self._recorder = Recorder(self._tenant_id, origin=ORIGIN, clock=self._hop.clock)
        # Looked up anew for each request: integrations come and go while a receiver runs.
        placing = Placing(self._tenant_id, Wishes(default=self._integration))
        placed = [placing.place(connection, line, record) for line, record in enumerate(records, 1)]
        refusals = [one for one in placed if isinstance(one, Refusal)]
        fine = [one for one in placed if not isinstance(one, Refusal)]
        done = self._recorder.record(connection, fine)
        return replace(
            done,
            refused=done.refused + len(refusals),
            refusals=(*refusals, *done.refusals),
        )
