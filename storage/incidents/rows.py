"""The frozen rows of incidents: one as it stands, what happened to it, what it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Sort: TypeAlias = Literal["severity", "opened", "title", "assignee"]

# Worst first is how people read a list: the rank is what it is sorted by.
SEVERITY_RANKS = {"critical": 0, "warning": 1}
_GRAVITIES = {"critical": 100.0, "warning": 0.0}


def gravity_of(severity: str, level: float = 0.0) -> float:
    """Gives how bad something is as a number that can be compared, in per cent of a limit.

    A gauge over its limit is at a hundred, as all that is critical; a warning is at none, or at
    the warning level that its gauge has reached.
    """
    return max(_GRAVITIES[severity], level)


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentDraft:
    """An incident that is to be opened; of one `key` at most one is open.

    `level` is the warning level that a gauge has reached, in per cent; 0 of anything else.
    """

    tenant_id: str | None
    cause: str
    key: str
    title: str
    severity: str
    opened_at: datetime
    kind: str | None = None
    thing_id: str | None = None
    thing_name: str | None = None
    technology: str | None = None
    target_number: int | None = None
    error: str | None = None
    message: str | None = None
    flapping: bool = False
    level: float = 0.0

    @property
    def gravity(self) -> float:
        """How bad it is."""
        return gravity_of(self.severity, self.level)


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentRow:
    """An incident as it stands.

    `gravity` is how bad it is, and `worst` how bad it was at the worst since it opened, or opened
    again; `worsened` counts how often that rose, openings before with it, and `worsened_at` is
    when it did last since then.
    `tags` are the marked words of the target that it is about (see `storage.labels`), None
    without one; `members` counts the targets that are in it now.
    """

    number: int
    tenant_id: str | None
    cause: str
    key: str
    title: str
    severity: str
    kind: str | None
    thing_id: str | None
    thing_name: str | None
    technology: str | None
    target_number: int | None
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
    version: int
    tags: str | None
    members: int


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentEventRow:
    """One thing that happened to an incident; without an actor nobody did it."""

    id: int
    incident_number: int
    at: datetime
    what: str
    actor: str | None
    said: str | None
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberRow:
    """A target that an incident is about, with its lamp and its verdict now."""

    incident_number: int
    target_number: int
    tenant_id: str
    kind: str
    id: str
    name: str
    technology: str
    state: str
    error: str | None
    message: str | None
    verdict: str
    active: bool
    retired_at: datetime | None
    joined_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRow:
    """A target that is not good, with its lamp now."""

    number: int
    name: str
    state: str
    error: str | None
    message: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenCount:
    """How many open incidents are alike in what the header shows, and since when the oldest is."""

    severity: str
    acknowledged: bool
    count: int
    since: datetime
