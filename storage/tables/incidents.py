"""What went wrong and who sees to it, and when nobody wants to be told."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    func,
    literal_column,
    text,
)

from storage.tables.core import metadata
from storage.types import JsonText, RowNumber, UtcMillis, Words

# Of a tenant, or of everybody where none is said: a monitor is nobody's own.
incidents = Table(
    "incidents",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("tenant_id", Words, ForeignKey("tenants.id")),
    Column("cause", Words, nullable=False),
    # What it is about, as one word: of one key at most one is open.
    Column("key", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("severity", Words, nullable=False),
    Column("severity_rank", Integer, nullable=False),
    Column("kind", Words),
    Column("thing_id", Words),
    Column("thing_name", Words),
    Column("technology", Words),
    Column("target_number", RowNumber, ForeignKey("targets.number")),
    Column("error", Words),
    Column("message", Text),
    Column("opened_at", UtcMillis, nullable=False),
    Column("closed_at", UtcMillis),
    Column("closed_because", Words),
    Column("flapping", Boolean, nullable=False, server_default=text("false")),
    # How often it was bad again before it had calmed down.
    Column("relapses", Integer, nullable=False, server_default=text("0")),
    # How bad it is (see `gravity_of`), and was at the worst since it opened, or opened again; how
    # often the worst rose in all, and when it did last, of which opening again leaves nothing.
    Column("gravity", Double, nullable=False, server_default=text("0")),
    Column("worst", Double, nullable=False, server_default=text("0")),
    Column("worsened", Integer, nullable=False, server_default=text("0")),
    Column("worsened_at", UtcMillis),
    Column("assignee", Words),
    Column("acknowledged_at", UtcMillis),
    Column("acknowledged_by", Words),
    Column("acknowledged_because", Words),
    Column("merged_into", RowNumber),
    # All that a free filter word can match, in small letters.
    Column("search", Words, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    sqlite_autoincrement=True,
)
_OPEN = incidents.c.closed_at.is_(None)
Index(
    "incidents_open_key", incidents.c.key, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
)
# What the header counts and the screen opens with: worst first, oldest first.
Index(
    "incidents_open",
    incidents.c.tenant_id,
    incidents.c.severity_rank,
    incidents.c.opened_at,
    incidents.c.number,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index("incidents_of_tenant", incidents.c.tenant_id, incidents.c.opened_at, incidents.c.number)
_OVER = incidents.c.closed_at.is_not(None)
# What closed lately, which those may want to know who were told that it opened.
Index("incidents_closed", incidents.c.closed_at, sqlite_where=_OVER, postgresql_where=_OVER)
# What is over in the other orders of its list: a page of 100,000 took 100 ms to be sorted.
TITLE_KEY = func.lower(incidents.c.title, type_=Text)
ASSIGNEE_KEY = func.coalesce(incidents.c.assignee, literal_column("''"), type_=Text)
_BY_SEVERITY = (incidents.c.severity_rank, incidents.c.opened_at, incidents.c.number)
for _name, _order in {
    "severity": _BY_SEVERITY,
    "title": (TITLE_KEY, incidents.c.number),
    "assignee": (ASSIGNEE_KEY, *_BY_SEVERITY),
}.items():
    Index(
        f"incidents_over_by_{_name}",
        incidents.c.tenant_id,
        *_order,
        sqlite_where=_OVER,
        postgresql_where=_OVER,
    )
# The last one of a key, which a relapse opens again.
Index("incidents_of_key", incidents.c.key, incidents.c.number)

# What one incident of a provider is about.
incident_members = Table(
    "incident_members",
    metadata,
    Column("incident_number", RowNumber, ForeignKey("incidents.number"), primary_key=True),
    Column("target_number", RowNumber, ForeignKey("targets.number"), primary_key=True),
    Column("joined_at", UtcMillis, nullable=False),
    Column("left_at", UtcMillis),
    sqlite_with_rowid=False,
)
Index("incident_members_of_target", incident_members.c.target_number)

incident_events = Table(
    "incident_events",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("incident_number", RowNumber, ForeignKey("incidents.number"), nullable=False),
    Column("at", UtcMillis, nullable=False),
    Column("what", Words, nullable=False),
    Column("actor", Words),
    Column("said", Text),
    Column("detail", JsonText, nullable=False, server_default=text("'{}'")),
    sqlite_autoincrement=True,
)
Index("incident_events_of_incident", incident_events.c.incident_number, incident_events.c.id)

# A field that is NULL leaves nothing out: a silence without any is one of everything.
silences = Table(
    "silences",
    metadata,
    Column("id", Words, primary_key=True),
    Column("tenant_id", Words, ForeignKey("tenants.id")),
    Column("kind", Words),
    Column("thing_id", Words),
    Column("thing_name", Words),
    Column("tag", Words),
    Column("technology", Words),
    Column("schedule", Words, nullable=False),
    Column("starts_at", UtcMillis, nullable=False),
    Column("ends_at", UtcMillis),
    # Of what comes again: the days and minute of the day, or a line of cron, and for how long.
    Column("days", Words),
    Column("minute", Integer),
    Column("cron", Words),
    Column("duration_s", Integer),
    Column("timezone", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("created_at", UtcMillis, nullable=False),
    Column("created_by", Words, nullable=False),
    Column("ended_at", UtcMillis),
    Column("ended_by", Words),
    Column("version", Integer, nullable=False, server_default=text("1")),
)
_HELD = silences.c.ended_at.is_(None)
Index("silences_held", silences.c.tenant_id, sqlite_where=_HELD, postgresql_where=_HELD)
