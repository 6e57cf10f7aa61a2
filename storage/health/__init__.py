"""Health in the database: lamps, the queue of checks, their results and the monitors.

`HealthDriver` is the way in; the rows are what it takes and gives.
"""

from __future__ import annotations

from storage.health.driver import HealthDriver
from storage.health.mending import mend_clock
from storage.health.rows import (
    STATE_RANKS,
    CheckRow,
    HourRow,
    LampRow,
    MonitorRow,
    RecordedRow,
    TargetRow,
    TransitionRow,
    UptimeRow,
)

__all__ = [
    "STATE_RANKS",
    "CheckRow",
    "HealthDriver",
    "HourRow",
    "LampRow",
    "MonitorRow",
    "RecordedRow",
    "TargetRow",
    "TransitionRow",
    "UptimeRow",
    "mend_clock",
]
