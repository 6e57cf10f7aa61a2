"""Usage and limits: calls with their days and minutes, meters with their gauges, reservations.

Each integration that is there gets its meter, with the limits it has, and its gauges.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
GAUGE_SEARCHED = "sort_name || ' ' || scope || ' ' || measure || ' ' || provider || ' ' || state"
MEASURES = {
    "budget": "budget_limit_cents",
    "tokens": "token_limit_month",
    "rate": "rate_limit_rpm",
}
# Of budgets a gauge holds nano-dollars, as its use does.
UNITS = {"budget": 10_000_000, "tokens": 1, "rate": 1}


def upgrade() -> None:
    """Adds the tables, and a meter with its gauges for each integration."""
    _meters()
    _gauges()
    _stale_meters()
    _series()
    _usage()
    _usage_days()
    _usage_series_days()
    _usage_minutes()
    _reservations()
    _limit_transitions()
    _usage_feeds()
    _meter_integrations()


def _meter_integrations() -> None:
    op.execute(
        "INSERT INTO meters (tenant_id, scope, subject, name, provider, budget_limit_cents, "
        "token_limit_month, rate_limit_rpm, created_at, retired_at) "
        "SELECT tenant_id, 'integration', id, name, provider_type, budget_limit_cents, "
        "token_limit_month, rate_limit_rpm, created_at, deleted_at FROM integrations"
    )
    for measure, column in MEASURES.items():
        op.execute(
            "INSERT INTO gauges (meter_number, tenant_id, scope, measure, name, sort_name, "  # noqa: S608 (names of this file)
            "provider, limit_value, state, urgency, retired_at) "
            f"SELECT m.number, m.tenant_id, m.scope, '{measure}', m.name, i.sort_name, "
            f"m.provider, m.{column} * {UNITS[measure]}, "
            f"CASE WHEN m.{column} > 0 THEN 'unmeasured' ELSE 'unlimited' END, "
            f"CASE WHEN m.{column} > 0 THEN 8000000000000000000 ELSE 9000000000000000000 END, "
            "m.retired_at FROM meters AS m JOIN integrations AS i ON i.id = m.subject "
            "WHERE m.scope = 'integration'"
        )


def _meters() -> None:
    op.create_table(
        "meters",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("provider", WORDS, server_default=sa.text("''"), nullable=False),
        sa.Column(
            "budget_limit_cents", sa.BigInteger(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "token_limit_month", sa.BigInteger(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("rate_limit_rpm", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("warning_levels", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_meters"),
        sa.CheckConstraint("budget_limit_cents >= 0", name="budget"),
        sa.CheckConstraint("token_limit_month >= 0", name="tokens"),
        sa.CheckConstraint("rate_limit_rpm >= 0", name="rate"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_meters_tenant_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("meters_subject", "meters", ["tenant_id", "scope", "subject"], unique=True)


def _gauges() -> None:
    op.create_table(
        "gauges",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("meter_number", NUMBER, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("measure", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("sort_name", WORDS, nullable=False),
        sa.Column("provider", WORDS, server_default=sa.text("''"), nullable=False),
        sa.Column("limit_value", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", WORDS, server_default=sa.text("'unlimited'"), nullable=False),
        sa.Column("used", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("percent", sa.Double(), server_default=sa.text("-1"), nullable=False),
        sa.Column(
            "urgency",
            sa.BigInteger(),
            server_default=sa.text("9000000000000000000"),
            nullable=False,
        ),
        sa.Column("reckoned_at", sa.BigInteger(), nullable=True),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.Column("search", WORDS, sa.Computed(GAUGE_SEARCHED, persisted=True), nullable=False),
        sa.ForeignKeyConstraint(["meter_number"], ["meters.number"], name="fk_gauges_meter_number"),
        sa.PrimaryKeyConstraint("number", name="pk_gauges"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "gauges_by_limit",
        "gauges",
        ["tenant_id", "limit_value", "sort_name", "number", "search"],
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "gauges_by_name",
        "gauges",
        ["tenant_id", "sort_name", "number", "search"],
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "gauges_by_percent",
        "gauges",
        ["tenant_id", "percent", "sort_name", "number", "search"],
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "gauges_by_state",
        "gauges",
        ["tenant_id", "state"],
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "gauges_by_urgency",
        "gauges",
        ["tenant_id", "urgency", "sort_name", "number", "search"],
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "gauges_by_used",
        "gauges",
        ["tenant_id", "used", "sort_name", "number", "search"],
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index("gauges_measure", "gauges", ["meter_number", "measure"], unique=True)
    op.create_index(
        "gauges_most_urgent",
        "gauges",
        ["urgency", "sort_name", "number", "search"],
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )


def _stale_meters() -> None:
    op.create_table(
        "stale_meters",
        sa.Column("meter_number", NUMBER, nullable=False),
        sa.Column("period_start", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meter_number"], ["meters.number"], name="fk_stale_meters_meter_number"
        ),
        sa.PrimaryKeyConstraint("meter_number", "period_start", name="pk_stale_meters"),
        sqlite_with_rowid=False,
    )


def _series() -> None:
    op.create_table(
        "series",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("integration_id", WORDS, nullable=False),
        sa.Column("provider", WORDS, nullable=False),
        sa.Column("model", WORDS, nullable=False),
        sa.Column("agent", WORDS, nullable=False),
        sa.Column("origin", WORDS, nullable=False),
        sa.Column("tenant_meter", NUMBER, nullable=False),
        sa.Column("provider_meter", NUMBER, nullable=False),
        sa.Column("model_meter", NUMBER, nullable=False),
        sa.Column("agent_meter", NUMBER, nullable=True),
        sa.Column("integration_meter", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_series_tenant_id"),
        sa.PrimaryKeyConstraint("number", name="pk_series"),
        sqlite_autoincrement=True,
    )
    op.create_index("series_of_agent", "series", ["tenant_id", "agent", "integration_meter"])
    op.create_index(
        "series_of_all",
        "series",
        ["integration_id", "provider", "model", "agent", "origin"],
        unique=True,
    )
    op.create_index("series_of_model", "series", ["tenant_id", "model", "integration_meter"])


def _usage() -> None:
    op.create_table(
        "usage",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("call_key", sa.LargeBinary(), nullable=False),
        sa.Column("call_id", WORDS, nullable=False),
        sa.Column("series_number", NUMBER, nullable=False),
        sa.Column("session", WORDS, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), nullable=False),
        sa.Column("tokens_cached", sa.BigInteger(), nullable=False),
        sa.Column("cost_nanos", sa.BigInteger(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("policy", sa.Integer(), nullable=True),
        sa.Column("error", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_usage"),
    )
    op.create_index("usage_call", "usage", ["call_key"], unique=True)


def _usage_days() -> None:
    op.create_table(
        "usage_days",
        sa.Column("meter_number", NUMBER, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("facts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("calls", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("errors", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("warned", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("blocked", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unpriced", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tokens_cached", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cost_nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("timed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("latency_ms", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("held_tokens", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("held_nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("meter_number", "day", name="pk_usage_days"),
        sqlite_with_rowid=False,
    )


def _usage_series_days() -> None:
    op.create_table(
        "usage_series_days",
        sa.Column("series_number", NUMBER, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("facts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("calls", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("errors", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("warned", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("blocked", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unpriced", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tokens_cached", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cost_nanos", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("timed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("latency_ms", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("series_number", "day", name="pk_usage_series_days"),
        sqlite_with_rowid=False,
    )


def _usage_minutes() -> None:
    op.create_table(
        "usage_minutes",
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("meter_number", NUMBER, nullable=False),
        sa.Column("calls", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("held_calls", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("minute", "meter_number", name="pk_usage_minutes"),
        sqlite_with_rowid=False,
    )


def _reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("meters", WORDS, nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost_nanos", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reservations"),
        sqlite_with_rowid=False,
    )
    op.create_index("reservations_expire", "reservations", ["expires_at"])


def _limit_transitions() -> None:
    op.create_table(
        "limit_transitions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("meter_number", NUMBER, nullable=False),
        sa.Column("measure", WORDS, nullable=False),
        sa.Column("period_start", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("limit_value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meter_number"], ["meters.number"], name="fk_limit_transitions_meter_number"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_limit_transitions"),
        sqlite_autoincrement=True,
    )
    op.create_index("limit_transitions_of_tenant", "limit_transitions", ["tenant_id", "id"])
    op.create_index(
        "limit_transitions_once",
        "limit_transitions",
        ["meter_number", "measure", "period_start", "level"],
        unique=True,
    )


def _usage_feeds() -> None:
    op.create_table(
        "usage_feeds",
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("origin", WORDS, nullable=False),
        sa.Column("integration_id", WORDS, nullable=True),
        sa.Column("credential_ref", WORDS, nullable=True),
        sa.Column("config", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("cursor", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("error", WORDS, nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_usage_feeds_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "name", name="pk_usage_feeds"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "usage_feeds_due",
        "usage_feeds",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
