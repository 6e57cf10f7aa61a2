"""The heartbeat: what a monitor tells of itself, for the board's header and for its successor."""

from __future__ import annotations

import os
import socket
from collections import deque
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.health import MonitorRow

_WINDOW_S = 60.0


class Pulse:
    """Counts recorded checks and makes heartbeats of them.

    Args:
        owner: The monitor's id.
        started_at: Aware UTC time.
        started: The same moment in monotonic seconds.
    """

    def __init__(self, owner: str, *, started_at: datetime, started: float) -> None:
        self._owner = owner
        self._started_at = started_at
        self._started = started
        self._total = 0
        self._recent: deque[tuple[float, int]] = deque()
        self._host = socket.gethostname()
        self._version = version()

    def count(self, recorded: int, now: float) -> None:
        """Count results that are committed; `now` is monotonic seconds."""
        self._total += recorded
        self._recent.append((now, recorded))

    def per_minute(self, now: float) -> float:
        """Return the rate over the last minute, or since the start when that is less ago."""
        while self._recent and self._recent[0][0] < now - _WINDOW_S:
            self._recent.popleft()
        seen_s = max(1.0, min(_WINDOW_S, now - self._started))
        return round(60 * sum(count for _, count in self._recent) / seen_s, 1)

    def beat(
        self, at: datetime, now: float, *, in_flight: int, offline: bool, stopped: bool = False
    ) -> MonitorRow:
        """Return the heartbeat of this moment; `stopped` makes it the last one."""
        from storage.health import MonitorRow

        return MonitorRow(
            id=self._owner,
            host=self._host,
            pid=os.getpid(),
            started_at=self._started_at,
            beat_at=at,
            checks_total=self._total,
            checks_per_minute=self.per_minute(now),
            in_flight=in_flight,
            offline=offline,
            version=self._version,
            stopped_at=at if stopped else None,
        )


def version() -> str:
    """Return the release that runs; empty where it was never installed."""
    try:
        return metadata.version("lampboard")
    except metadata.PackageNotFoundError:
        return ""
