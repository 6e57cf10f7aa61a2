"""The frozen rows of alerts: channels, routes, and what is in the outbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelRow:
    """A channel; `credential_ref` is where its URL is kept, `routes` counts what leads to it."""

    id: str
    tenant_id: str
    name: str
    type: str
    credential_ref: str | None
    options: Mapping[str, object] = field(default_factory=dict)
    title_template: str | None = None
    body_template: str | None = None
    per_hour: int
    enabled: bool
    created_at: datetime
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    last_sent_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    version: int = 1
    routes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteRow:
    """A route; a field that is None leaves nothing out. `channel_name` is only read."""

    id: str
    tenant_id: str
    channel_id: str
    all_tenants: bool
    severity: str
    cause: str | None = None
    kind: str | None = None
    tag: str | None = None
    technology: str | None = None
    hours: Mapping[str, object] = field(default_factory=dict)
    wait_s: int
    remind_s: int
    on_recovery: bool
    on_acknowledged: bool
    enabled: bool
    created_at: datetime
    updated_at: datetime | None = None
    version: int = 1
    channel_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AboutRow:
    """What alerts need to know of an incident; `tags` are those of its thing, as marked words."""

    number: int
    tenant_id: str | None
    cause: str
    title: str
    severity: str
    severity_rank: int
    kind: str | None
    thing_id: str | None
    thing_name: str | None
    technology: str | None
    error: str | None
    message: str | None
    opened_at: datetime
    closed_at: datetime | None
    closed_because: str | None
    flapping: bool
    relapses: int
    gravity: float
    worst: float
    worsened: int
    worsened_at: datetime | None
    assignee: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    acknowledged_because: str | None
    merged_into: int | None
    tags: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldRow:
    """An alert as planning sees it: what was told of an incident, or is still to be.

    `gravity` is how bad the incident was when that was said, or tried, last.
    """

    id: int
    channel_id: str
    incident_number: int
    event: str
    ordinal: int
    gravity: float
    state: str
    due_at: datetime
    attempts: int
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRow:
    """An alert that is to be: one of its channel, incident, event and ordinal there ever is."""

    tenant_id: str | None
    channel_id: str
    incident_number: int
    event: str
    ordinal: int
    due_at: datetime
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertRow:
    """An alert that is due, as sending sees it."""

    id: int
    tenant_id: str | None
    channel_id: str
    incident_number: int
    event: str
    ordinal: int
    attempts: int
    due_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedAlertRow:
    """An alert in the log, with its channel."""

    id: int
    tenant_id: str | None
    channel_id: str
    channel_name: str
    channel_type: str
    incident_number: int | None
    event: str
    state: str
    due_at: datetime
    attempts: int
    title: str | None
    error: str | None
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalRow:
    """What dashboards carry out by themselves; `sent_at` is its place in their order."""

    sent_at: datetime
    type: str
    title: str
    body: str
