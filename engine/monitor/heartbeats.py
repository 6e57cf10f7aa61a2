"""Whether anybody watches a database: heartbeats, and for this machine the processes themselves."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.health.rules import BEAT_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.hop import Hop
    from storage.health import HealthDriver, MonitorRow

_REMEMBERED = timedelta(minutes=15)
_MISSED = timedelta(seconds=5)


async def is_watched(hop: Hop) -> bool:
    """Tell whether a monitor is alive on this database.

    A monitor of this machine that was killed has no process, whatever its last heartbeat says; so
    its successor need not wait for the heartbeat to grow old.

    Raises:
        WorkspaceError: The database cannot be read.
    """
    since = hop.clock.now() - BEAT_TIMEOUT

    def work(connection: Connection) -> list[tuple[str, int]]:
        from storage.health import HealthDriver

        rows = HealthDriver(connection).monitors(since)
        return [(row.host, row.pid) for row in rows]

    here = socket.gethostname()
    return any(host != here or process_exists(pid) for host, pid in await hop.read(work))


def bury(driver: HealthDriver, mine: MonitorRow, now: datetime) -> int:
    """Take from dead monitors of this machine what they still hold; return how many were dead.

    Others are left to their leases, or to `bury_absent`. A heartbeat has to be missed as well:
    monitors in containers can share a machine's name without seeing each other's processes.
    """
    dead = [
        row
        for row in driver.monitors(now - _REMEMBERED)
        if row.id != mine.id
        and row.host == mine.host
        and now - row.beat_at > _MISSED
        and not process_exists(row.pid)
    ]
    return _bury(driver, dead, now)


def look_for_absent(driver: HealthDriver, me: str, now: datetime) -> tuple[str, ...]:
    """Return the monitors, on whatever machine, that a shared server knows to be gone just now."""
    from storage.presence import absent

    return tuple(absent(driver.connection, me, now - _REMEMBERED))


def bury_absent(driver: HealthDriver, me: str, gone: Collection[str], now: datetime) -> int:
    """Take from monitors what they hold, if they are still gone; return how many were."""
    still = set(gone).intersection(look_for_absent(driver, me, now))
    return _bury(
        driver, [row for row in driver.monitors(now - _REMEMBERED) if row.id in still], now
    )


def _bury(driver: HealthDriver, dead: Sequence[MonitorRow], now: datetime) -> int:
    for row in dead:
        driver.release(row.id)
        driver.beat(replace(row, stopped_at=now))
    return len(dead)


def process_exists(pid: int) -> bool:
    """Tell whether this machine has a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's, but there
    return True
