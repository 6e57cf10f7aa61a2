"""Who is told of incidents, by what channel, and what became of each alert."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, Table, Text, text

from storage.tables.core import metadata
from storage.types import JsonText, RowNumber, UtcMillis, Words

alert_channels = Table(
    "alert_channels",
    metadata,
    Column("id", Words, primary_key=True),
    Column("tenant_id", Words, ForeignKey("tenants.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("sort_name", Words, nullable=False),
    Column("type", Words, nullable=False),
    # Its URL is a secret: services put their tokens into it.
    Column("credential_ref", Words),
    Column("options", JsonText, nullable=False, server_default=text("'{}'")),
    Column("title_template", Text),
    Column("body_template", Text),
    Column("per_hour", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis),
    Column("deleted_at", UtcMillis),
    Column("last_sent_at", UtcMillis),
    Column("last_error", Text),
    Column("last_error_at", UtcMillis),
    Column("version", Integer, nullable=False, server_default=text("1")),
)
_THERE = alert_channels.c.deleted_at.is_(None)
Index(
    "alert_channels_by_name",
    alert_channels.c.tenant_id,
    alert_channels.c.sort_name,
    unique=True,
    sqlite_where=_THERE,
    postgresql_where=_THERE,
)

alert_routes = Table(
    "alert_routes",
    metadata,
    Column("id", Words, primary_key=True),
    Column("tenant_id", Words, ForeignKey("tenants.id"), nullable=False),
    Column("channel_id", Words, ForeignKey("alert_channels.id"), nullable=False),
    # Incidents of all tenants, and of none, go this way too.
    Column("all_tenants", Boolean, nullable=False),
    Column("severity", Words, nullable=False),
    Column("cause", Words),
    Column("kind", Words),
    Column("tag", Words),
    Column("technology", Words),
    # When people want to be told: days, from and to as minutes of the day, and their time zone.
    Column("hours", JsonText, nullable=False, server_default=text("'{}'")),
    Column("wait_s", Integer, nullable=False),
    Column("remind_s", Integer, nullable=False),
    Column("on_recovery", Boolean, nullable=False),
    Column("on_acknowledged", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("updated_at", UtcMillis),
    Column("version", Integer, nullable=False, server_default=text("1")),
)
Index("alert_routes_of_tenant", alert_routes.c.tenant_id, alert_routes.c.id)
Index("alert_routes_of_channel", alert_routes.c.channel_id)

# The outbox: one row for each thing that a channel is to say, which is what keeps several
# monitors from saying it twice.
alerts = Table(
    "alerts",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("tenant_id", Words),
    Column("channel_id", Words, ForeignKey("alert_channels.id"), nullable=False),
    # None of a test.
    Column("incident_number", RowNumber, ForeignKey("incidents.number")),
    Column("event", Words, nullable=False),
    # The how-manieth of its event: reminders and relapses come again.
    Column("ordinal", Integer, nullable=False),
    # How bad its incident was when this was said, or tried, last.
    Column("gravity", Double, nullable=False, server_default=text("0")),
    Column("state", Words, nullable=False),
    Column("due_at", UtcMillis, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("lease_owner", Words),
    Column("lease_until", UtcMillis),
    Column("title", Words),
    Column("body", Text),
    Column("error", Words),
    Column("created_at", UtcMillis, nullable=False),
    Column("sent_at", UtcMillis),
    sqlite_autoincrement=True,
)
# Also finds what was told of an incident, and the last of its reminders without all the others.
Index(
    "alerts_once",
    alerts.c.incident_number,
    alerts.c.event,
    alerts.c.channel_id,
    alerts.c.ordinal,
    unique=True,
)
_WAITING = alerts.c.state == "waiting"
_SENDING = alerts.c.state == "sending"
Index("alerts_due", alerts.c.due_at, sqlite_where=_WAITING, postgresql_where=_WAITING)
Index("alerts_sending", alerts.c.lease_until, sqlite_where=_SENDING, postgresql_where=_SENDING)
Index("alerts_of_channel", alerts.c.channel_id, alerts.c.id)
# What dashboards carry out is asked for again and again, by the moment of the last one.
Index("alerts_sent", alerts.c.channel_id, alerts.c.sent_at)
