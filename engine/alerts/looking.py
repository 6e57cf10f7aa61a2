"""What was told, and what dashboards are to do. Loaded in the worker thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.activity.record import note
from engine.alerts.model import TEST, Alert, LocalAlert
from engine.errors import LifecycleRefused, NotFound
from storage.alerts import AlertLog
from storage.types import from_millis, to_millis

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.hop import Run
    from storage.alerts import ListedAlertRow

MOST_LOCAL = 20
"""What a dashboard carries out of one look; a bell that rang so often says no more by one ring."""


def resend(connection: Connection, *, run: Run, tenant_id: str, alert_id: int) -> Alert:
    """Let one be sent again; see the facade."""
    log = AlertLog(connection)
    row = log.get(tenant_id, alert_id)
    if row is None:
        raise NotFound("There is no such alert.", hint="See `lampboard alerts log`.", field="alert")
    if row.event == TEST:
        raise LifecycleRefused(
            f"Alert {alert_id} was a test of {row.channel_name}, which is not sent again.",
            hint="Test the channel once more, with `lampboard alerts channels test`.",
        )
    if not log.again(alert_id, run.clock.now()):
        raise LifecycleRefused(
            f"Alert {alert_id} is {row.state}.",
            hint="What failed, was dropped or is uncertain can be sent again.",
        )
    note(
        connection,
        run,
        tenant_id,
        action="alert.resent",
        concept="alerts",
        thing_id=row.channel_id,
        thing_name=row.channel_name,
        detail={"alert": alert_id, "was": row.state},
    )
    again = log.get(tenant_id, alert_id)
    assert again is not None  # noqa: S101 - it was just written
    return alert_of(again)


def local(connection: Connection, *, tenant_id: str, since_id: int) -> tuple[LocalAlert, ...]:
    """Return what dashboards are to do; the id of each is its moment in milliseconds."""
    rows = AlertLog(connection).local(tenant_id, from_millis(since_id), limit=MOST_LOCAL)
    return tuple(
        LocalAlert(id=to_millis(row.sent_at), type=row.type, title=row.title, body=row.body)
        for row in rows
    )


def last_id(connection: Connection, *, tenant_id: str) -> int:
    """Return the id of the last of these; 0 where there never was one."""
    at = AlertLog(connection).last_local(tenant_id)
    return 0 if at is None else to_millis(at)


def alert_of(row: ListedAlertRow) -> Alert:
    """Return a row as the facade answers with it."""
    names = (
        *("id", "tenant_id", "channel_id", "channel_name", "channel_type", "incident_number"),
        *("event", "state", "due_at", "attempts", "title", "error", "created_at", "sent_at"),
    )
    return Alert(**{name: getattr(row, name) for name in names})
