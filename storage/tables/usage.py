"""What calls used, what it is summed up by, and how much of it there may be.

A call is kept once and never changed. Days and minutes are written with it, in the same
transaction, so that a gauge is a handful of rows however many calls there were.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    text,
)

from storage.tables.core import metadata
from storage.tables.limits import limit_columns
from storage.types import JsonText, JsonWords, RowNumber, UtcMillis, Words

# What usage is summed up by: a tenant, one of its providers, models, agents or integrations.
# Limits stand beside it, so that one row tells what may be used; those of an integration are
# its own and only repeated here. `warning_levels` is NULL where the board's own hold.
meters = Table(
    "meters",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("tenant_id", Words, ForeignKey("tenants.id"), nullable=False),
    Column("scope", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("provider", Words, nullable=False, server_default=text("''")),
    *limit_columns(),
    Column("warning_levels", JsonWords),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis),
    Column("retired_at", UtcMillis),
    Column("version", Integer, nullable=False, server_default=text("1")),
    sqlite_autoincrement=True,
)
Index("meters_subject", meters.c.tenant_id, meters.c.scope, meters.c.subject, unique=True)

_GAUGE_SEARCHED = "sort_name || ' ' || scope || ' ' || measure || ' ' || provider || ' ' || state"

# One row for each measure of a meter: what lists of gauges sort and filter by. The limit is
# exact at any moment; what follows from usage (state, used, percent, urgency) is as of the last
# reckoning, because 100,000 gauges must not be reordered by every call. Lists show usage itself.
gauges = Table(
    "gauges",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("meter_number", RowNumber, ForeignKey("meters.number"), nullable=False),
    Column("tenant_id", Words, nullable=False),
    Column("scope", Words, nullable=False),
    Column("measure", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("sort_name", Words, nullable=False),
    Column("provider", Words, nullable=False, server_default=text("''")),
    Column("limit_value", BigInteger, nullable=False, server_default=text("0")),
    Column("state", Words, nullable=False, server_default=text("'unlimited'")),
    Column("used", BigInteger, nullable=False, server_default=text("0")),
    Column("percent", Double, nullable=False, server_default=text("-1")),
    # What runs out first sorts first; see engine.limits.
    Column("urgency", BigInteger, nullable=False, server_default=text("9000000000000000000")),
    Column("reckoned_at", UtcMillis),
    Column("retired_at", UtcMillis),
    Column("search", Words, Computed(_GAUGE_SEARCHED, persisted=True), nullable=False),
    sqlite_autoincrement=True,
)
Index("gauges_measure", gauges.c.meter_number, gauges.c.measure, unique=True)


def _shown_index(name: str, *columns: object) -> None:
    """Declares an index over the gauges whose meter is still there."""
    live = gauges.c.retired_at.is_(None)
    Index(name, *columns, sqlite_where=live, postgresql_where=live)  # type: ignore[arg-type]


_GAUGE_LAST = (gauges.c.sort_name, gauges.c.number, gauges.c.search)
_shown_index("gauges_by_urgency", gauges.c.tenant_id, gauges.c.urgency, *_GAUGE_LAST)
_shown_index("gauges_by_name", gauges.c.tenant_id, *_GAUGE_LAST)
_shown_index("gauges_by_percent", gauges.c.tenant_id, gauges.c.percent, *_GAUGE_LAST)
_shown_index("gauges_by_used", gauges.c.tenant_id, gauges.c.used, *_GAUGE_LAST)
_shown_index("gauges_by_limit", gauges.c.tenant_id, gauges.c.limit_value, *_GAUGE_LAST)
# The header counts them every other second: 100,000 took 318 ms without it, 12 with it.
_shown_index("gauges_by_state", gauges.c.tenant_id, gauges.c.state)
_shown_index("gauges_most_urgent", gauges.c.urgency, *_GAUGE_LAST)

# Whose gauges are to be reckoned again, and for which month (its first moment).
stale_meters = Table(
    "stale_meters",
    metadata,
    Column("meter_number", RowNumber, ForeignKey("meters.number"), primary_key=True),
    Column("period_start", UtcMillis, primary_key=True),
    sqlite_with_rowid=False,
)

# All that calls have in common, once: a call itself holds the number alone.
series = Table(
    "series",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("tenant_id", Words, ForeignKey("tenants.id"), nullable=False),
    Column("integration_id", Words, nullable=False),
    Column("provider", Words, nullable=False),
    Column("model", Words, nullable=False),
    Column("agent", Words, nullable=False),
    # Where the record came from: two that tell of the same calls must not both be counted.
    Column("origin", Words, nullable=False),
    Column("tenant_meter", RowNumber, nullable=False),
    Column("provider_meter", RowNumber, nullable=False),
    Column("model_meter", RowNumber, nullable=False),
    Column("agent_meter", RowNumber),
    Column("integration_meter", RowNumber, nullable=False),
    sqlite_autoincrement=True,
)
Index(
    "series_of_all",
    series.c.integration_id,
    series.c.provider,
    series.c.model,
    series.c.agent,
    series.c.origin,
    unique=True,
)
Index("series_of_model", series.c.tenant_id, series.c.model, series.c.integration_meter)
Index("series_of_agent", series.c.tenant_id, series.c.agent, series.c.integration_meter)

# One row a call, never changed: 0 calls is a correction, more than one a provider's own count.
# SQLite numbers them in their order without AUTOINCREMENT, because none is ever deleted.
usage = Table(
    "usage",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    # A digest of tenant and call id: the index over it is half of one over the ids themselves.
    Column("call_key", LargeBinary, nullable=False),
    Column("call_id", Words, nullable=False),
    Column("series_number", RowNumber, nullable=False),
    Column("session", Words),
    Column("at", UtcMillis, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("tokens_in", BigInteger, nullable=False),
    Column("tokens_out", BigInteger, nullable=False),
    Column("tokens_cached", BigInteger, nullable=False),
    # Billionths of a dollar; NULL where no price is known, which is not 0.
    Column("cost_nanos", BigInteger),
    Column("latency_ms", Integer),
    # 0 allowed, 1 warned, 2 blocked; NULL where nobody asked.
    Column("policy", Integer),
    Column("error", Words),
)
Index("usage_call", usage.c.call_key, unique=True)


def _sums() -> list[Column[Any]]:
    """Declares what a day holds of the calls in it."""
    names = (
        *("facts", "calls", "errors", "warned", "blocked", "unpriced"),
        *("tokens_in", "tokens_out", "tokens_cached", "cost_nanos", "timed", "latency_ms"),
    )
    return [Column(name, BigInteger, nullable=False, server_default=text("0")) for name in names]


# Days since 1970 in UTC. What is held is reserved by callers and not used yet.
usage_days = Table(
    "usage_days",
    metadata,
    Column("meter_number", RowNumber, primary_key=True),
    Column("day", Integer, primary_key=True),
    *_sums(),
    Column("held_tokens", BigInteger, nullable=False, server_default=text("0")),
    Column("held_nanos", BigInteger, nullable=False, server_default=text("0")),
    sqlite_with_rowid=False,
)

usage_series_days = Table(
    "usage_series_days",
    metadata,
    Column("series_number", RowNumber, primary_key=True),
    Column("day", Integer, primary_key=True),
    *_sums(),
    sqlite_with_rowid=False,
)

# Minutes since 1970; kept for two hours only, and by time first, so that forgetting is one span.
usage_minutes = Table(
    "usage_minutes",
    metadata,
    Column("minute", Integer, primary_key=True),
    Column("meter_number", RowNumber, primary_key=True),
    Column("calls", BigInteger, nullable=False, server_default=text("0")),
    Column("held_calls", BigInteger, nullable=False, server_default=text("0")),
    sqlite_with_rowid=False,
)

# What a caller was allowed and has not used yet; gone once it is settled or has expired.
reservations = Table(
    "reservations",
    metadata,
    Column("id", Words, primary_key=True),
    Column("tenant_id", Words, nullable=False),
    # The numbers of the meters that hold it, with commas between.
    Column("meters", Words, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("cost_nanos", BigInteger, nullable=False),
    Column("at", UtcMillis, nullable=False),
    Column("expires_at", UtcMillis, nullable=False),
    sqlite_with_rowid=False,
)
Index("reservations_expire", reservations.c.expires_at)

# A warning level that was reached: once in a period.
limit_transitions = Table(
    "limit_transitions",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("tenant_id", Words, nullable=False),
    Column("meter_number", RowNumber, ForeignKey("meters.number"), nullable=False),
    Column("measure", Words, nullable=False),
    Column("period_start", UtcMillis, nullable=False),
    Column("level", Double, nullable=False),
    Column("at", UtcMillis, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("limit_value", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
Index(
    "limit_transitions_once",
    limit_transitions.c.meter_number,
    limit_transitions.c.measure,
    limit_transitions.c.period_start,
    limit_transitions.c.level,
    unique=True,
)
Index("limit_transitions_of_tenant", limit_transitions.c.tenant_id, limit_transitions.c.id)

# Where usage is read from, and how far: a file's position, a provider's cursor.
usage_feeds = Table(
    "usage_feeds",
    metadata,
    Column("tenant_id", Words, ForeignKey("tenants.id"), primary_key=True),
    Column("name", Words, primary_key=True),
    Column("origin", Words, nullable=False),
    Column("integration_id", Words),
    Column("credential_ref", Words),
    Column("config", JsonText, nullable=False, server_default=text("'{}'")),
    Column("cursor", JsonText, nullable=False, server_default=text("'{}'")),
    # When the monitor reads it next; NULL where nobody asked it to.
    Column("due_at", UtcMillis),
    Column("read_at", UtcMillis),
    Column("error", Words),
    sqlite_with_rowid=False,
)
Index(
    "usage_feeds_due",
    usage_feeds.c.due_at,
    sqlite_where=usage_feeds.c.due_at.is_not(None),
    postgresql_where=usage_feeds.c.due_at.is_not(None),
)
