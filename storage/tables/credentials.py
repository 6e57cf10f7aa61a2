"""Secrets, sealed; and every reference to one, wherever it is kept, with who asked for it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from storage.tables.core import metadata
from storage.types import RowNumber, UtcMillis, Words

credentials = Table(
    "credentials",
    metadata,
    Column("id", Words, primary_key=True),
    Column("tenant_id", Words, ForeignKey("tenants.id"), nullable=False),
    Column("label", Words, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("key_id", Words, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis),
)
Index("credentials_of_tenant", credentials.c.tenant_id, credentials.c.id)

NEVER = 9_000_000_000_000_000_000
"""What sorts behind every time: a reference that never expires, as far as anybody knows."""

credential_references = Table(
    "credential_references",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("tenant_id", Words, ForeignKey("tenants.id"), nullable=False),
    Column("reference", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("label", Words, nullable=False, server_default=text("''")),
    Column("sort_name", Words, nullable=False),
    # What no person put here goes when the last thing that points to it goes.
    Column("registered", Boolean, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis),
    # A person's word goes before what the secret itself, or who keeps it, tells.
    Column("said_expires_at", UtcMillis),
    Column("told_expires_at", UtcMillis),
    Column("accessed_at", UtcMillis),
    Column("accesses", BigInteger, nullable=False, server_default=text("0")),
    Column("problem", Text),
    Column("tested_at", UtcMillis),
    Column(
        "expires_key",
        BigInteger,
        Computed(f"coalesce(said_expires_at, told_expires_at, {NEVER})", persisted=True),
    ),
    Column("accessed_key", BigInteger, Computed("coalesce(accessed_at, 0)", persisted=True)),
    Column(
        "search",
        Words,
        Computed("sort_name || ' ' || lower(reference) || ' ' || kind", persisted=True),
        nullable=False,
    ),
    sqlite_autoincrement=True,
)
Index(
    "credential_references_pointed",
    credential_references.c.tenant_id,
    credential_references.c.reference,
    unique=True,
)
Index(
    "credential_references_by_name",
    credential_references.c.tenant_id,
    credential_references.c.sort_name,
    credential_references.c.number,
)
# The next expiry, and how many are near theirs, without looking at the others.
Index(
    "credential_references_by_expiry",
    credential_references.c.tenant_id,
    credential_references.c.expires_key,
    credential_references.c.sort_name,
    credential_references.c.number,
)

credential_accesses = Table(
    "credential_accesses",
    metadata,
    Column(
        "reference_number", RowNumber, ForeignKey("credential_references.number"), primary_key=True
    ),
    # Days since 1970 in UTC.
    Column("day", Integer, primary_key=True),
    Column("origin", Words, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("last_at", UtcMillis, nullable=False),
    sqlite_with_rowid=False,
)
