"""Who did what."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, text

from storage.tables.core import metadata
from storage.types import JsonText, RowNumber, UtcMillis, Words

activity = Table(
    "activity",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("tenant_id", Words, nullable=False),
    Column("at", UtcMillis, nullable=False),
    Column("actor", Words, nullable=False),
    Column("origin", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("concept", Words, nullable=False),
    Column("thing_id", Words),
    Column("thing_name", Words),
    Column("search", Words, nullable=False),
    Column("detail", JsonText, nullable=False, server_default=text("'{}'")),
    sqlite_autoincrement=True,
)
Index("activity_of_tenant", activity.c.tenant_id, activity.c.id)
Index("activity_of_concept", activity.c.tenant_id, activity.c.concept, activity.c.id)
Index("activity_of_thing", activity.c.tenant_id, activity.c.thing_id, activity.c.id)
