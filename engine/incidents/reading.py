"""From stored incidents to what is shown of them. Loaded in the worker thread only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import NotFound
from engine.incidents.model import (
    ACKNOWLEDGED,
    CLOSED,
    OPEN,
    SILENCED,
    Incident,
    IncidentHeadline,
    IncidentPage,
    IncidentStory,
    Member,
)
from engine.silences.matching import active, silence_of
from engine.silences.model import Subject
from storage.incidents import IncidentsDriver
from storage.incidents.counting import checked
from storage.labels import tags_of
from storage.rows import names_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.order import Order
    from engine.silences.matching import ActiveSilence
    from storage.access import Roles
    from storage.filters import Term
    from storage.incidents import IncidentRow, MemberRow
    from storage.paging import Anchor

_SHARED = tuple(name for name in names_of(Incident) if name not in {"state", "silence_id"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which incidents are asked about: open, closed or (None) all that match, seen by whom."""

    tenant_id: str
    closed: bool | None = False
    terms: Sequence[Term] = ()
    roles: Roles = None


def subject_of(row: IncidentRow) -> Subject:
    """Return what silences and routes go by."""
    return Subject(
        tenant_id=row.tenant_id,
        kind=row.kind,
        thing_id=row.thing_id,
        technology=row.technology,
        tags=tags_of(row.tags),
    )


def incident(row: IncidentRow, silences: Sequence[ActiveSilence]) -> Incident:
    """Return an incident, with the silence that keeps it quiet while it is open."""
    silence = None if row.closed_at else silence_of(subject_of(row), silences)
    shared = {name: getattr(row, name) for name in _SHARED}
    return Incident(**shared, state=_state(row, silence), silence_id=silence)


def _state(row: IncidentRow, silence: str | None) -> str:
    if row.closed_at is not None:
        return CLOSED
    if row.acknowledged_at is not None:
        return ACKNOWLEDGED
    return OPEN if silence is None else SILENCED


def page(
    connection: Connection, which: Selection, order: Order, anchor: Anchor | None, now: datetime
) -> IncidentPage:
    """Return one page of a list, and the key of each row."""
    silences = active(connection, now)
    found = IncidentsDriver(connection).page(
        which.tenant_id,
        closed=which.closed,
        terms=which.terms,
        silenced=_silenced(connection, which, silences),
        roles=which.roles,
        sort=order.sort,  # type: ignore[arg-type]
        descending=order.descending,
        anchor=anchor,
        limit=order.limit,
    )
    items = tuple(incident(row, silences) for row in found.rows)
    return IncidentPage(items=items, keys=found.keys, taken_at=now)


def count(connection: Connection, which: Selection, now: datetime) -> int:
    """Return how many incidents match."""
    return IncidentsDriver(connection).count(
        which.tenant_id,
        closed=which.closed,
        terms=which.terms,
        silenced=_silenced(connection, which, active(connection, now)),
        roles=which.roles,
    )


def _silenced(
    connection: Connection, which: Selection, silences: Sequence[ActiveSilence]
) -> list[int]:
    """Return which open incidents are kept quiet, where a filter asks for states at all."""
    if not silences or all(term.field != "state" for term in which.terms):
        return []
    rows = IncidentsDriver(connection).open_incidents(which.tenant_id, roles=which.roles)
    return [row.number for row in rows if silence_of(subject_of(row), silences)]


def headline(
    connection: Connection, tenant_id: str, roles: Roles, now: datetime
) -> IncidentHeadline:
    """Return what the header shows: counted by the database, unless a silence holds now."""
    silences = active(connection, now)
    driver = IncidentsDriver(connection)
    if silences:
        return _headline(driver.open_incidents(tenant_id, roles=roles), silences)
    counts = driver.open_counts(tenant_id, roles=roles)
    waiting = [one for one in counts if not one.acknowledged]
    by_severity = {
        severity: sum(one.count for one in waiting if one.severity == severity)
        for severity in ("critical", "warning")
    }
    return IncidentHeadline(
        **by_severity,
        acknowledged=sum(one.count for one in counts if one.acknowledged),
        since=min((one.since for one in waiting), default=None),
    )


def _headline(rows: Sequence[IncidentRow], silences: Sequence[ActiveSilence]) -> IncidentHeadline:
    # Of 10,000 in a storm only what is counted is made: their states.
    states = [_state(row, silence_of(subject_of(row), silences)) for row in rows]
    waiting = [row for row, state in zip(rows, states, strict=True) if state == OPEN]
    return IncidentHeadline(
        critical=sum(one.severity == "critical" for one in waiting),
        warning=sum(one.severity == "warning" for one in waiting),
        acknowledged=states.count(ACKNOWLEDGED),
        silenced=states.count(SILENCED),
        since=min((one.opened_at for one in waiting), default=None),
    )


def require(
    connection: Connection, tenant_id: str, number: int, roles: Roles, *, locked: bool = False
) -> IncidentRow:
    """Return a tenant's incident, or everybody's.

    Raises:
        NotFound: There is none of that number for it.
    """
    row = IncidentsDriver(connection).get(tenant_id, number, roles=roles, locked=locked)
    if row is None:
        raise NotFound(
            f"This tenant has no incident {number}.",
            hint="`lampboard incidents list --state any` shows which there are.",
        )
    return row


def get(
    connection: Connection, tenant_id: str, number: int, roles: Roles, now: datetime
) -> Incident:
    """Return one incident.

    Raises:
        NotFound: There is none of that number for this tenant.
    """
    return incident(require(connection, tenant_id, number, roles), active(connection, now))


def story(
    connection: Connection, tenant_id: str, number: int, roles: Roles, now: datetime
) -> IncidentStory:
    """Return everything that is known about one incident.

    Raises:
        NotFound: There is none of that number for this tenant.
    """
    from engine.incidents.timeline import timeline

    row = require(connection, tenant_id, number, roles)
    members = IncidentsDriver(connection).members(number, roles=roles)
    about = [one.target_number for one in members]
    checks, failures = checked(connection, about, row.opened_at, row.closed_at or now, now)
    return IncidentStory(
        incident=incident(row, active(connection, now)),
        members=tuple(_member(one) for one in members),
        timeline=timeline(connection, row, members, now, roles, tenant_id=tenant_id),
        checks=checks,
        failures=failures,
        taken_at=now,
    )


def _member(row: MemberRow) -> Member:
    return Member(
        target_number=row.target_number,
        kind=row.kind,
        id=row.id,
        name=row.name,
        state=row.state,
        joined_at=row.joined_at,
        left_at=row.left_at,
    )
