"""Going back in time: boards and stories as they were, steps between changes, days at a glance.

Loaded in the worker thread only, because it brings the drivers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING

from engine.health import reading
from engine.health.model import (
    BOARD_WINDOWS,
    Board,
    BoardRow,
    DaySlot,
    DayStrip,
    Lamp,
    Story,
    Uptime,
)
from engine.health.rules import age_s
from engine.overall import all_states, overall_health
from storage.health import HealthDriver, PastScope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from engine.health.selection import Selection
    from storage.health import ChangedRow, PastRow, StoodRow, TargetRow

DAY = timedelta(days=1)
# What happens right now is known.
_TICK = timedelta(milliseconds=1)
# The worst first; a part in which something was known is never told by what was not.
_WORST_FIRST = ("failing", "degraded", "healthy", "unknown")


def board(  # noqa: PLR0913 - what to read, and how much of it
    connection: Connection,
    which: Selection,
    at: datetime,
    now: datetime,
    *,
    limit: int,
    windows: Sequence[str] = BOARD_WINDOWS,
) -> Board:
    """Return the board as it was: up to `limit` lamps grouped by state, worst first."""
    found = HealthDriver(connection).board_at(_scope(which), at, limit=limit)
    numbers = [row.number for row in found.rows]
    known = reading.uptimes(connection, numbers, at, windows)
    everything = all_states(found.counts)
    return Board(
        groups=reading.grouped(
            [_board_row(row, at, known.get(row.number, Uptime())) for row in found.rows],
            found.totals,
        ),
        counts=everything,
        overall_health=overall_health(everything),
        taken_at=now,
        at=at,
    )


def uptimes(
    connection: Connection,
    which: Selection,
    numbers: Sequence[int],
    at: datetime,
    windows: Sequence[str],
) -> Mapping[int, Uptime]:
    """Return the uptime up to a time of those targets that are chosen."""
    mine = HealthDriver(connection).chosen(_scope(which), numbers)
    return reading.uptimes(connection, mine, at, windows)


def step(
    connection: Connection, which: Selection, at: datetime, now: datetime, *, back: bool
) -> datetime | None:
    """Return when a lamp last changed before `at`, or next changed after it; None if none did."""
    return HealthDriver(connection).step(_scope(which), at, back=back, until=now)


def day(  # noqa: PLR0913 - which day, of what, how finely
    connection: Connection,
    which: Selection,
    when: datetime,
    now: datetime,
    *,
    number: int | None = None,
    slots: int,
) -> DayStrip:
    """Return the UTC day of a time in so many parts, of all that is chosen or of one target."""
    begin = when.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    until = min(begin + DAY, now + _TICK)
    driver, scope = HealthDriver(connection), _scope(which, number)
    stood = driver.stood(scope, begin, until) if begin < until else []
    turned = driver.turned(scope, begin, until) if stood else []
    size = DAY / slots
    return DayStrip(
        day=begin,
        slot_s=int(size.total_seconds()),
        slots=tuple(strip(stood, turned, [begin + place * size for place in range(slots)], until)),
    )


def strip(
    stood: Sequence[StoodRow],
    turned: Sequence[ChangedRow],
    begins: Sequence[datetime],
    until: datetime,
) -> Iterable[DaySlot]:
    """Yield the parts that begin at these times; those from `until` on are still to come.

    Args:
        stood: The targets, each with the state in which it entered the first part.
        turned: Their changes after that, oldest first; those of others are passed over.
        begins: When each part begins.
        until: The end of what is known.
    """
    events = [*_comings_and_goings(stood)]
    known = {row.number for row in stood}
    events += [(row.at, row.target_number, row.state) for row in turned]
    events.sort(key=itemgetter(0))
    parts: list[list[tuple[int, str | None]]] = [[] for _ in begins]
    for at, number, state in events:
        if number in known:
            parts[bisect_right(begins, at) - 1].append((number, state))
    states = {row.number: row.state for row in stood if row.came_at is None}
    counts = Counter(states.values())
    for begin, changes in zip(begins, parts, strict=True):
        yield _slot(states, counts, changes) if begin < until else DaySlot(state=None)


def _comings_and_goings(
    stood: Iterable[StoodRow],
) -> Iterable[tuple[datetime, int, str | None]]:
    for row in stood:
        if row.came_at is not None:
            yield row.came_at, row.number, "unknown"
        if row.left_at is not None:
            yield row.left_at, row.number, None


def _slot(
    states: dict[int, str], counts: Counter[str], changes: Iterable[tuple[int, str | None]]
) -> DaySlot:
    """Return a part that begins with these states, and bring them on to its end."""
    seen = {state for state, count in counts.items() if count}
    failing = counts["failing"]
    failed: set[int] = set()
    for number, state in changes:
        before = states.pop(number, None)
        if before is not None:
            counts[before] -= 1
        if before == "failing":
            failed.add(number)  # counted already
        if state is not None:
            states[number] = state
            counts[state] += 1
            seen.add(state)
        if state == "failing" and number not in failed:
            failed.add(number)
            failing += 1
    worst = next((state for state in _WORST_FIRST if state in seen), None)
    return DaySlot(state=worst, failing=failing)


def story(
    connection: Connection, which: Selection, target_id: str, at: datetime, now: datetime
) -> Story:
    """Return what was known of one target at a time.

    Raises:
        NotFound: There was none of that id then, or none that these roles may see.
    """
    row = target(connection, which, target_id, at)
    checks = reading.history(connection, row.number, limit=reading.STORY_CHECKS, until=at)
    return Story(
        lamp=_lamp(HealthDriver(connection).stood_at(row.number, at), at),
        checks=checks,
        transitions=reading.transitions(
            connection,
            which,
            target_number=row.number,
            until=at,
            limit=reading.STORY_TRANSITIONS,
        ),
        hours=reading.hours(connection, row.number, at - reading.STORY_HOURS, until=at),
        uptime=reading.uptime(connection, row.number, at),
        latencies=tuple((check.checked_at, check.latency_ms) for check in reversed(checks)),
        taken_at=now,
    )


def target(connection: Connection, which: Selection, target_id: str, at: datetime) -> TargetRow:
    """Return one target of a tenant and kind that was there at a time; raises NotFound."""
    kind = which.kind or ""
    row = HealthDriver(connection).target(kind, target_id, roles=which.roles)
    gone = row is not None and row.retired_at is not None and row.retired_at <= at
    if row is None or gone or row.tenant_id != which.tenant_id or row.created_at > at:
        raise reading.not_found(kind)
    return row


def _scope(which: Selection, number: int | None = None) -> PastScope:
    return PastScope(
        tenant_id=which.tenant_id or "",
        kind=which.kind,
        number=number,
        terms=tuple(which.terms),
        roles=which.roles,
    )


def _board_row(row: PastRow, at: datetime, uptime: Uptime) -> BoardRow:
    return BoardRow(lamp=_lamp(row, at), age_s=age_s(row.checked_at, at), uptime=uptime)


def _lamp(row: PastRow, at: datetime) -> Lamp:
    """Return the lamp of a target as it was; whether it was in use then is not kept."""
    return reading.lamp_at(row, at, active=True)
