"""From what goes wrong to what is to be told: rows of the outbox, each planned once.

Planning reads what is open, what was told of it and which routes and silences hold, and reckons
what the outbox should hold; what differs is written. It may be done by any number of monitors
at any time, and be killed anywhere: the same things come to the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.alerts.hours import Hours, hours_of
from engine.alerts.matching import matches, subject_of
from engine.alerts.model import (
    ACKNOWLEDGED,
    CLOSED,
    FAILED,
    OPENED,
    REMINDER,
    SENT,
    UNCERTAIN,
    WAITING,
    WORSENED,
)
from engine.incidents.model import CRITICAL
from storage.alerts import PlanDriver, PlannedRow, RoutesDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from engine.silences.matching import ActiveSilence
    from storage.alerts import AboutRow, RouteRow, ToldRow

    Key = tuple[str, int, str, int]
    """Channel, incident, event, ordinal: of each there is one alert."""
    Pause = Callable[[RouteRow], int]
    """How many seconds a route waits."""

CLOSED_WITHIN = timedelta(days=1)
"""How long after its end an incident may still be told to have closed."""
AHEAD = timedelta(minutes=1)
"""By how much one machine's clock may be ahead of another's. What is said to have happened later
than that was written down before the clock was set back: it has waited for long enough."""
_TOLD = frozenset({SENT, UNCERTAIN})
_TRIED = _TOLD | {FAILED}
_NEWS = frozenset({OPENED, WORSENED, REMINDER})
"""What says how bad an incident is that waits for somebody."""


@dataclass(slots=True)
class Changes:
    """What is to be written: new alerts, other times, and what is dropped with the reason."""

    planned: list[PlannedRow] = field(default_factory=list)
    moved: dict[int, datetime] = field(default_factory=dict)
    dropped: dict[int, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.planned or self.moved or self.dropped)


@dataclass(frozen=True, slots=True)
class Way:
    """A channel that an incident goes to, by the routes that lead there."""

    about: AboutRow
    channel_id: str
    routes: tuple[RouteRow, ...]
    silence: ActiveSilence | None

    def allowed(self, route: RouteRow, at: datetime) -> datetime | None:
        """Return when a route may tell what is due then; None while no end is in sight."""
        if self.silence is not None:
            if self.silence.until is None:
                return None
            at = max(at, self.silence.until)
        hours = _hours(route)
        return at if hours is None else hours.open_from(at)

    def due(self, base: datetime, now: datetime, pause: Pause) -> datetime | None:
        """Return when the first of the routes tells it, so long after `base`."""
        dues = []
        for route in self.routes:
            at = now if base > now + AHEAD else base + timedelta(seconds=pause(route))
            late = max(at, now)
            allowed = self.allowed(route, late)
            if allowed is not None:
                dues.append(at if allowed == late else allowed)
        return min(dues, default=None)


def plan(connection: Connection, now: datetime, *, write: bool) -> Changes:
    """Reckon what the outbox should hold, and write what differs.

    Args:
        connection: Inside a transaction of the caller.
        now: The time.
        write: Whether to write it; else it is only told, so that a look costs no lock.
    """
    driver = PlanDriver(connection)
    changes = _reckoned(connection, driver, now)
    if write and changes:
        driver.plan(changes.planned)
        driver.move(changes.moved)
        driver.drop(changes.dropped)
    return changes


def _reckoned(connection: Connection, driver: PlanDriver, now: datetime) -> Changes:
    from engine.silences.matching import active

    routes = RoutesDriver(connection).in_use()
    waiting = driver.waiting()
    if not routes and not waiting:
        return Changes()
    everybody = any(route.all_tenants for route in routes)
    found = driver.open_incidents(None if everybody else {route.tenant_id for route in routes})
    told = _by_way(driver.told_of_open())
    wanted: dict[Key, PlannedRow] = {}
    for way in ways(found, routes, active(connection, now) if found else ()):
        rows = told.get((way.channel_id, way.about.number), ())
        for row in _wanted(way, rows, now):
            wanted[_key(row)] = row
    for about, channel_id in driver.ended(now - CLOSED_WITHIN):
        for row in _ending(about, channel_id, routes, now):
            wanted[_key(row)] = row
    there = {(one.channel_id, one.incident_number, one.event, one.ordinal): one for one in waiting}
    there |= {_told_key(one): one for rows in told.values() for one in rows}
    return _differences(driver, wanted, there, waiting, now)


def ways(
    found: Iterable[AboutRow], routes: Sequence[RouteRow], silences: Iterable[ActiveSilence]
) -> Iterable[Way]:
    """Yield each incident with each channel that it goes to."""
    from engine.silences.matching import silence_for

    silences = tuple(silences)
    for about in found:
        subject = subject_of(about)
        chosen: dict[str, list[RouteRow]] = {}
        for route in routes:
            if matches(route, about, subject):
                chosen.setdefault(route.channel_id, []).append(route)
        silence = silence_for(subject, silences) if chosen else None
        for channel_id, some in chosen.items():
            yield Way(about, channel_id, tuple(some), silence)


def _wanted(way: Way, told: Sequence[ToldRow], now: datetime) -> Iterable[PlannedRow]:
    """Yield what a channel is to be told of an incident that is open."""
    about = way.about
    opened = next(
        (one for one in told if one.event == OPENED and one.ordinal == about.relapses), None
    )
    if about.acknowledged_at is not None:
        if opened is not None and opened.state in _TOLD:
            yield from _acknowledgement(way, now)
        return
    if opened is None or opened.state not in _TRIED:
        # An incident that is bad again counts from when that was seen.
        seen = now if opened is None else opened.created_at
        base = seen if about.relapses else about.opened_at
        due = way.due(base, now, _wait)
        if due is not None:
            yield _row(way, OPENED, about.relapses, due, now)
    elif about.worsened_at is not None and _is_news(about, opened, told):
        due = way.due(about.worsened_at, now, _wait)
        if due is not None:
            yield _row(way, WORSENED, about.worsened, due, now)
    else:
        yield from _reminder(way, told, now)


def _is_news(about: AboutRow, opened: ToldRow, told: Iterable[ToldRow]) -> bool:
    """Return whether it is worse than a channel heard, and what it grew to last is not told yet."""
    # What was told of openings before has smaller ids; a reminder tells nothing new.
    since = [one for one in told if one.event == WORSENED and one.id > opened.id]
    heard = [opened, *(one for one in since if one.state in _TRIED)]
    known = any(one.event == WORSENED and one.ordinal == about.worsened for one in heard)
    return not known and about.gravity > max(one.gravity for one in heard)


def _reminder(way: Way, told: Sequence[ToldRow], now: datetime) -> Iterable[PlannedRow]:
    """Yield the next reminder: so long after what was said last, whatever became of that."""
    reminding = tuple(route for route in way.routes if route.remind_s)
    if not reminding:
        return
    before = [one for one in told if one.event == REMINDER]
    ordinal = max((one.ordinal for one in before if one.state in _TRIED), default=0) + 1
    said = [one.sent_at or one.due_at for one in told if one.event in _NEWS and one.state in _TRIED]
    last = max((at for at in said if at <= now + AHEAD), default=max(said))
    due = Way(way.about, way.channel_id, reminding, way.silence).due(last, now, _remind)
    if due is not None:
        yield _row(way, REMINDER, ordinal, due, now)


def _acknowledgement(way: Way, now: datetime) -> Iterable[PlannedRow]:
    """Yield that somebody sees to it; each acknowledgement is told once."""
    at = way.about.acknowledged_at
    telling = tuple(route for route in way.routes if route.on_acknowledged)
    if not telling or at is None:
        return
    ordinal = max(0, int((at - way.about.opened_at).total_seconds()))
    due = Way(way.about, way.channel_id, telling, way.silence).due(at, now, _at_once)
    if due is not None:
        yield _row(way, ACKNOWLEDGED, ordinal, due, now)


def _ending(
    about: AboutRow, channel_id: str, routes: Iterable[RouteRow], now: datetime
) -> Iterable[PlannedRow]:
    """Yield that it closed, to who was told that it opened; silences keep no good news back.

    One that was critical when it was told may have become less bad before it closed.
    """
    subject, worst = subject_of(about), replace(about, severity=CRITICAL)
    telling = [
        route
        for route in routes
        if route.channel_id == channel_id and route.on_recovery and matches(route, worst, subject)
    ]
    if telling and about.closed_at is not None:
        way = Way(about, channel_id, tuple(telling), None)
        due = way.due(about.closed_at, now, _at_once)
        if due is not None:
            yield _row(way, CLOSED, about.relapses, due, now)


def _row(way: Way, event: str, ordinal: int, due_at: datetime, now: datetime) -> PlannedRow:
    return PlannedRow(
        tenant_id=way.about.tenant_id,
        channel_id=way.channel_id,
        incident_number=way.about.number,
        event=event,
        ordinal=ordinal,
        due_at=due_at,
        created_at=now,
    )


# What differs from what is there


def _differences(
    driver: PlanDriver,
    wanted: Mapping[Key, PlannedRow],
    there: Mapping[Key, ToldRow],
    waiting: Sequence[ToldRow],
    now: datetime,
) -> Changes:
    changes = Changes()
    for key, row in wanted.items():
        found = there.get(key)
        if found is None or found.state == "dropped":
            changes.planned.append(row)
        elif found.state == WAITING and _moves(found, row, now):
            changes.moved[found.id] = row.due_at
    rest = [one for one in waiting if _told_key(one) not in wanted]
    about = driver.about(one.incident_number for one in rest) if rest else {}
    instead = {key[:2] for key in wanted} if rest else set()
    for one in rest:
        its, told = about.get(one.incident_number), (one.channel_id, one.incident_number) in instead
        reason = _why_not(one, its, instead=told) if its else "The incident is gone."
        if reason:
            changes.dropped[one.id] = reason
    return changes


def _moves(found: ToldRow, row: PlannedRow, now: datetime) -> bool:
    """Tell whether a waiting alert is to be due at another time; a pause after a try stays."""
    if found.attempts:
        return row.due_at > max(found.due_at, now)
    return abs(row.due_at - found.due_at) >= timedelta(seconds=1)


def _why_not(one: ToldRow, about: AboutRow, *, instead: bool) -> str:
    """Return why a waiting alert is not wanted any more; empty where it is still to be told.

    `instead` says that the channel is to be told something else of the incident.
    """
    again = one.event in {OPENED, CLOSED} and one.ordinal != about.relapses
    if one.event == CLOSED:
        # It was reckoned when it closed; the routes of then hold.
        stands = about.closed_at is not None and not again
        return "" if stands else "The incident opened again before that was told."
    if about.merged_into is not None:
        return f"The incident became part of incident {about.merged_into}."
    if about.closed_at is not None or again:
        return "The incident closed before it was told."
    if about.acknowledged_at is not None and one.event != ACKNOWLEDGED:
        return "Somebody acknowledged the incident first."
    return _why_not_now(one, about, instead=instead)


def _why_not_now(one: ToldRow, about: AboutRow, *, instead: bool) -> str:
    """Return why a waiting alert is not wanted of an incident that waits for somebody."""
    worsened = one.event == WORSENED
    if worsened and about.gravity < about.worst:
        return "The incident was less bad again before that was told."
    if instead or (worsened and one.ordinal != about.worsened):
        return "Another alert says how the incident is by now."
    return "No route that is in use leads there now, or a silence has no end."


def _by_way(rows: Iterable[ToldRow]) -> dict[tuple[str, int], list[ToldRow]]:
    found: dict[tuple[str, int], list[ToldRow]] = {}
    for row in rows:
        found.setdefault((row.channel_id, row.incident_number), []).append(row)
    return found


def _key(row: PlannedRow) -> Key:
    return (row.channel_id, row.incident_number, row.event, row.ordinal)


def _told_key(row: ToldRow) -> Key:
    return (row.channel_id, row.incident_number, row.event, row.ordinal)


def _hours(route: RouteRow) -> Hours | None:
    return hours_of(route.hours)


def _wait(route: RouteRow) -> int:
    return route.wait_s


def _remind(route: RouteRow) -> int:
    return route.remind_s


def _at_once(route: RouteRow) -> int:  # noqa: ARG001 - as the others
    return 0
