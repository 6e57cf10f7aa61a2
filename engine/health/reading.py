"""Reading health on one connection: rows into the snapshots that screens show.

Loaded in the worker thread only, because it brings the drivers.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from engine.errors import NotFound
from engine.health.checks import stages_in
from engine.health.kinds import KINDS
from engine.health.model import (
    BOARD_WINDOWS,
    Board,
    BoardGroup,
    BoardRow,
    Check,
    HealthSummary,
    Hour,
    Lamp,
    MonitorStatus,
    Overview,
    Story,
    Transition,
    Uptime,
)
from engine.health.rules import BEAT_TIMEOUT, age_s
from engine.overall import (
    STALE_AFTER,
    STATES_WORST_FIRST,
    all_states,
    is_stale,
    overall_health,
)
from engine.probes.result import whole_ms
from storage.health import HealthDriver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.health.selection import Selection
    from storage.health import CheckRow, HourRow, MonitorRow, PastRow, TargetRow, TransitionRow

WINDOWS = {
    "day": timedelta(hours=24),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "quarter": timedelta(days=90),
    "year": timedelta(days=365),
}
# What a story shows: two hours of checks at the usual interval, and a month of hours.
STORY_CHECKS = 120
STORY_TRANSITIONS = 20
STORY_HOURS = timedelta(days=30)
OVERVIEW_TRANSITIONS = 20
SUMMARY_FAILING = 5
# How far back a monitor that has ended is still told of.
MONITORS_SINCE = timedelta(days=1)


def lamps(
    connection: Connection, which: Selection, now: datetime, *, limit: int
) -> tuple[Lamp, ...]:
    """Return up to `limit` lamps, worst first."""
    page = HealthDriver(connection).lamps(
        which.tenant_id, kind=which.kind, terms=which.terms, roles=which.roles, limit=limit
    )
    return tuple(lamp(row, now) for row in page.rows)


def counts(connection: Connection, which: Selection) -> dict[str, int]:
    """Return how many lamps show each state, whatever the terms; all four states are keys."""
    driver = HealthDriver(connection)
    return all_states(driver.counts(which.tenant_id, kind=which.kind, roles=which.roles))


def transitions(  # noqa: PLR0913 - each narrows the story by name
    connection: Connection,
    which: Selection,
    *,
    target_number: int | None = None,
    before_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int,
) -> tuple[Transition, ...]:
    """Return changes of state, newest first; of a span where one is given."""
    rows = HealthDriver(connection).transitions(
        which.tenant_id,
        kind=which.kind,
        target_number=target_number,
        before_id=before_id,
        since=since,
        until=until,
        roles=which.roles,
        limit=limit,
    )
    return tuple(transition(row) for row in rows)


def target(connection: Connection, which: Selection, target_id: str) -> TargetRow:
    """Return one target of a tenant and kind.

    Raises:
        NotFound: There is none of that id, or none that these roles may see.
    """
    kind = which.kind or ""
    row = HealthDriver(connection).target(kind, target_id, roles=which.roles)
    if row is None or row.tenant_id != which.tenant_id or row.retired_at is not None:
        raise not_found(kind)
    return row


def not_found(kind: str) -> NotFound:
    """Return what is said of a thing that is not there, another tenant's, or not to be seen."""
    hint = f"`lampboard {kind}s list` shows those that there are." if kind in KINDS else ""
    return NotFound(f"This tenant has no such {kind[:40]}.", hint=hint, field=f"{kind[:40]}_id")


def history(
    connection: Connection,
    number: int,
    *,
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Check, ...]:
    """Return the last checks of a target, newest first; of a span where one is given."""
    rows = HealthDriver(connection).history(number, since=since, until=until, limit=limit)
    return tuple(_check(row) for row in sorted(rows, key=_checked_at, reverse=True))


def hours(
    connection: Connection, number: int, since: datetime, *, until: datetime | None = None
) -> tuple[Hour, ...]:
    """Return a target's rolled-up hours, oldest first; those that began before `until`."""
    rows = HealthDriver(connection).hours(number, since=since)
    return tuple(_hour(row) for row in rows if until is None or row.hour < until)


