"""What happened during an incident, from everything that is written down about that time.

Loaded in the worker thread only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from engine.incidents.model import LEDGER, LIMIT, TimelineEntry
from engine.silences.matching import held
from engine.silences.model import Subject
from engine.silences.words import about
from storage.activity import ActivityDriver
from storage.incidents import IncidentsDriver, counting, meanwhile
from storage.labels import tags_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.access import Roles
    from storage.activity import ActivityRow
    from storage.health.rows import TransitionRow
    from storage.incidents import IncidentEventRow, IncidentRow, MemberRow
    from storage.incidents.meanwhile import CheckSumRow, ToldAlertRow

T = TypeVar("T")

BEFORE = timedelta(hours=1)
"""How long before an incident began lamps and changes are told: what broke it came first."""
MOST = 200
"""Entries of one source; of more the first and the last half are told, and how many are not."""
_READ = 20 * MOST
CONFIG = ("limits", "tenants")
"""What is looked through beside changes of the things themselves and of the secrets they use."""
# What happened at the same moment, in the order in which one thing leads to the other.
_ORDER = {"activity": 0, "check": 1, "transition": 2, "incident": 3, "alert": 4}


def timeline(  # noqa: PLR0913 - whose timeline, for whom
    connection: Connection,
    row: IncidentRow,
    members: Sequence[MemberRow],
    now: datetime,
    roles: Roles,
    *,
    tenant_id: str | None = None,
) -> tuple[TimelineEntry, ...]:
    """Return everything that happened, oldest first.

    Args:
        connection: Where it is read.
        row: The incident.
        members: The targets it is, or was, about, as far as these roles see them.
        now: The time.
        roles: What the operator may see; None is everything.
        tenant_id: For whom it is told: of alerts only those of their own channels are; None is
            the incident's own tenant.
    """
    span = _Span.of(row, members, now)
    viewer = tenant_id or row.tenant_id
    entries = [
        *_few(_events(connection, row)),
        *_few(_silences(connection, row, span)),
        *_few(_turns(connection, span)),
        *_checks(connection, span),
        *_few(_changes(connection, row, span, roles)),
        *(() if viewer is None else _few(_alerts(connection, viewer, row.number, now))),
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.at, _ORDER[entry.source])))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Span:
    """The time that is told of, and the targets in it."""

    opened: datetime
    until: datetime
    now: datetime
    numbers: tuple[int, ...]
    things: tuple[str, ...]

    @classmethod
    def of(cls, row: IncidentRow, members: Sequence[MemberRow], now: datetime) -> _Span:
        things = {one.id for one in members} | ({row.thing_id} if row.thing_id else set())
        return cls(
            opened=row.opened_at,
            until=row.closed_at or now,
            now=now,
            numbers=tuple(one.target_number for one in members),
            things=tuple(sorted(things)),
        )

    @property
    def since(self) -> datetime:
        return self.opened - BEFORE


def _few(entries: Sequence[TimelineEntry]) -> Iterator[TimelineEntry]:
    """Yield entries of one source; of too many only the first and last, and a word of the rest.

    What people said of the incident itself is never left out.
    """
    found = [one for one in entries if one.source != "incident" or one.actor is None]
    left = found[MOST // 2 : -(MOST // 2)] if len(found) > MOST else []
    if left:
        yield TimelineEntry(
            at=left[0].at,
            source=left[0].source,
            what="left_out",
            said=f"{len(left):,} more",
            detail={"left": len(left)},
        )
    gone = set(map(id, left))
    yield from (one for one in entries if id(one) not in gone)


def _events(connection: Connection, row: IncidentRow) -> list[TimelineEntry]:
    return [_event(one) for one in IncidentsDriver(connection).events(row.number)]


def _event(row: IncidentEventRow) -> TimelineEntry:
    return TimelineEntry(
        at=row.at,
        source="incident",
        what=row.what,
        said=row.said or "",
        actor=row.actor,
        detail=row.detail,
    )


def _silences(connection: Connection, row: IncidentRow, span: _Span) -> list[TimelineEntry]:
    """Return what kept it quiet: that is why nobody was told."""
    subject = Subject(
        tenant_id=row.tenant_id,
        kind=row.kind,
        thing_id=row.thing_id,
        technology=row.technology,
        tags=tags_of(row.tags),
    )
    return [
        TimelineEntry(
            at=at,
            source="incident",
            what="silenced",
            said=f"{about(silence, silence.thing_name)}: {silence.reason}",
            actor=silence.created_by,
            detail={"silence": silence.id},
        )
        for at, silence in held(connection, subject, span.opened, span.until)
    ]


def _turns(connection: Connection, span: _Span) -> list[TimelineEntry]:
    found = meanwhile.turns(connection, span.numbers, span.since, span.until, limit=_READ)
    return [_turn(one) for one in found]


def _turn(row: TransitionRow) -> TimelineEntry:
    why = row.message or row.error
    return TimelineEntry(
        at=row.at,
        source="transition",
        what=row.to_state,
        said=f"{row.name}: {why}" if why else row.name,
        detail=_given(name=row.name, before=row.from_state, error=row.error, message=row.message),
    )


def _checks(connection: Connection, span: _Span) -> list[TimelineEntry]:
    """Return the sums of checks that found the same, and of those kept by the hour alone."""
    found = meanwhile.check_sums(connection, span.numbers, span.opened, span.until)
    entries = [_sum(one, many=len(span.numbers) > 1) for one in found]
    total, failed = counting.checked(connection, span.numbers, span.opened, span.until, span.now)
    older = total - sum(one.count for one in found)
    if older > 0:
        gone = max(0, failed - sum(one.count for one in found if one.state == "failing"))
        said = f"{_checks_text(older)}, {gone:,} of them failing, kept by the hour"
        entries.insert(
            0,
            TimelineEntry(
                at=span.opened,
                source="check",
                what="hours",
                said=said,
                detail={"count": older, "failures": gone},
            ),
        )
    return entries


def _sum(row: CheckSumRow, *, many: bool) -> TimelineEntry:
    of = f" of {row.targets:,} things" if many else ""
    why = f", {row.error}" if row.error else ""
    until = f" until {row.last_at:%Y-%m-%d %H:%M:%S}Z" if row.count > 1 else ""
    return TimelineEntry(
        at=row.first_at,
        source="check",
        what=row.state,
        said=f"{_checks_text(row.count)}{of}{why}{until}",
        detail=_given(count=row.count, targets=row.targets, error=row.error, last_at=row.last_at),
    )


def _checks_text(count: int) -> str:
    return "1 check" if count == 1 else f"{count:,} checks"


def _changes(
    connection: Connection, row: IncidentRow, span: _Span, roles: Roles
) -> list[TimelineEntry]:
    """Return what people changed about the things; what kept it quiet is told by `_silences`."""
    if row.tenant_id is None:
        return []
    found = ActivityDriver(connection).between(
        row.tenant_id,
        span.since,
        span.until,
        things=span.things,
        concepts=(*CONFIG, *(("prevention",) if row.cause == LEDGER else ())),
        roles=roles,
        limit=_READ,
    )
    # What was done about the incident itself is among its events.
    wanted = [one for one in found if one.concept != "incidents" and _concerns(one, row, span)]
    return [_change(one) for one in wanted]


def _concerns(change: ActivityRow, row: IncidentRow, span: _Span) -> bool:
    """Tell whether a change is of what the incident is about; limits are those of everything."""
    if change.concept != "limits":
        return True
    scope, _, subject = (change.thing_id or "").partition(":")
    own = row.cause == LIMIT and change.thing_name == row.thing_name
    return own or (scope == "integration" and subject in span.things)


def _change(row: ActivityRow) -> TimelineEntry:
    changed, reason = row.detail.get("changed"), row.detail.get("reason")
    names = ", ".join(map(str, changed)) if isinstance(changed, dict) else ""
    said = row.thing_name or row.thing_id or ""
    said = f"{said}: {reason}" if isinstance(reason, str) else said
    return TimelineEntry(
        at=row.at,
        source="activity",
        what=row.action,
        said=f"{said} ({names})" if names else said,
        actor=row.actor,
        detail={"concept": row.concept, "origin": row.origin, **row.detail},
    )


def _alerts(
    connection: Connection, tenant_id: str, number: int, now: datetime
) -> list[TimelineEntry]:
    """Return what was told, or could not be; what is only planned did not happen yet."""
    entries = [_alert(one) for one in meanwhile.told_alerts(connection, tenant_id, number)]
    return [entry for entry in entries if entry.at <= now]


def _alert(row: ToldAlertRow) -> TimelineEntry:
    why = f": {row.error}" if row.error else ""
    return TimelineEntry(
        at=row.sent_at or row.due_at,
        source="alert",
        what=row.state,
        said=f"{row.event}, by {row.channel_name}{why}",
        detail=_given(channel=row.channel_name, event=row.event, error=row.error),
    )


def _given(**values: Any) -> dict[str, Any]:
    from engine.jsonable import jsonable

    return {name: jsonable(value) for name, value in values.items() if value is not None}
