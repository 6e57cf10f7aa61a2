"""The records of incidents: what went wrong, who sees to it, and what happened meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.paging import Key

LAMP, PROVIDER, LIMIT, CREDENTIAL, LEDGER, MONITOR = CAUSES = (
    *("lamp", "provider", "limit", "credential", "ledger", "monitor"),
)
"""What an incident can be about."""

CRITICAL, WARNING = SEVERITIES = ("critical", "warning")
"""Worst first; the place is the rank."""

OPEN, ACKNOWLEDGED, SILENCED, CLOSED = STATES = ("open", "acknowledged", "silenced", "closed")
"""What an incident can be in; the first that holds of: closed, acknowledged, silenced, open."""

REASONS = (
    "Looking into it",
    "Known issue, a fix is on its way",
    "The provider's outage",
    "Planned work",
    "Not ours to fix",
)
"""What an incident is acknowledged with by one more key; any other words may be typed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident(JsonRecord):
    """One incident as it stands.

    Attributes:
        number: What people call it by.
        tenant_id: Whose; None is everybody's (a monitor that died).
        cause: One of `CAUSES`.
        severity: critical or warning.
        state: One of `STATES`.
        kind: Of a lamp, limit or credential: what kind of thing it is about; else None.
        error: The code of what was found last.
        closed_because: recovered, retired, merged or a person's words.
        flapping: Whether it is good and bad in turn.
        relapses: How often it was bad again after it had closed.
        worsened: How often it grew worse than it had been before.
        worsened_at: When it did last, since it opened, or opened again.
        assignee: Who sees to it.
        members: How many targets an incident of a provider is about; else 0 or 1.
        merged_into: The incident of a provider that took its place.
        silence_id: The silence that keeps it quiet now.
    """

    number: int
    tenant_id: str | None
    cause: str
    title: str
    severity: str
    state: str
    kind: str | None = None
    thing_id: str | None = None
    thing_name: str | None = None
    technology: str | None = None
    error: str | None = None
    message: str | None = None
    opened_at: datetime
    closed_at: datetime | None = None
    closed_because: str | None = None
    flapping: bool = False
    relapses: int = 0
    worsened: int = 0
    worsened_at: datetime | None = None
    assignee: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_because: str | None = None
    members: int = 0
    merged_into: int | None = None
    silence_id: str | None = None
    version: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentPage(JsonRecord):
    """Incidents in the order that was asked for, with the key of each for paging on."""

    items: tuple[Incident, ...]
    keys: tuple[Key, ...]
    taken_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentHeadline(JsonRecord):
    """What the header shows of a tenant: how many are in each state but closed, and the worst.

    `critical` and `warning` count those that nobody acknowledged or silenced.
    """

    critical: int = 0
    warning: int = 0
    acknowledged: int = 0
    silenced: int = 0
    since: datetime | None = None

    @property
    def open(self) -> int:
        """How many wait for somebody."""
        return self.critical + self.warning


@dataclass(frozen=True, kw_only=True, slots=True)
class Thresholds(JsonRecord):
    """After how many bad checks in a row a thing has an incident, and after how many good ones not.

    Attributes:
        failures: How many bad ones.
        passes: How many good ones.
        own_failures: Whether that is the thing's own, not the setting's.
        own_passes: Likewise.
    """

    kind: str
    id: str
    name: str
    failures: int
    passes: int
    own_failures: bool
    own_passes: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Member(JsonRecord):
    """A target that an incident is about, with its state now."""

    target_number: int
    kind: str
    id: str
    name: str
    state: str
    joined_at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEntry(JsonRecord):
    """One thing that happened during an incident.

    `source` is incident, transition, check, activity or alert; `what` is its word there, such as
    opened, acknowledged, noted, closed, failing, sent, `integration.updated`.
    """

    at: datetime
    source: str
    what: str
    said: str = ""
    actor: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentStory(JsonRecord):
    """Everything known about one incident; the timeline is oldest first.

    `checks` and `failures` count what was checked of its targets while it was open.
    """

    incident: Incident
    members: tuple[Member, ...]
    timeline: tuple[TimelineEntry, ...]
    checks: int
    failures: int
    taken_at: datetime
