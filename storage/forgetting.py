"""Forgetting what went wrong long ago: incidents with all that was noted and told of them.

An alert goes with its incident and never before: as long as one may still be told of, what was
told is there to keep it from being told again. What is open is kept, however old it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, select

from storage import revisions
from storage.health.housekeeping import KEEP_HOURS
from storage.tables import (
    alert_channels,
    alerts,
    incident_events,
    incident_members,
    incidents,
    silences,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Table

KEEP_INCIDENTS = KEEP_HOURS
"""As long as the history that an incident's story is made of."""
BATCH = 500
"""Rows of one kind that go in one transaction, with what hangs on them: nobody waits for long."""
_OF_INCIDENT = (alerts, incident_events, incident_members)


def forget(connection: Connection, now: datetime, *, most: int = BATCH) -> bool:
    """Forgets a batch of what was over long ago; tells whether there may be more of it."""
    before = now - KEEP_INCIDENTS
    tests = alerts.c.incident_number.is_(None)
    told = exists().where(alerts.c.channel_id == alert_channels.c.id)
    gone = (
        _forget_incidents(connection, before, most),
        _forget_some(connection, alerts, tests & (alerts.c.created_at < before), most),
        # `ended_at` is by hand, `ends_at` by itself: it is over with the first of them.
        _forget_some(connection, silences, _over(silences, before), most),
        _forget_some(
            connection, alert_channels, (alert_channels.c.deleted_at < before) & ~told, most
        ),
    )
    for concept, count in zip(("incidents", "alerts", "silences"), gone, strict=False):
        if count:
            revisions.bump(connection, concept)
    return max(gone) >= most


def _forget_incidents(connection: Connection, before: datetime, most: int) -> int:
    old = (
        select(incidents.c.number)
        .where(incidents.c.closed_at < before)
        .order_by(incidents.c.closed_at)
        .limit(most)
        # Two monitors forget different ones.
        .with_for_update(skip_locked=True)
    )
    numbers = list(connection.execute(old).scalars())
    if numbers:
        for table in _OF_INCIDENT:
            connection.execute(delete(table).where(table.c.incident_number.in_(numbers)))
        connection.execute(delete(incidents).where(incidents.c.number.in_(numbers)))
    return len(numbers)


def _forget_some(
    connection: Connection, table: Table, which: ColumnElement[bool], most: int
) -> int:
    some = select(table.c.id).where(which).limit(most)
    return connection.execute(delete(table).where(table.c.id.in_(some))).rowcount


def _over(table: Table, before: datetime) -> ColumnElement[bool]:
    return func.coalesce(table.c.ended_at, table.c.ends_at) < before
