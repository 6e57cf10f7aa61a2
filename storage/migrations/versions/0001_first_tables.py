"""Tenants, integrations, their lamps and checks, credentials, activity and monitors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVE = sa.text("retired_at IS NULL")
KEPT = sa.text("deleted_at IS NULL")
SEARCHED = (
    "sort_name || ' ' || technology || ' ' || status || ' ' || state || ' ' || coalesce(error, '')"
)


def upgrade() -> None:
    """Makes every table of the first release."""
    _activity()
    _marks()
    _monitors()
    _revisions()
    _tenants()
    _credentials()
    _integrations()
    _targets()
    _check_hours()
    _checks()
    _transitions()


def _activity() -> None:
    op.create_table(
        "activity",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", WORDS, nullable=False),
        sa.Column("origin", WORDS, nullable=False),
        sa.Column("action", WORDS, nullable=False),
        sa.Column("concept", WORDS, nullable=False),
        sa.Column("thing_id", WORDS, nullable=True),
        sa.Column("thing_name", WORDS, nullable=True),
        sa.Column("search", WORDS, nullable=False),
        sa.Column("detail", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activity"),
        sqlite_autoincrement=True,
    )
    op.create_index("activity_of_concept", "activity", ["tenant_id", "concept", "id"])
    op.create_index("activity_of_tenant", "activity", ["tenant_id", "id"])
    op.create_index("activity_of_thing", "activity", ["tenant_id", "thing_id", "id"])


def _marks() -> None:
    op.create_table(
        "marks",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_marks"),
    )


def _monitors() -> None:
    op.create_table(
        "monitors",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("host", WORDS, nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.Column("checks_total", sa.BigInteger(), nullable=False),
        sa.Column("checks_per_minute", sa.Double(), nullable=False),
        sa.Column("in_flight", sa.Integer(), nullable=False),
        sa.Column("offline", sa.Boolean(), nullable=False),
        sa.Column("version", WORDS, nullable=False),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_monitors"),
    )
    op.create_index("monitors_alive", "monitors", ["beat_at"])


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("concept", WORDS, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("concept", name="pk_revisions"),
    )


def _tenants() -> None:
    op.create_table(
        "tenants",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("sort_name", WORDS, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tenants"),
    )
    op.create_index("tenants_by_name", "tenants", ["sort_name", "id"])


def _credentials() -> None:
    op.create_table(
        "credentials",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("label", WORDS, nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", WORDS, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_credentials_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_credentials"),
    )
    op.create_index("credentials_of_tenant", "credentials", ["tenant_id", "id"])


def _integrations() -> None:
    op.create_table(
        "integrations",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("sort_name", WORDS, nullable=False),
        sa.Column("provider_type", WORDS, nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("credential_ref", WORDS, nullable=True),
        sa.Column("base_url", WORDS, nullable=True),
        sa.Column("config", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("default_model", WORDS, nullable=True),
        sa.Column(
            "budget_limit_cents", sa.BigInteger(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "token_limit_month", sa.BigInteger(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("rate_limit_rpm", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("interval_s", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("created_by", WORDS, nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("budget_limit_cents >= 0", name=op.f("ck_integrations_budget")),
        sa.CheckConstraint("token_limit_month >= 0", name=op.f("ck_integrations_tokens")),
        sa.CheckConstraint("rate_limit_rpm >= 0", name=op.f("ck_integrations_rate")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_integrations_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_integrations"),
    )
    op.create_index(
        "integrations_by_credential",
        "integrations",
        ["tenant_id", "credential_ref"],
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )
    op.create_index(
        "integrations_name_taken",
        "integrations",
        ["tenant_id", "sort_name"],
        unique=True,
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )


def _targets() -> None:
    op.create_table(
        "targets",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("sort_name", WORDS, nullable=False),
        sa.Column("technology", WORDS, nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("search", WORDS, sa.Computed(SEARCHED, persisted=True), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_owner", WORDS, nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("forced_at", sa.BigInteger(), nullable=True),
        sa.Column("state", WORDS, server_default=sa.text("'unknown'"), nullable=False),
        sa.Column("state_rank", sa.Integer(), server_default=sa.text("2"), nullable=False),
        sa.Column("error", WORDS, nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.Column("stage", WORDS, nullable=True),
        sa.Column("latency_ms", sa.Double(), nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("failures_in_row", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("loop_lag_ms", sa.Double(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.Column(
            "latency_key",
            sa.Double(),
            sa.Computed("coalesce(latency_ms, -1)", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "checked_key",
            sa.BigInteger(),
            sa.Computed("coalesce(checked_at, 0)", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_targets_tenant_id"),
        sa.PrimaryKeyConstraint("number", name="pk_targets"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "targets_by_checked",
        "targets",
        ["tenant_id", "kind", "checked_key", "sort_name", "number", "search"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_index(
        "targets_by_created",
        "targets",
        ["tenant_id", "kind", "created_at", "sort_name", "number", "search"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_index(
        "targets_by_latency",
        "targets",
        ["tenant_id", "kind", "latency_key", "sort_name", "number", "search"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_index(
        "targets_by_name",
        "targets",
        ["tenant_id", "kind", "sort_name", "number", "search"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_index(
        "targets_by_state",
        "targets",
        ["tenant_id", "kind", "state_rank", "sort_name", "number", "search"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_index(
        "targets_by_status",
        "targets",
        ["tenant_id", "kind", "status", "sort_name", "number", "search"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_index(
        "targets_by_technology",
        "targets",
        ["tenant_id", "kind", "technology", "sort_name", "number", "search"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_index(
        "targets_due",
        "targets",
        ["due_at", "lease_until"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "targets_leased",
        "targets",
        ["lease_owner"],
        sqlite_where=sa.text("lease_owner IS NOT NULL"),
        postgresql_where=sa.text("lease_owner IS NOT NULL"),
    )
    op.create_index("targets_thing", "targets", ["kind", "id"], unique=True)
    op.create_index(
        "targets_worst",
        "targets",
        ["tenant_id", "state_rank", "sort_name", "number", "search"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_index(
        "targets_worst_of_all",
        "targets",
        ["state_rank", "sort_name", "number", "search"],
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def _check_hours() -> None:
    op.create_table(
        "check_hours",
        sa.Column("target_number", NUMBER, nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("degraded", sa.Integer(), nullable=False),
        sa.Column("p50_ms", sa.Double(), nullable=True),
        sa.Column("p95_ms", sa.Double(), nullable=True),
        sa.Column("max_ms", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["target_number"], ["targets.number"], name="fk_check_hours_target_number"
        ),
        sa.PrimaryKeyConstraint("target_number", "hour", name="pk_check_hours"),
        sqlite_with_rowid=False,
    )


def _checks() -> None:
    op.create_table(
        "checks",
        sa.Column("target_number", NUMBER, nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("error", WORDS, nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("stage", WORDS, nullable=True),
        sa.Column("latency_ms", sa.Double(), nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("loop_lag_ms", sa.Double(), nullable=True),
        sa.Column("stages", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["target_number"], ["targets.number"], name="fk_checks_target_number"
        ),
        sa.PrimaryKeyConstraint("target_number", "checked_at", name="pk_checks"),
        sqlite_with_rowid=False,
    )


def _transitions() -> None:
    op.create_table(
        "transitions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("target_number", NUMBER, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("target_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("from_state", WORDS, nullable=False),
        sa.Column("to_state", WORDS, nullable=False),
        sa.Column("error", WORDS, nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["target_number"], ["targets.number"], name="fk_transitions_target_number"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_transitions"),
        sqlite_autoincrement=True,
    )
    op.create_index("transitions_of_target", "transitions", ["target_number", "id"])
    op.create_index("transitions_of_tenant", "transitions", ["tenant_id", "id"])
