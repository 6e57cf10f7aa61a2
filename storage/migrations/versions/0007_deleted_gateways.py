"""Gateways can be deleted: the row stays for what its templates ran, its thing may get another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds when a gateway was deleted; only those that are there are one a thing."""
    op.add_column("gateways", sa.Column("deleted_at", sa.BigInteger(), nullable=True))
    op.drop_index("gateways_thing", table_name="gateways")
    op.create_index(
        "gateways_thing",
        "gateways",
        ["tenant_id", "kind", "thing_id"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
