"""Incidents, silences and alerts; days of checks; what a target's last checks come to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY_MS = 86_400_000
_BY_SEVERITY = ("severity_rank", "opened_at", "number")
_OVER_BY = {
    "severity": _BY_SEVERITY,
    "title": (sa.text("lower(title)"), "number"),
    "assignee": (sa.text("coalesce(assignee, '')"), *_BY_SEVERITY),
}


def upgrade() -> None:
    """Adds the tables, and the days of all hours that there are."""
    _targets()
    _transitions()
    _check_days()
    _days_of_hours()
    _incidents()
    _incident_members()
    _incident_events()
    _silences()
    _alert_channels()
    _alert_routes()
    _alerts()


def _targets() -> None:
    op.add_column(
        "targets", sa.Column("recent", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    op.add_column(
        "targets", sa.Column("verdict", WORDS, server_default=sa.text("'good'"), nullable=False)
    )
    op.add_column("targets", sa.Column("fail_after", sa.Integer(), nullable=True))
    op.add_column("targets", sa.Column("pass_after", sa.Integer(), nullable=True))
    op.create_index(
        "targets_not_good",
        "targets",
        ["tenant_id", "kind", "technology"],
        sqlite_where=sa.text("verdict != 'good'"),
        postgresql_where=sa.text("verdict != 'good'"),
    )


def _transitions() -> None:
    op.create_index("transitions_in_time", "transitions", ["tenant_id", "at", "id"])
    op.create_index("transitions_of_target_in_time", "transitions", ["target_number", "at"])


def _days_of_hours() -> None:
    """Sums up the hours of days that are over; the last ones are summed up with those to come."""
    connection = op.get_bind()
    mark = "SELECT max(at) FROM marks WHERE name = 'checks_rolled_up_until'"
    rolled = connection.execute(sa.text(mark)).scalar() or 0
    connection.execute(
        sa.text(
            "INSERT INTO check_days (target_number, day, count, failures, degraded, p95_ms) "
            "SELECT target_number, hour - hour % :day, sum(count), sum(failures), sum(degraded), "
            "max(p95_ms) FROM check_hours WHERE hour < :until "
            "GROUP BY target_number, hour - hour % :day"
        ),
        {"day": DAY_MS, "until": rolled - rolled % DAY_MS},
    )


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=True),
        sa.Column("cause", WORDS, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("severity", WORDS, nullable=False),
        sa.Column("severity_rank", sa.Integer(), nullable=False),
        sa.Column("kind", WORDS, nullable=True),
        sa.Column("thing_id", WORDS, nullable=True),
        sa.Column("thing_name", WORDS, nullable=True),
        sa.Column("technology", WORDS, nullable=True),
        sa.Column("target_number", NUMBER, nullable=True),
        sa.Column("error", WORDS, nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_because", WORDS, nullable=True),
        sa.Column("flapping", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("relapses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("gravity", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("worst", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("worsened", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("worsened_at", sa.BigInteger(), nullable=True),
        sa.Column("assignee", WORDS, nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", WORDS, nullable=True),
        sa.Column("acknowledged_because", WORDS, nullable=True),
        sa.Column("merged_into", NUMBER, nullable=True),
        sa.Column("search", WORDS, nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_incidents_tenant_id"),
        sa.ForeignKeyConstraint(
            ["target_number"], ["targets.number"], name="fk_incidents_target_number"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_incidents"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "incidents_closed",
        "incidents",
        ["closed_at"],
        sqlite_where=sa.text("closed_at IS NOT NULL"),
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    for name, order in _OVER_BY.items():
        op.create_index(
            f"incidents_over_by_{name}",
            "incidents",
            ["tenant_id", *order],
            sqlite_where=sa.text("closed_at IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NOT NULL"),
        )
    op.create_index("incidents_of_key", "incidents", ["key", "number"])
    op.create_index("incidents_of_tenant", "incidents", ["tenant_id", "opened_at", "number"])
    op.create_index(
        "incidents_open",
        "incidents",
        ["tenant_id", "severity_rank", "opened_at", "number"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "incidents_open_key",
        "incidents",
        ["key"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _incident_members() -> None:
    op.create_table(
        "incident_members",
        sa.Column("incident_number", NUMBER, nullable=False),
        sa.Column("target_number", NUMBER, nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_number"], ["incidents.number"], name="fk_incident_members_incident_number"
        ),
        sa.ForeignKeyConstraint(
            ["target_number"], ["targets.number"], name="fk_incident_members_target_number"
        ),
        sa.PrimaryKeyConstraint("incident_number", "target_number", name="pk_incident_members"),
        sqlite_with_rowid=False,
    )
    op.create_index("incident_members_of_target", "incident_members", ["target_number"])


def _incident_events() -> None:
    op.create_table(
        "incident_events",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("incident_number", NUMBER, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", WORDS, nullable=False),
        sa.Column("actor", WORDS, nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_number"], ["incidents.number"], name="fk_incident_events_incident_number"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_incident_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("incident_events_of_incident", "incident_events", ["incident_number", "id"])


def _silences() -> None:
    op.create_table(
        "silences",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=True),
        sa.Column("kind", WORDS, nullable=True),
        sa.Column("thing_id", WORDS, nullable=True),
        sa.Column("thing_name", WORDS, nullable=True),
        sa.Column("tag", WORDS, nullable=True),
        sa.Column("technology", WORDS, nullable=True),
        sa.Column("schedule", WORDS, nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("days", WORDS, nullable=True),
        sa.Column("minute", sa.Integer(), nullable=True),
        sa.Column("cron", WORDS, nullable=True),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("timezone", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", WORDS, nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", WORDS, nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_silences_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
    )
    op.create_index(
        "silences_held",
        "silences",
        ["tenant_id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _alert_channels() -> None:
    op.create_table(
        "alert_channels",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("sort_name", WORDS, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("credential_ref", WORDS, nullable=True),
        sa.Column("options", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("title_template", sa.Text(), nullable=True),
        sa.Column("body_template", sa.Text(), nullable=True),
        sa.Column("per_hour", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("last_sent_at", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_error_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_alert_channels_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_channels"),
    )
    op.create_index(
        "alert_channels_by_name",
        "alert_channels",
        ["tenant_id", "sort_name"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def _alert_routes() -> None:
    op.create_table(
        "alert_routes",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=False),
        sa.Column("channel_id", WORDS, nullable=False),
        sa.Column("all_tenants", sa.Boolean(), nullable=False),
        sa.Column("severity", WORDS, nullable=False),
        sa.Column("cause", WORDS, nullable=True),
        sa.Column("kind", WORDS, nullable=True),
        sa.Column("tag", WORDS, nullable=True),
        sa.Column("technology", WORDS, nullable=True),
        sa.Column("hours", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("wait_s", sa.Integer(), nullable=False),
        sa.Column("remind_s", sa.Integer(), nullable=False),
        sa.Column("on_recovery", sa.Boolean(), nullable=False),
        sa.Column("on_acknowledged", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name="fk_alert_routes_tenant_id"),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["alert_channels.id"], name="fk_alert_routes_channel_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alert_routes"),
    )
    op.create_index("alert_routes_of_channel", "alert_routes", ["channel_id"])
    op.create_index("alert_routes_of_tenant", "alert_routes", ["tenant_id", "id"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant_id", WORDS, nullable=True),
        sa.Column("channel_id", WORDS, nullable=False),
        sa.Column("incident_number", NUMBER, nullable=True),
        sa.Column("event", WORDS, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("gravity", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_owner", WORDS, nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("title", WORDS, nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("error", WORDS, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["alert_channels.id"], name="fk_alerts_channel_id"),
        sa.ForeignKeyConstraint(
            ["incident_number"], ["incidents.number"], name="fk_alerts_incident_number"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "alerts_due",
        "alerts",
        ["due_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("alerts_of_channel", "alerts", ["channel_id", "id"])
    op.create_index(
        "alerts_once", "alerts", ["incident_number", "event", "channel_id", "ordinal"], unique=True
    )
    op.create_index(
        "alerts_sending",
        "alerts",
        ["lease_until"],
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index("alerts_sent", "alerts", ["channel_id", "sent_at"])


def _check_days() -> None:
    op.create_table(
        "check_days",
        sa.Column("target_number", NUMBER, nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("degraded", sa.Integer(), nullable=False),
        sa.Column("p95_ms", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["target_number"], ["targets.number"], name="fk_check_days_target_number"
        ),
        sa.PrimaryKeyConstraint("target_number", "day", name="pk_check_days"),
        sqlite_with_rowid=False,
    )