def uptimes(
    connection: Connection,
    numbers: Sequence[int],
    now: datetime,
    windows: Sequence[str] = BOARD_WINDOWS,
) -> Mapping[int, Uptime]:
    """Return the uptime of each target over windows that end at `now`; other ones are None."""
    spans = [WINDOWS[name] for name in windows]
    found = HealthDriver(connection).uptime(numbers, spans, now) if numbers and spans else {}
    return {
        number: Uptime(**{name: row.share for name, row in zip(windows, rows, strict=True)})
        for number, rows in found.items()
    }


def uptime(connection: Connection, number: int, now: datetime) -> Uptime:
    """Return the uptime of one target over all windows that end at `now`."""
    return uptimes(connection, [number], now, tuple(WINDOWS))[number]


def story(connection: Connection, which: Selection, target_id: str, now: datetime) -> Story:
    """Return everything known about one target; raises NotFound."""
    row = target(connection, which, target_id)
    checks = history(connection, row.number, limit=STORY_CHECKS)
    return Story(
        lamp=lamp(row, now),
        checks=checks,
        transitions=transitions(
            connection, which, target_number=row.number, limit=STORY_TRANSITIONS
        ),
        hours=hours(connection, row.number, now - STORY_HOURS),
        uptime=uptime(connection, row.number, now),
        latencies=tuple((check.checked_at, check.latency_ms) for check in reversed(checks)),
        taken_at=now,
    )


def board(
    connection: Connection,
    which: Selection,
    now: datetime,
    *,
    limit: int,
    windows: Sequence[str] = BOARD_WINDOWS,
) -> Board:
    """Return the live board: up to `limit` lamps grouped by state, worst first."""
    shown = lamps(connection, which, now, limit=limit)
    known = uptimes(connection, [one.number for one in shown], now, windows)
    rows = [
        BoardRow(lamp=one, age_s=age_s(one.checked_at, now), uptime=known.get(one.number, Uptime()))
        for one in shown
    ]
    everything = counts(connection, which)
    totals = Counter(row.lamp.state for row in rows) if which.terms else everything
    return Board(
        groups=grouped(rows, totals),
        counts=everything,
        overall_health=overall_health(everything),
        taken_at=now,
    )


def grouped(rows: Sequence[BoardRow], totals: Mapping[str, int]) -> tuple[BoardGroup, ...]:
    """Return rows that are sorted worst first as a group a state, empty ones included."""
    found = {state: tuple(some) for state, some in groupby(rows, lambda row: row.lamp.state)}
    return tuple(
        BoardGroup(state=state, total=totals.get(state, 0), rows=found.get(state, ()))
        for state in STATES_WORST_FIRST
    )


def overview(connection: Connection, which: Selection, now: datetime, *, limit: int) -> Overview:
    """Return all that the overview shows, in one reading."""
    everything = counts(connection, which)
    return Overview(
        lamps=lamps(connection, which, now, limit=limit),
        counts=everything,
        total=_count(connection, which) if which.terms else sum(everything.values()),
        overall_health=overall_health(everything),
        transitions=transitions(connection, which, limit=OVERVIEW_TRANSITIONS),
        monitor=monitor_status(connection, now),
        taken_at=now,
    )


def summary(
    connection: Connection, tenant_id: str, which: Selection, now: datetime
) -> HealthSummary:
    """Return a tenant's health in numbers, with the first few that fail."""
    everything = counts(connection, which)
    worst = lamps(connection, which, now, limit=SUMMARY_FAILING)
    return HealthSummary(
        tenant_id=tenant_id,
        counts=everything,
        overall_health=overall_health(everything),
        total=sum(everything.values()),
        stale=HealthDriver(connection).stale_count(
            tenant_id, before=now - STALE_AFTER, kind=which.kind, roles=which.roles
        ),
        checked_at=_last_check(connection, which),
        monitor=monitor_status(connection, now),
        taken_at=now,
        failing=tuple(one for one in worst if one.state == "failing"),
    )


