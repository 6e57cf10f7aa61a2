"""The driver of usage: recording it, summing it up, and how far its feeds were read.

It is built up in layers that each have a file: interning, recording, sums, tops, facts, and here
the feeds.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from storage import revisions, uses
from storage.rows import build, build_all, inserting, names_of
from storage.tables import usage_feeds
from storage.types import UtcMillis
from storage.usage.facts import Facts
from storage.usage.rows import FeedRow

if TYPE_CHECKING:
    from datetime import datetime

_KIND = "feed"
_FEEDS = select(*(usage_feeds.c[name] for name in names_of(FeedRow)))
_OF_TENANT = usage_feeds.c.tenant_id == bindparam("tenant", required=True)
_ONE = _OF_TENANT & (usage_feeds.c.name == bindparam("name", required=True))
_FEED = _FEEDS.where(_ONE)
_OF_ONE_TENANT = _FEEDS.where(_OF_TENANT).order_by(usage_feeds.c.name)
_DUE = (
    _FEEDS.where(usage_feeds.c.due_at <= bindparam("now", type_=UtcMillis, required=True))
    .order_by(usage_feeds.c.due_at, usage_feeds.c.tenant_id, usage_feeds.c.name)
    .limit(bindparam("limit", required=True))
)
_DROP = delete(usage_feeds).where(_ONE)


class UsageDriver(Facts):
    """Reads and writes usage on one connection; the caller commits."""

    def put_feed(self, row: FeedRow) -> None:
        """Writes how far a feed was read, and when it is read next."""
        values = asdict(row)
        put = inserting(self.connection.dialect.name, usage_feeds).values(values)
        keys = ["tenant_id", "name"]
        self.connection.execute(put.on_conflict_do_update(index_elements=keys, set_=values))
        revisions.bump(self.connection, "usage")

    def point_feed(self, row: FeedRow, at: datetime) -> None:
        """Notes which secret a feed points to; after it was put."""
        uses.forget(self.connection, _KIND, row.tenant_id, row.name)
        pointed = uses.uses_of(_KIND, row.tenant_id, row.name, row.credential_ref)
        uses.add(self.connection, pointed, at=at)

    def get_feed(self, tenant_id: str, name: str) -> FeedRow | None:
        """Gives a feed by its name."""
        row = self.connection.execute(_FEED, {"tenant": tenant_id, "name": name}).one_or_none()
        return None if row is None else build(FeedRow, row)

    def feeds(self, tenant_id: str) -> list[FeedRow]:
        """Gives a tenant's feeds by name."""
        return build_all(FeedRow, self.connection.execute(_OF_ONE_TENANT, {"tenant": tenant_id}))

    def due_feeds(self, now: datetime, *, limit: int = 100) -> list[FeedRow]:
        """Gives the feeds of all tenants that are to be read now, the longest due first."""
        return build_all(FeedRow, self.connection.execute(_DUE, {"now": now, "limit": limit}))

    def drop_feed(self, tenant_id: str, name: str) -> bool:
        """Forgets a feed; what was read from it stays."""
        done = self.connection.execute(_DROP, {"tenant": tenant_id, "name": name})
        uses.forget(self.connection, _KIND, tenant_id, name)
        return done.rowcount > 0
