"""What goes wrong beside lamps, as incidents that are to be open while it holds.

Each function looks at the database as it is and gives everything of its cause; whether that is
new is decided by `engine.incidents.conditions`. Loaded in the worker thread only.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from engine.health.rules import SILENCE
from engine.incidents.model import CREDENTIAL, CRITICAL, LEDGER, LIMIT, MONITOR, WARNING
from engine.limits.measuring import levels_of
from storage.incidents import IncidentDraft, gravity_of
from storage.incidents.watching import (
    broken_ledgers,
    expiring,
    known_monitors,
    last_reached,
    urgent_gauges,
)
from storage.reference_lists import Moment
from storage.types import to_millis

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.incidents import IncidentRow
    from storage.incidents.watching import EndedMonitorRow, UrgentGaugeRow
    from storage.reference_lists import ReferenceRow

RATE_CALM = timedelta(minutes=10)
"""A rate begins anew every minute: its incident stays until it was calm for so long."""
DEAD_FOR = timedelta(minutes=10)
"""How long a dead monitor stays told when others do its work and none comes in its place."""
EARLIEST = timedelta(days=365)
"""No monitor warns of a credential earlier than this, whatever its settings."""
GAP = timedelta(minutes=2)
"""How long nothing must have been checked, for the next monitor to tell of that."""

_INTEGRATION = "integration"
_MEASURES = {"budget": "budget", "tokens": "monthly tokens", "rate": "rate limit"}


# Limits


def limits(
    connection: Connection, now: datetime, known: Sequence[IncidentRow] = (), *, least: float = 0
) -> list[IncidentDraft]:
    """Return an incident for each gauge past a warning level or over.

    A level below `least`, in per cent, opens none and makes none worse; what is open (`known`)
    holds at any level, so that monitors with other settings do not open and close it in turn.
    """
    held = {row.key for row in known}
    found = [
        draft
        for row in urgent_gauges(connection)
        if (draft := _limit(row, now, least)).severity == CRITICAL
        or draft.key in held
        or _level(row) >= least
    ]
    keys = {draft.key for draft in found}
    return [*found, *_still_rates(connection, now, [row for row in known if row.key not in keys])]


def _level(row: UrgentGaugeRow) -> float:
    """Return the highest warning level that a gauge has reached."""
    return max((one for one in levels_of(row.warning_levels) if one <= row.percent), default=0)


def _limit(row: UrgentGaugeRow, now: datetime, least: float) -> IncidentDraft:
    over, measure, level = row.state == "over", _MEASURES[row.measure], _level(row)
    title = f"{row.name} has reached {level:g} % of its {measure}"
    # There may be warning levels beyond the limit.
    if over and level <= gravity_of(CRITICAL):
        title = f"{row.name} is over its {measure}"
    own = row.scope == _INTEGRATION
    return IncidentDraft(
        tenant_id=row.tenant_id,
        cause=LIMIT,
        key=f"limit:{row.meter_number}:{row.measure}",
        title=title,
        severity=CRITICAL if over else WARNING,
        opened_at=now,
        kind=_INTEGRATION if own else None,
        thing_id=row.subject if own else None,
        thing_name=row.name,
        technology=row.provider or None,
        target_number=row.target_number,
        error=f"{row.measure}_over" if over else f"{row.measure}_warning",
        message=f"{row.percent:,.0f} % of the {measure} was used when this was seen.",
        level=level if level >= least else 0,
    )


def _still_rates(
    connection: Connection, now: datetime, rows: Sequence[IncidentRow]
) -> Iterator[IncidentDraft]:
    for row in rows:
        _, meter, measure = row.key.split(":")
        if measure != "rate":
            continue
        last = last_reached(connection, int(meter), measure)
        if last is not None and now - last < RATE_CALM:
            yield _as_it_is(row)


def _as_it_is(row: IncidentRow) -> IncidentDraft:
    return IncidentDraft(
        tenant_id=row.tenant_id,
        cause=row.cause,
        key=row.key,
        title=row.title,
        severity=row.severity,
        opened_at=row.opened_at,
        error=row.error,
        message=row.message,
        level=row.gravity,
    )


# Credentials


def credentials(
    connection: Connection, now: datetime, warning: timedelta, known: Sequence[IncidentRow] = ()
) -> list[IncidentDraft]:
    """Return an incident for each credential that has expired, or expires within `warning`.

    What is open (`known`) holds until it is dated otherwise, as other monitors may warn earlier.
    The title has the label and no more: a reference may tell where secrets are kept.
    """
    dated = {(row.key, row.title) for row in known}
    moment = Moment(now=to_millis(now), soon=to_millis(now + EARLIEST))
    drafts = [(_credential(row, now), row) for row in expiring(connection, moment)]
    return [
        draft
        for draft, row in drafts
        if _expires_at(row, now) <= now + warning or (draft.key, draft.title) in dated
    ]


def _expires_at(row: ReferenceRow, now: datetime) -> datetime:
    return row.said_expires_at or row.told_expires_at or now


def _credential(row: ReferenceRow, now: datetime) -> IncidentDraft:
    expires_at = _expires_at(row, now)
    expired = expires_at <= now
    name = f"Credential {row.label}" if row.label else f"A credential ({row.kind})"
    word = "expired" if expired else "expires"
    users = f"{row.used} thing{'s use' if row.used != 1 else ' uses'} it."
    return IncidentDraft(
        tenant_id=row.tenant_id,
        cause=CREDENTIAL,
        key=f"credential:{row.tenant_id}:{row.reference}",
        title=f"{name} {word} on {expires_at:%Y-%m-%d}",
        # What nothing uses fails nothing.
        severity=CRITICAL if expired and row.used else WARNING,
        opened_at=now,
        kind=CREDENTIAL,
        thing_id=row.reference,
        thing_name=row.label or None,
        error=word,
        message=f"{users} Rotate it, or say when it really expires.",
    )


# Ledgers


def ledgers(connection: Connection, now: datetime) -> list[IncidentDraft]:
    """Return an incident for each ledger whose last verification found a fault."""
    return [
        IncidentDraft(
            tenant_id=row.tenant_id,
            cause=LEDGER,
            key=f"ledger:{row.tenant_id}",
            title="The prevention ledger does not verify",
            severity=CRITICAL,
            opened_at=now,
            error=row.fault_kind,
            message=row.fault_message,
        )
        for row in broken_ledgers(connection)
    ]


# Monitors


def monitors(connection: Connection, now: datetime) -> list[IncidentDraft]:
    """Return an incident for each monitor that died lately and has no successor on its host."""
    rows = known_monitors(connection)
    return [
        _monitor(row)
        for row in rows
        if _died(row, now) and now - row.beat_at < DEAD_FOR and not _succeeded(row, rows, now)
    ]


def _died(row: EndedMonitorRow, now: datetime) -> bool:
    """Tell whether it ended without a word.

    One that another found dead is said to have stopped after its last heartbeat. It may only have
    lost its session, and come back, so silence decides there as well.
    """
    ended = row.stopped_at is not None and row.stopped_at <= row.beat_at
    return not ended and now - row.beat_at > SILENCE


def _alive(row: EndedMonitorRow, now: datetime) -> bool:
    return row.stopped_at is None and now - row.beat_at <= SILENCE


def _succeeded(row: EndedMonitorRow, rows: Sequence[EndedMonitorRow], now: datetime) -> bool:
    return any(
        other.host == row.host and other.started_at > row.beat_at and _alive(other, now)
        for other in rows
    )


def _monitor(row: EndedMonitorRow) -> IncidentDraft:
    return IncidentDraft(
        tenant_id=None,
        cause=MONITOR,
        key=f"monitor:{row.host}:{row.pid}",
        title=f"The monitor on {row.host} died",
        severity=WARNING,
        opened_at=row.beat_at,
        thing_name=row.host,
        error="monitor_died",
        message=f"Process {row.pid} was last heard of at {row.beat_at:%Y-%m-%d %H:%M:%S} UTC; "
        "others do its work.",
    )


def gap(connection: Connection, now: datetime) -> tuple[IncidentDraft, datetime] | None:
    """Return the incident of the time in which no monitor was alive, and when that was over.

    None where the last one was told to stop: nobody expected anything then.
    """
    rows = known_monitors(connection)
    alive = [row.started_at for row in rows if _alive(row, now)]
    ended = [row for row in rows if not _alive(row, now)]
    if not alive or not ended:
        return None
    last, begun = ended[-1], min(alive)
    if not _died(last, now) or begun - last.beat_at <= GAP:
        return None
    span = f"{last.beat_at:%Y-%m-%d %H:%M:%S} to {begun:%Y-%m-%d %H:%M:%S} UTC"
    draft = IncidentDraft(
        tenant_id=None,
        cause=MONITOR,
        key=f"gap:{to_millis(last.beat_at)}",
        title=f"Nothing was checked from {span}",
        severity=CRITICAL,
        opened_at=last.beat_at,
        thing_name=last.host,
        error="no_monitor",
        message=f"The last monitor, process {last.pid} on {last.host}, died; the next one began "
        f"at {begun:%H:%M:%S} UTC.",
    )
    return draft, begun
