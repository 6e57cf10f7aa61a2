"""The monitor: the background process that checks what is due and records it.

`run_monitor` is the loop over an opened workspace, `MonitorSupervisor` keeps one running beside
a dashboard. The pure parts are `schedule`, `pacing`, `batching`, `lanes` and `times`; `errands`
is all that it does with the database; `loop` puts them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.lazily import at_first_use

if TYPE_CHECKING:
    from engine.monitor.counts import MonitorCounts
    from engine.monitor.limits import MonitorLimits
    from engine.monitor.run import run_monitor
    from engine.monitor.supervisor import MonitorSupervisor, SupervisorStatus

__all__ = [
    "MonitorCounts",
    "MonitorLimits",
    "MonitorSupervisor",
    "SupervisorStatus",
    "run_monitor",
]

# The dashboard needs the supervisor, never the loop.
__getattr__ = at_first_use(
    __name__,
    {
        "MonitorCounts": "counts",
        "MonitorLimits": "limits",
        "MonitorSupervisor": "supervisor",
        "SupervisorStatus": "supervisor",
        "run_monitor": "run",
    },
)
