"""Running the monitor over an opened workspace, from any event loop."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import InvalidInput, MasterKeyRefused
from engine.monitor.limits import MonitorLimits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from engine.monitor.counts import MonitorCounts
    from engine.monitor.meters import Meters
    from engine.workspace import Workspace
    from storage.health import CheckRow

logger = logging.getLogger(__name__)


async def run_monitor(  # noqa: PLR0913 - the caps, all by name
    workspace: Workspace,
    *,
    once: bool = False,
    stop: asyncio.Event | None = None,
    per_minute: float | None = None,
    in_flight: int | None = None,
    per_technology: int | None = None,
    limits: MonitorLimits | None = None,
    metrics: str | None = None,
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
        metrics: HOST:PORT at which to serve metrics meanwhile; None for nowhere.
        recorded: Is told of every batch of results once it is committed.

    Raises:
        InvalidInput: Metrics cannot be served there.
        ReadOnlyRefused: The run is read-only, so no result could be recorded.
        WorkspaceError: The database cannot be used, and that will not pass.
    """
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
    stop = stop or asyncio.Event()
    async with _served(workspace, metrics) as served:
        return await _live(workspace, caps, served, stop=stop, once=once, recorded=recorded)


async def _live(  # noqa: PLR0913 - what a monitor works with, all by name
    workspace: Workspace,
    caps: MonitorLimits,
    served: Meters | None,
    *,
    stop: asyncio.Event,
    once: bool,
    recorded: Callable[[Sequence[CheckRow]], None] | None,
) -> MonitorCounts:
    """Run a monitor to its end, and tell the log of it."""
    # Imported here: the supervisor's side of this package must not bring the drivers.
    from engine.monitor.collector import calm
    from engine.monitor.diary import Diary
    from engine.monitor.loop import Monitor
    from engine.monitor.meters import Meters
    from engine.monitor.pulse import version

    diary = Diary(served or Meters())
    monitor = Monitor(workspace, caps, stop=stop, once=once, recorded=recorded, meters=diary)
    logger.info("The monitor begins.", extra={"version": version(), "once": once})
    with calm():
        counts = await monitor.run()
    diary.tell()
    logger.info("The monitor ended.", extra=counts.to_dict())
    return counts


@asynccontextmanager
async def _served(workspace: Workspace, metrics: str | None) -> AsyncIterator[Meters | None]:
    """Give what keeps metrics while they are served; None where nobody asked for them."""
    if metrics is None:
        yield None
        return
    try:
        from engine.monitor.metrics import Metrics

        meters = Metrics()
    except ModuleNotFoundError as error:
        if error.name != "prometheus_client":
            raise
        raise InvalidInput(
            "Metrics need the package prometheus-client, which is not installed.",
            hint='Install it with: pip install "lampboard[metrics]"',
            field="metrics",
        ) from None
    from engine.monitor.metrics_server import MetricsServer

    async with MetricsServer(workspace, meters, metrics):
        yield meters
