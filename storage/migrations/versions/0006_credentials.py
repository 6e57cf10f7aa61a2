"""References of every kind: expiry, last access, state.

Each reference that is there gets its row: those of stored secrets, and those that integrations,
sources, connectors and feeds point to.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Iterable

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEVER = 9_000_000_000_000_000_000
SEARCHED = "sort_name || ' ' || lower(reference) || ' ' || kind"
EXPIRES = f"coalesce(said_expires_at, told_expires_at, {NEVER})"


def upgrade() -> None:
    """Adds the tables, and a row for each reference that is there."""
    _key_rotations()
    _references()
    _accesses()
    _feeds_as_uses()
    _stored()
    _pointed()


def _references() -> None:
    op.create_table(
        "credential_references",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("reference", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("label", WORDS, server_default=sa.text("''"), nullable=False),
        sa.Column("sort_name", WORDS, nullable=False),
        sa.Column("registered", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("said_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("told_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("accessed_at", sa.BigInteger(), nullable=True),
        sa.Column("accesses", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("tested_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "expires_key", sa.BigInteger(), sa.Computed(EXPIRES, persisted=True), nullable=True
        ),
        sa.Column(
            "accessed_key",
            sa.BigInteger(),
            sa.Computed("coalesce(accessed_at, 0)", persisted=True),
            nullable=True,
        ),
        sa.Column("search", WORDS, sa.Computed(SEARCHED, persisted=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name="fk_credential_references_tenant_id"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_credential_references"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "credential_references_by_expiry",
        "credential_references",
        ["tenant_id", "expires_key", "sort_name", "number"],
    )
    op.create_index(
        "credential_references_by_name",
        "credential_references",
        ["tenant_id", "sort_name", "number"],
    )
    op.create_index(
        "credential_references_pointed",
        "credential_references",
        ["tenant_id", "reference"],
        unique=True,
    )


def _accesses() -> None:
    op.create_table(
        "credential_accesses",
        sa.Column("reference_number", NUMBER, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("origin", WORDS, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference_number"],
            ["credential_references.number"],
            name="fk_credential_accesses_reference_number",
        ),
        sa.PrimaryKeyConstraint("reference_number", "day", "origin", name="pk_credential_accesses"),
        sqlite_with_rowid=False,
    )


def _feeds_as_uses() -> None:
    op.execute(
        "INSERT INTO secret_uses (tenant_id, credential_ref, kind, thing_id) "
        "SELECT tenant_id, credential_ref, 'feed', name FROM usage_feeds "
        "WHERE credential_ref IS NOT NULL AND credential_ref <> ''"
    )


def _stored() -> None:
    rows = op.get_bind().execute(
        sa.text("SELECT id, tenant_id, label, created_at, updated_at FROM credentials ORDER BY id")
    )
    _add(
        {
            "tenant_id": row.tenant_id,
            "reference": f"encrypted://{row.id}",
            "kind": "encrypted",
            "label": row.label,
            "sort_name": (row.label or f"encrypted://{row.id}").casefold(),
            "registered": False,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }
        for row in rows
    )


def _pointed() -> None:
    rows = op.get_bind().execute(
        sa.text(
            "SELECT DISTINCT tenant_id, credential_ref FROM secret_uses "
            "WHERE credential_ref NOT LIKE 'encrypted://%' ORDER BY tenant_id, credential_ref"
        )
    )
    # When they were first pointed to is written nowhere.
    now = int(time.time() * 1000)
    _add(
        {
            "tenant_id": row.tenant_id,
            "reference": row.credential_ref,
            "kind": row.credential_ref.partition("://")[0],
            "label": "",
            "sort_name": row.credential_ref.casefold(),
            "registered": False,
            "created_at": now,
            "updated_at": None,
        }
        for row in rows
    )


def _add(rows: Iterable[dict[str, object]]) -> None:
    given = list(rows)
    if given:
        op.get_bind().execute(
            sa.text(
                "INSERT INTO credential_references (tenant_id, reference, kind, label, sort_name, "
                "registered, created_at, updated_at) VALUES (:tenant_id, :reference, :kind, "
                ":label, :sort_name, :registered, :created_at, :updated_at)"
            ),
            given,
        )


def _key_rotations() -> None:
    op.create_table(
        "key_rotations",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("to_key", WORDS, nullable=False),
        sa.Column("from_keys", WORDS, nullable=False),
        sa.Column("unreadable", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("begun_by", WORDS, nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_key_rotations"),
        sqlite_autoincrement=True,
    )
