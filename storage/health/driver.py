"""The driver of health: everything about lamps, checks and monitors on one connection.

It is built up in layers that each have a file: reading lamps, the queue, recording, history,
housekeeping, and here the monitors' heartbeats.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from storage import revisions
from storage.health.housekeeping import Housekeeping
from storage.health.rows import MonitorRow
from storage.rows import build_all, inserting, names_of
from storage.tables import monitors
from storage.types import UtcMillis

if TYPE_CHECKING:
    from datetime import datetime

_ALIVE = (
    select(*(monitors.c[name] for name in names_of(MonitorRow)))
    .where(monitors.c.beat_at >= bindparam("since", type_=UtcMillis, required=True))
    .where(monitors.c.stopped_at.is_(None))
    .order_by(monitors.c.started_at, monitors.c.id)
)


class HealthDriver(Housekeeping):
    """Reads and writes health on one connection; the caller commits."""

    def beat(self, row: MonitorRow) -> None:
        """Writes a monitor's heartbeat, its first, next or last one."""
        values = asdict(row)
        put = inserting(self.connection.dialect.name, monitors).values(values)
        self.connection.execute(put.on_conflict_do_update(index_elements=["id"], set_=values))
        revisions.bump(self.connection, "monitors")

    def monitors(self, alive_since: datetime) -> list[MonitorRow]:
        """Gives the monitors that have beaten since and did not stop, oldest first."""
        return build_all(MonitorRow, self.connection.execute(_ALIVE, {"since": alive_since}))
