"""Who is told of incidents, and how: channels, the routes to them, and each alert's fate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.paging import Key

APPRISE, WEBHOOK, BELL, DESKTOP = CHANNEL_TYPES = ("apprise", "webhook", "bell", "desktop")
LOCAL = frozenset({BELL, DESKTOP})
"""Types that every open dashboard of the tenant carries out by itself."""

OPENED, WORSENED, REMINDER, ACKNOWLEDGED, CLOSED, TEST = EVENTS = (
    *("opened", "worsened", "reminder", "acknowledged", "closed", "test"),
)
WAITING, SENDING, SENT, FAILED, UNCERTAIN, DROPPED = ALERT_STATES = (
    *("waiting", "sending", "sent", "failed", "uncertain", "dropped"),
)
"""Uncertain is what a monitor that died was just sending: sent again it might be told twice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel(JsonRecord):
    """A way to tell people; its URL is a secret and is never shown.

    `per_hour` bounds how many alerts it is given; what is over it waits, and goes together.
    """

    id: str
    tenant_id: str
    name: str
    type: str
    credential_ref: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    title_template: str | None = None
    body_template: str | None = None
    per_hour: int = 60
    enabled: bool = True
    created_at: datetime
    updated_at: datetime | None = None
    last_sent_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    routes: int = 0
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Route(JsonRecord):
    """Which incidents go to which channel; whatever is None leaves nothing out.

    `severity` is the least that is told. `hours` holds days, from, to (HH:MM) and timezone; empty
    is always. `wait_s` is how long an incident must last before it is told of, `remind_s` how
    often it is told of again while nobody acknowledges it (0: never).
    """

    id: str
    tenant_id: str
    channel_id: str
    channel_name: str
    all_tenants: bool = False
    severity: str = "warning"
    cause: str | None = None
    kind: str | None = None
    tag: str | None = None
    technology: str | None = None
    hours: Mapping[str, Any] = field(default_factory=dict)
    wait_s: int = 10
    remind_s: int = 0
    on_recovery: bool = True
    on_acknowledged: bool = False
    enabled: bool = True
    created_at: datetime
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert(JsonRecord):
    """One thing that a channel was, or is, to say; `error` says why it could not."""

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
class AlertPage(JsonRecord):
    """Alerts, newest first, with the key of each for paging on."""

    items: tuple[Alert, ...]
    keys: tuple[Key, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelTest(JsonRecord):
    """What came of saying a word through a channel, for real."""

    ok: bool
    message: str
    latency_ms: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalAlert(JsonRecord):
    """What an open dashboard is to do: ring its bell, or show a desktop notification."""

    id: int
    type: str
    title: str
    body: str
