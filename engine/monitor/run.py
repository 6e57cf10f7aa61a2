"""Running the monitor over an opened workspace, from any event loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import MasterKeyRefused
from engine.monitor.limits import MonitorLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.monitor.counts import MonitorCounts
    from engine.workspace import Workspace
    from storage.health import CheckRow


async def run_monitor(  # noqa: PLR0913 - the caps, all by name
    workspace: Workspace,
    *,
    once: bool = False,
    stop: asyncio.Event | None = None,
    per_minute: float | None = None,
    in_flight: int | None = None,
    per_technology: int | None = None,
    limits: MonitorLimits | None = None,
    recorded: Callable[[Sequence[CheckRow]], None] | None = None,
) -> MonitorCounts:
    """Check what is due and record it, until `stop` is set.

    Args:
        workspace: The opened workspace; it stays open.
        once: End when nothing that was due at the start is left.
        stop: Ends the run, within a second even if checks hang.
        per_minute: Starts a minute; 0 for as fast as possible. As the settings say by default,
            like the other caps.
        in_flight: Checks at once.
        per_technology: Checks at once of one technology.
        limits: All caps and spans, instead of the settings'.
        recorded: Is told of every batch of results once it is committed.

    Raises:
        ReadOnlyRefused: The run is read-only, so no result could be recorded.
        WorkspaceError: The database cannot be used, and that will not pass.
    """
    # Imported here: the supervisor's side of this package must not bring the drivers.
    from engine.monitor.collector import calm
    from engine.monitor.loop import Monitor

    workspace.require_writable()
    caps = limits or MonitorLimits.of(workspace.settings)
    caps = replace(
        caps,
        per_minute=caps.per_minute if per_minute is None else per_minute,
        in_flight=in_flight or caps.in_flight,
        per_technology=per_technology or caps.per_technology,
    )
    # A key that cannot be used is a state of each thing that needs it, told by its check.
    with suppress(MasterKeyRefused):
        await asyncio.to_thread(workspace.credentials.core.prepare)
    monitor = Monitor(workspace, caps, stop=stop or asyncio.Event(), once=once, recorded=recorded)
    with calm():
        return await monitor.run()
