"""Gateways, templates and their versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SEARCHED = "sort_name || ' ' || status || ' ' || coalesce(last_outcome, 'never')"
LAST = ("sort_name", "number", "search")


def upgrade() -> None:
    """Adds the tables."""
    _gateways()
    _query_templates()
    _orders()
    _template_versions()


def _gateways() -> None:
    op.create_table(
        "gateways",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("thing_id", WORDS, nullable=False),
        sa.Column("max_rows", sa.BigInteger(), nullable=False),
        sa.Column("max_result_bytes", sa.BigInteger(), nullable=False),
        sa.Column("timeout_seconds", sa.Double(), nullable=False),
        sa.Column("tripwire", sa.Boolean(), nullable=False),
        sa.Column("tables", sa.Text(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("username", WORDS, nullable=True),
        sa.Column("credential_ref", WORDS, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("created_by", WORDS, nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gateways"),
        sa.CheckConstraint("max_rows > 0", name="rows"),
        sa.CheckConstraint("max_result_bytes > 0", name="bytes"),
        sa.CheckConstraint("timeout_seconds > 0", name="timeout"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_gateways_tenant_id"),
    )
    op.create_index("gateways_thing", "gateways", ["tenant_id", "kind", "thing_id"], unique=True)


def _query_templates() -> None:
    op.create_table(
        "query_templates",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("gateway_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("sort_name", WORDS, nullable=False),
        sa.Column("description", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("parameters", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("runs", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_run_at", sa.BigInteger(), nullable=True),
        sa.Column("last_outcome", WORDS, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("created_by", WORDS, nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("search", WORDS, sa.Computed(SEARCHED, persisted=True), nullable=False),
        sa.Column(
            "run_key", sa.BigInteger(), sa.Computed("coalesce(last_run_at, 0)", persisted=True)
        ),
        sa.Column("outcome_key", WORDS, sa.Computed("coalesce(last_outcome, '')", persisted=True)),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_query_templates_tenant_id"),
        sa.ForeignKeyConstraint(
            ["gateway_id"], ["gateways.id"], name="fk_query_templates_gateway_id"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_query_templates"),
        sqlite_autoincrement=True,
    )


def _orders() -> None:
    for name, columns in (
        ("query_templates_by_created", ("tenant_id", "created_at", *LAST)),
        ("query_templates_by_last_run", ("tenant_id", "run_key", *LAST)),
        ("query_templates_by_outcome", ("tenant_id", "outcome_key", *LAST)),
        ("query_templates_by_runs", ("tenant_id", "runs", *LAST)),
        ("query_templates_by_status", ("tenant_id", "status", *LAST)),
    ):
        _live_index(name, columns)
    op.create_index("query_templates_id", "query_templates", ["id"], unique=True)
    _live_index("query_templates_name_taken", ("tenant_id", "sort_name"), unique=True)
    op.create_index("query_templates_of_gateway", "query_templates", ["gateway_id", "status"])


def _live_index(name: str, columns: tuple[str, ...], *, unique: bool = False) -> None:
    live = sa.text("deleted_at IS NULL")
    op.create_index(
        name,
        "query_templates",
        list(columns),
        unique=unique,
        sqlite_where=live,
        postgresql_where=live,
    )


def _template_versions() -> None:
    op.create_table(
        "template_versions",
        sa.Column("template_id", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sql", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("max_rows", sa.BigInteger(), nullable=True),
        sa.Column("timeout_seconds", sa.Double(), nullable=True),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("written_by", WORDS, nullable=True),
        sa.ForeignKeyConstraint(
            ["template_id"], ["query_templates.id"], name="fk_template_versions_template_id"
        ),
        sa.PrimaryKeyConstraint("template_id", "version", name="pk_template_versions"),
    )
