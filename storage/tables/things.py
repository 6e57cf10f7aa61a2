"""What has a lamp: integrations, sources and connectors, and the target that each of them has.

Every integration, source and connector has its row in `targets` from its creation on: the lamp
and the schedule of a thing live there, and so does what lists sort and filter by (name, type,
status, state), so that a page of a list is read from one index of one table, whatever it is
sorted by. The drivers keep both rows in step. The status of a source or a connector is nowhere
but there, because checks change it too.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from storage.tables.core import metadata
from storage.tables.limits import limit_columns
from storage.types import JsonText, JsonWords, RowNumber, UtcMillis, Words

integrations = Table(
    "integrations",
    metadata,
    Column("id", Words, primary_key=True),
    Column("tenant_id", Words, ForeignKey("tenants.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("sort_name", Words, nullable=False),
    Column("provider_type", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("credential_ref", Words),
    Column("base_url", Words),
    Column("config", JsonText, nullable=False, server_default=text("'{}'")),
    Column("default_model", Words),
    *limit_columns(),
    Column("interval_s", Integer),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis),
    Column("created_by", Words),
    Column("deleted_at", UtcMillis),
    Column("version", Integer, nullable=False, server_default=text("1")),
)


def _reached(name: str, *own: Column[Any]) -> Table:
    """Declares the things of a kind that are reached by a technology: each column, then its own."""
    return Table(
        name,
        metadata,
        Column("id", Words, primary_key=True),
        Column("tenant_id", Words, ForeignKey("tenants.id"), nullable=False),
        Column("name", Words, nullable=False),
        Column("sort_name", Words, nullable=False),
        Column("type", Words, nullable=False),
        Column("technology", Words, nullable=False),
        Column("description", Text),
        Column("config", JsonText, nullable=False, server_default=text("'{}'")),
        # References by the field that they stand for, never a secret itself.
        Column("secrets", JsonText, nullable=False, server_default=text("'{}'")),
        Column("tags", JsonWords, nullable=False, server_default=text("'[]'")),
        Column("metadata", JsonText, nullable=False, server_default=text("'{}'")),
        Column("owner_id", Words),
        Column("interval_s", Integer),
        Column("created_at", UtcMillis, nullable=False),
        Column("updated_at", UtcMillis),
        Column("created_by", Words),
        Column("deleted_at", UtcMillis),
        Column("version", Integer, nullable=False, server_default=text("1")),
        *own,
    )


sources = _reached(
    "sources",
    Column("access_roles", JsonWords, nullable=False, server_default=text("'[]'")),
)
connectors = _reached(
    "connectors",
    Column("endpoint", Words),
    Column("capabilities", JsonWords, nullable=False, server_default=text("'[]'")),
    # What the other side said that it can do: tools with their schemas, tables, functions.
    Column("discovered", JsonText, nullable=False, server_default=text("'{}'")),
    Column("last_used_at", UtcMillis),
)

# A name is free again once its owner is deleted; deletion is soft.
for _things in (integrations, sources, connectors):
    Index(
        f"{_things.name}_name_taken",
        _things.c.tenant_id,
        _things.c.sort_name,
        unique=True,
        sqlite_where=_things.c.deleted_at.is_(None),
        postgresql_where=_things.c.deleted_at.is_(None),
    )

# Which things still need a credential, before it is taken away: references alone, no secret.
secret_uses = Table(
    "secret_uses",
    metadata,
    Column("tenant_id", Words, ForeignKey("tenants.id"), primary_key=True),
    Column("credential_ref", Words, primary_key=True),
    Column("kind", Words, primary_key=True),
    Column("thing_id", Words, primary_key=True),
    sqlite_with_rowid=False,
)
Index("secret_uses_of_thing", secret_uses.c.kind, secret_uses.c.thing_id)

# A provider is both the type and the technology of an integration: said once, it is found once.
_SEARCHED = (
    "sort_name || ' ' || type || CASE WHEN technology = type THEN '' ELSE ' ' || technology END "
    "|| ' ' || status || ' ' || state || ' ' || coalesce(error, '') || tags || owner"
)

targets = Table(
    "targets",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("kind", Words, nullable=False),
    Column("id", Words, nullable=False),
    Column("tenant_id", Words, ForeignKey("tenants.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("sort_name", Words, nullable=False),
    Column("type", Words, nullable=False),
    Column("technology", Words, nullable=False),
    Column("status", Words, nullable=False),
    # Marked words (see `storage.labels`): tags and owner for filters, the roles of a thing that
    # is not for everybody.
    Column("tags", Words, nullable=False, server_default=text("''")),
    Column("owner", Words, nullable=False, server_default=text("''")),
    Column("access", Words),
    # All that a free filter word can match: one comparison a row instead of five.
    Column("search", Words, Computed(_SEARCHED, persisted=True), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("interval_s", Integer, nullable=False),
    Column("due_at", UtcMillis),
    Column("lease_owner", Words),
    Column("lease_until", UtcMillis),
    Column("retry_at", UtcMillis),
    Column("forced_at", UtcMillis),
    Column("state", Words, nullable=False, server_default=text("'unknown'")),
    Column("state_rank", Integer, nullable=False, server_default=text("2")),
    Column("error", Words),
    Column("message", Text),
    Column("remedy", Text),
    Column("stage", Words),
    Column("latency_ms", Double),
    Column("status_code", Integer),
    Column("checked_at", UtcMillis),
    Column("since", UtcMillis),
    Column("failures_in_row", Integer, nullable=False, server_default=text("0")),
    # How often a check passed (was healthy or degraded) or failed so far, and when one last
    # passed: this is not kept of integrations, whose lists have no order by it.
    Column("passed_at", UtcMillis),
    Column("passes", BigInteger, nullable=False, server_default=text("0")),
    Column("failures", BigInteger, nullable=False, server_default=text("0")),
    Column("last_error", Text),
    Column("loop_lag_ms", Double),
    Column("created_at", UtcMillis, nullable=False),
    Column("retired_at", UtcMillis),
    # What never was sorts before all else on both databases, which place NULL differently.
    Column("latency_key", Double, Computed("coalesce(latency_ms, -1)", persisted=True)),
    Column("checked_key", BigInteger, Computed("coalesce(checked_at, 0)", persisted=True)),
    Column("passed_key", BigInteger, Computed("coalesce(passed_at, 0)", persisted=True)),
    # What incidents go by: the last checks as bits behind a leading one (1 was bad, 0 was good),
    # what they come to (good, bad or flapping), and after how many of them, where a target has
    # thresholds of its own.
    Column("recent", Integer, nullable=False, server_default=text("1")),
    Column("verdict", Words, nullable=False, server_default=text("'good'")),
    Column("fail_after", Integer),
    Column("pass_after", Integer),
    sqlite_autoincrement=True,
)
Index("targets_thing", targets.c.kind, targets.c.id, unique=True)

_LIVE = targets.c.retired_at.is_(None)


def _live_index(name: str, *columns: object) -> None:
    """Declares an index over the targets that are still there."""
    Index(name, *columns, sqlite_where=_LIVE, postgresql_where=_LIVE)  # type: ignore[arg-type]


# One index for each order of a list; the search text makes filtering by words one narrow scan,
# and the roles make leaving out what is not for everybody cost no look at the rows.
_OF_TENANT = (targets.c.tenant_id, targets.c.kind)
_LAST = (targets.c.sort_name, targets.c.number, targets.c.search, targets.c.access)
_live_index("targets_by_name", *_OF_TENANT, *_LAST)
_live_index("targets_by_type", *_OF_TENANT, targets.c.type, *_LAST)
_live_index("targets_by_technology", *_OF_TENANT, targets.c.technology, *_LAST)
_live_index("targets_by_status", *_OF_TENANT, targets.c.status, *_LAST)
_live_index("targets_by_state", *_OF_TENANT, targets.c.state_rank, *_LAST)
_live_index("targets_by_latency", *_OF_TENANT, targets.c.latency_key, *_LAST)
# Every result writes this one anew: here the counts of checks cost nothing more.
_COUNTED = (targets.c.passes, targets.c.failures)
_live_index("targets_by_checked", *_OF_TENANT, targets.c.checked_key, *_LAST, *_COUNTED)
_live_index("targets_by_passed", *_OF_TENANT, targets.c.passed_key, *_LAST)
_live_index("targets_by_created", *_OF_TENANT, targets.c.created_at, *_LAST)
_live_index("targets_by_owner", *_OF_TENANT, targets.c.owner, *_LAST)
# Worst first over all kinds: of one tenant (and the counts by state), and of everybody.
_live_index("targets_worst", targets.c.tenant_id, targets.c.state_rank, *_LAST)
_live_index("targets_worst_of_all", targets.c.state_rank, *_LAST)
# The queue of the monitor. The lease is in the index so that what is in flight is skipped cheaply.
Index(
    "targets_due",
    targets.c.due_at,
    targets.c.lease_until,
    sqlite_where=targets.c.due_at.is_not(None),
    postgresql_where=targets.c.due_at.is_not(None),
)
# How many of one provider are bad: few, where most things work.
Index(
    "targets_not_good",
    targets.c.tenant_id,
    targets.c.kind,
    targets.c.technology,
    sqlite_where=targets.c.verdict != "good",
    postgresql_where=targets.c.verdict != "good",
)
Index(
    "targets_leased",
    targets.c.lease_owner,
    sqlite_where=targets.c.lease_owner.is_not(None),
    postgresql_where=targets.c.lease_owner.is_not(None),
)
