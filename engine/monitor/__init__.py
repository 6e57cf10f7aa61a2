"""The monitor: the background process that checks what is due and records it.

`run_monitor` is the loop over an opened workspace, `MonitorSupervisor` keeps one running beside
a dashboard. The pure parts are `schedule`, `pacing`, `batching`, `lanes` and `times`; `errands`
is all that it does with the database; `loop` puts them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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

_HOME = {
    "MonitorCounts": "counts",
    "MonitorLimits": "limits",
    "MonitorSupervisor": "supervisor",
    "SupervisorStatus": "supervisor",
    "run_monitor": "run",
}


def __getattr__(name: str) -> object:
    # Each name's module at its first use: the dashboard needs the supervisor, never the loop.
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
