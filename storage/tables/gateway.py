"""What may be asked of a tenant's databases: gateways, templates and each version of those.

A gateway stands beside the source or connector that it is for, whose name, technology and roles
are read from its target. A version is written once and never changed.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
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
from storage.types import JsonText, JsonWords, RowNumber, UtcMillis, Words

gateways = Table(
    "gateways",
    metadata,
    Column("id", Words, primary_key=True),
    Column("tenant_id", Words, ForeignKey("tenants.id"), nullable=False),
    Column("kind", Words, nullable=False),
    Column("thing_id", Words, nullable=False),
    Column("max_rows", BigInteger, nullable=False),
    Column("max_result_bytes", BigInteger, nullable=False),
    Column("timeout_seconds", Double, nullable=False),
    Column("tripwire", Boolean, nullable=False),
    Column("tables", JsonWords, nullable=False, server_default=text("'[]'")),
    Column("username", Words),
    Column("credential_ref", Words),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis),
    Column("created_by", Words),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("deleted_at", UtcMillis),
    CheckConstraint("max_rows > 0", name="rows"),
    CheckConstraint("max_result_bytes > 0", name="bytes"),
    CheckConstraint("timeout_seconds > 0", name="timeout"),
)
_THERE = gateways.c.deleted_at.is_(None)
# One that was deleted stays for what ran there; its thing may get another.
Index(
    "gateways_thing",
    gateways.c.tenant_id,
    gateways.c.kind,
    gateways.c.thing_id,
    unique=True,
    sqlite_where=_THERE,
    postgresql_where=_THERE,
)

_SEARCHED = "sort_name || ' ' || status || ' ' || coalesce(last_outcome, 'never')"

query_templates = Table(
    "query_templates",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("id", Words, nullable=False),
    Column("tenant_id", Words, ForeignKey("tenants.id"), nullable=False),
    Column("gateway_id", Words, ForeignKey("gateways.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("sort_name", Words, nullable=False),
    Column("description", Text, nullable=False, server_default=text("''")),
    Column("status", Words, nullable=False),
    # The newest; its text and declarations are in the version's own row.
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("parameters", Integer, nullable=False, server_default=text("0")),
    Column("runs", BigInteger, nullable=False, server_default=text("0")),
    Column("last_run_at", UtcMillis),
    Column("last_outcome", Words),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis),
    Column("created_by", Words),
    Column("deleted_at", UtcMillis),
    Column("search", Words, Computed(_SEARCHED, persisted=True), nullable=False),
    # What never ran sorts before all else on both databases, which place NULL differently.
    Column("run_key", BigInteger, Computed("coalesce(last_run_at, 0)", persisted=True)),
    Column("outcome_key", Words, Computed("coalesce(last_outcome, '')", persisted=True)),
    sqlite_autoincrement=True,
)
Index("query_templates_id", query_templates.c.id, unique=True)
Index("query_templates_of_gateway", query_templates.c.gateway_id, query_templates.c.status)

_LIVE = query_templates.c.deleted_at.is_(None)
# A name is free again once its owner is deleted; deletion is soft. It is the order by name, too.
Index(
    "query_templates_name_taken",
    query_templates.c.tenant_id,
    query_templates.c.sort_name,
    unique=True,
    sqlite_where=_LIVE,
    postgresql_where=_LIVE,
)


def _live_index(name: str, *columns: object) -> None:
    """Declares an index over the templates that are still there, of one order of their list."""
    last = (query_templates.c.sort_name, query_templates.c.number, query_templates.c.search)
    Index(
        name,
        query_templates.c.tenant_id,
        *columns,  # type: ignore[arg-type]
        *last,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )


_live_index("query_templates_by_status", query_templates.c.status)
_live_index("query_templates_by_outcome", query_templates.c.outcome_key)
_live_index("query_templates_by_last_run", query_templates.c.run_key)
_live_index("query_templates_by_runs", query_templates.c.runs)
_live_index("query_templates_by_created", query_templates.c.created_at)

template_versions = Table(
    "template_versions",
    metadata,
    Column("template_id", Words, ForeignKey("query_templates.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("sql", Text, nullable=False),
    Column("parameters", JsonText, nullable=False, server_default=text("'{}'")),
    Column("max_rows", BigInteger),
    Column("timeout_seconds", Double),
    Column("written_at", UtcMillis, nullable=False),
    Column("written_by", Words),
)
