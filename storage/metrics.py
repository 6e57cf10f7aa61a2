"""What metrics tell of a whole board, in a handful of narrow counts: each walks one index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, select

from storage.health import HealthDriver
from storage.health.rows import STATE_RANKS
from storage.tables import alerts, gauges, incidents, targets

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

MOST_SHARES = 100
"""How many gauges are told one by one: those that run out first."""

_STATES = {rank: state for state, rank in STATE_RANKS.items()}
_BY_STATE = (targets.c.tenant_id, targets.c.kind, targets.c.state_rank)
_LAMPS = select(*_BY_STATE, func.count()).where(targets.c.retired_at.is_(None)).group_by(*_BY_STATE)
_OF_GAUGE = (gauges.c.tenant_id, gauges.c.state)
_GAUGES = select(*_OF_GAUGE, func.count()).where(gauges.c.retired_at.is_(None)).group_by(*_OF_GAUGE)
_SHARES = (
    select(*(gauges.c.tenant_id, gauges.c.scope, gauges.c.name, gauges.c.measure, gauges.c.percent))
    .where(gauges.c.retired_at.is_(None), gauges.c.percent >= 0, gauges.c.limit_value > 0)
    .order_by(gauges.c.urgency, gauges.c.sort_name, gauges.c.number)
    .limit(bindparam("limit", MOST_SHARES))
)
_OF_INCIDENT = (
    *(incidents.c.tenant_id, incidents.c.severity, incidents.c.cause),
    incidents.c.acknowledged_at.is_not(None),
)
_INCIDENTS = (
    select(*_OF_INCIDENT, func.count())
    .where(incidents.c.closed_at.is_(None))
    .group_by(*_OF_INCIDENT)
)
_ALERTS = select(alerts.c.state, func.count()).group_by(alerts.c.state)


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardRow:
    """A board at a moment; each tuple ends with how many, a share with its percent.

    `lamps` are by tenant, kind and state; `gauges` by tenant and state; `shares` by tenant, scope,
    name and measure; open `incidents` by tenant (None is nobody's own), severity, cause, and
    whether somebody acknowledged them; `alerts` by state. `due` counts targets that are due,
    `next_due` is since when the longest due of those that nobody holds is.
    """

    lamps: tuple[tuple[str, str, str, int], ...]
    gauges: tuple[tuple[str, str, int], ...]
    shares: tuple[tuple[str, str, str, str, float], ...]
    incidents: tuple[tuple[str | None, str, str, bool, int], ...]
    alerts: tuple[tuple[str, int], ...]
    monitors: int
    due: int
    next_due: datetime | None


def board(connection: Connection, now: datetime, alive_since: datetime) -> BoardRow:
    """Counts a board; monitors that have beaten since are alive."""
    health = HealthDriver(connection)
    lamps = connection.execute(_LAMPS)
    return BoardRow(
        lamps=tuple((tenant, kind, _STATES[rank], count) for tenant, kind, rank, count in lamps),
        gauges=_rows(connection, _GAUGES),
        shares=_rows(connection, _SHARES),
        incidents=_rows(connection, _INCIDENTS),
        alerts=_rows(connection, _ALERTS),
        monitors=len(health.monitors(alive_since)),
        due=health.due_count(now),
        next_due=health.next_due(),
    )


def _rows(connection: Connection, statement: Select[Any]) -> tuple[Any, ...]:
    return tuple(tuple(row) for row in connection.execute(statement))
