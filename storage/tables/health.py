"""What checks found, and who makes them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text

from storage.tables.core import metadata
from storage.types import RowNumber, UtcMillis, Words

checks = Table(
    "checks",
    metadata,
    Column("target_number", RowNumber, ForeignKey("targets.number"), primary_key=True),
    Column("checked_at", UtcMillis, primary_key=True),
    Column("state", Words, nullable=False),
    Column("error", Words),
    Column("message", Text),
    Column("stage", Words),
    Column("latency_ms", Double),
    Column("status_code", Integer),
    Column("loop_lag_ms", Double),
    Column("stages", Text),
    sqlite_with_rowid=False,
)

check_hours = Table(
    "check_hours",
    metadata,
    Column("target_number", RowNumber, ForeignKey("targets.number"), primary_key=True),
    Column("hour", UtcMillis, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("degraded", Integer, nullable=False),
    Column("p50_ms", Double),
    Column("p95_ms", Double),
    Column("max_ms", Double),
    sqlite_with_rowid=False,
)

# Days of hours, so that a year of a thousand targets is counted in a moment.
check_days = Table(
    "check_days",
    metadata,
    Column("target_number", RowNumber, ForeignKey("targets.number"), primary_key=True),
    Column("day", UtcMillis, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("degraded", Integer, nullable=False),
    Column("p95_ms", Double),
    sqlite_with_rowid=False,
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("target_number", RowNumber, ForeignKey("targets.number"), nullable=False),
    Column("tenant_id", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("target_id", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("at", UtcMillis, nullable=False),
    Column("from_state", Words, nullable=False),
    Column("to_state", Words, nullable=False),
    Column("error", Words),
    Column("message", Text),
    sqlite_autoincrement=True,
)
Index("transitions_of_tenant", transitions.c.tenant_id, transitions.c.id)
Index("transitions_of_target", transitions.c.target_number, transitions.c.id)
# Going back in time: the step before and after a moment, and how each target stood then.
Index("transitions_in_time", transitions.c.tenant_id, transitions.c.at, transitions.c.id)
Index("transitions_of_target_in_time", transitions.c.target_number, transitions.c.at)

monitors = Table(
    "monitors",
    metadata,
    Column("id", Words, primary_key=True),
    Column("host", Words, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", UtcMillis, nullable=False),
    Column("beat_at", UtcMillis, nullable=False),
    Column("checks_total", BigInteger, nullable=False),
    Column("checks_per_minute", Double, nullable=False),
    Column("in_flight", Integer, nullable=False),
    Column("offline", Boolean, nullable=False),
    Column("version", Words, nullable=False),
    Column("stopped_at", UtcMillis),
)
Index("monitors_alive", monitors.c.beat_at)