def _count(connection: Connection, which: Selection) -> int:
    return HealthDriver(connection).count(
        which.tenant_id, terms=which.terms, kind=which.kind, roles=which.roles
    )


def _last_check(connection: Connection, which: Selection) -> datetime | None:
    # A kind at a time: that order is an index, which all kinds together have none of.
    newest = [
        HealthDriver(connection).lamps(
            which.tenant_id, kind=kind, roles=which.roles, sort="checked", descending=True, limit=1
        )
        for kind in ([which.kind] if which.kind else KINDS)
    ]
    times = [row.checked_at for page in newest for row in page.rows if row.checked_at]
    return max(times, default=None)


def monitor_status(connection: Connection, now: datetime) -> MonitorStatus:
    """Return whether a monitor is at work, by the heartbeats in the database."""
    rows = HealthDriver(connection).monitors(now - MONITORS_SINCE)
    alive = [row for row in rows if _alive(row, now)]
    if not alive:
        last = max(rows, key=lambda row: row.beat_at, default=None)
        return MonitorStatus(alive=False, beat_age_s=age_s(last.beat_at, now) if last else None)
    newest = max(alive, key=lambda row: row.beat_at)
    return MonitorStatus(
        alive=True,
        checks_per_minute=sum(row.checks_per_minute for row in alive),
        in_flight=sum(row.in_flight for row in alive),
        offline=all(row.offline for row in alive),
        beat_age_s=age_s(newest.beat_at, now),
        checks_total=sum(row.checks_total for row in alive),
        host=newest.host,
        pid=newest.pid,
        version=newest.version or None,
        count=len(alive),
    )


def lamp(row: TargetRow, now: datetime) -> Lamp:
    """Return the lamp of a target."""
    return lamp_at(
        row,
        now,
        active=row.active,
        remedy=row.remedy,
        due_at=row.due_at,
        failures_in_row=row.failures_in_row,
    )


def lamp_at(row: TargetRow | PastRow, at: datetime, *, active: bool, **more: Any) -> Lamp:
    """Return a lamp of what is known of a target at every time, and what more is known of it."""
    return Lamp(
        number=row.number,
        kind=row.kind,
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        technology=row.technology,
        active=active,
        interval_s=row.interval_s,
        state=row.state,
        error=row.error,
        message=row.message,
        stage=row.stage,
        latency_ms=whole_ms(row.latency_ms),
        status_code=row.status_code,
        checked_at=row.checked_at,
        since=row.since,
        stale=is_stale(row.checked_at, at),
        **more,
    )


def _alive(row: MonitorRow, now: datetime) -> bool:
    return row.stopped_at is None and now - row.beat_at <= BEAT_TIMEOUT


def _checked_at(row: CheckRow) -> datetime:
    return row.checked_at


def _check(row: CheckRow) -> Check:
    return Check(
        checked_at=row.checked_at,
        state=row.state,
        error=row.error,
        message=row.message,
        stage=row.stage,
        latency_ms=whole_ms(row.latency_ms),
        status_code=row.status_code,
        loop_lag_ms=whole_ms(row.loop_lag_ms),
        stages=stages_in(row.stages),
    )


def _hour(row: HourRow) -> Hour:
    return Hour(
        hour=row.hour,
        count=row.count,
        failures=row.failures,
        degraded=row.degraded,
        p50_ms=whole_ms(row.p50_ms),
        p95_ms=whole_ms(row.p95_ms),
        max_ms=whole_ms(row.max_ms),
    )


def transition(row: TransitionRow) -> Transition:
    """Return a change of state."""
    return Transition(
        id=row.id,
        tenant_id=row.tenant_id,
        kind=row.kind,
        target_id=row.target_id,
        name=row.name,
        at=row.at,
        from_state=row.from_state,
        to_state=row.to_state,
        error=row.error,
        message=row.message,
    )
