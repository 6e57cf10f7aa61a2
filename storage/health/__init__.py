"""Health in the database: lamps, the queue of checks, their results and the monitors.

`HealthDriver` is the way in; the rows are what it takes and gives.
"""

from __future__ import annotations

from storage.health.driver import HealthDriver
from storage.health.mending import mend_clock
from storage.health.past import PastScope
from storage.health.rows import (
    STATE_RANKS,
    ChangedRow,
    CheckRow,
    HourRow,
    LampRow,
    MonitorRow,
    PastBoardRow,
    PastRow,
    RecordedRow,
    StoodRow,
    TargetRow,
    TransitionRow,
    TurnRow,
    UptimeRow,
)

__all__ = [
    "STATE_RANKS",
    "ChangedRow",
    "CheckRow",
    "HealthDriver",
    "HourRow",
    "LampRow",
    "MonitorRow",
    "PastBoardRow",
    "PastRow",
    "PastScope",
    "RecordedRow",
    "StoodRow",
    "TargetRow",
    "TransitionRow",
    "TurnRow",
    "UptimeRow",
    "mend_clock",
]
