"""What else happened to the targets of an incident: changes of their lamps, checks, and alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, bindparam, func, select

from storage.health.rows import TransitionRow
from storage.rows import build_all, names_of
from storage.tables import alert_channels, alerts, checks, transitions
from storage.types import UtcMillis

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

_NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True, required=True)
_SINCE = bindparam("since", type_=UtcMillis, required=True)
_UNTIL = bindparam("until", type_=UtcMillis, required=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckSumRow:
    """How many checks found the same, of how many targets, from the first to the last of them."""

    state: str
    error: str | None
    count: int
    targets: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldAlertRow:
    """An alert of an incident and the channel it went to; `sent_at` is None until it is sent."""

    channel_name: str
    event: str
    state: str
    error: str | None
    due_at: datetime
    sent_at: datetime | None


_TURNS = (
    select(*(transitions.c[name] for name in names_of(TransitionRow)))
    .where(transitions.c.target_number.in_(_NUMBERS))
    .where(transitions.c.at >= _SINCE, transitions.c.at <= _UNTIL)
    .order_by(transitions.c.at, transitions.c.id)
    .limit(bindparam("limit", required=True))
)
_FIRST, _LAST = func.min(checks.c.checked_at), func.max(checks.c.checked_at)
_SUMS = (
    select(
        checks.c.state,
        checks.c.error,
        func.count(),
        func.count(checks.c.target_number.distinct()),
        _FIRST,
        _LAST,
    )
    .where(checks.c.target_number.in_(_NUMBERS))
    .where(checks.c.checked_at >= _SINCE, checks.c.checked_at <= _UNTIL)
    .group_by(checks.c.state, checks.c.error)
    .order_by(_FIRST, checks.c.state)
)
_ALERTS = (
    select(
        alert_channels.c.name,
        *(alerts.c[name] for name in names_of(ToldAlertRow)[1:]),
    )
    .join_from(alerts, alert_channels, alert_channels.c.id == alerts.c.channel_id)
    .where(alerts.c.incident_number == bindparam("number", required=True))
    .where(alert_channels.c.tenant_id == bindparam("tenant", required=True))
    .order_by(alerts.c.id)
)


def turns(
    connection: Connection, numbers: Sequence[int], since: datetime, until: datetime, *, limit: int
) -> list[TransitionRow]:
    """Gives changes of these targets' lamps in a span, oldest first."""
    values = {"numbers": numbers, "since": since, "until": until, "limit": limit}
    return build_all(TransitionRow, connection.execute(_TURNS, values)) if numbers else []


def check_sums(
    connection: Connection, numbers: Sequence[int], since: datetime, until: datetime
) -> list[CheckSumRow]:
    """Sums up the single checks of these targets in a span that are still kept, oldest first."""
    values = {"numbers": numbers, "since": since, "until": until}
    return build_all(CheckSumRow, connection.execute(_SUMS, values)) if numbers else []


def told_alerts(connection: Connection, tenant_id: str, number: int) -> list[ToldAlertRow]:
    """Gives what a tenant's channels told of an incident, or are to tell, oldest first."""
    values = {"tenant": tenant_id, "number": number}
    return build_all(ToldAlertRow, connection.execute(_ALERTS, values))
