"""The board's pulse: watches the revisions, tells what changed, keeps the header's counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui.governed import Governed
from tui.status import BoardStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.health.model import MonitorStatus
    from engine.incidents.model import IncidentHeadline
    from engine.workspace import Workspace
    from tui.desk import Desk

COUNTED: Final = frozenset(
    {
        *("health", "sources", "connectors", "integrations", "limits", "tenants"),
        *("incidents", "silences"),
    }
)
COUNT_EVERY_S: Final = 2.0
"""Seconds between two counts while something changes: at 1,000 lamps something always does."""

COUNT_ANYWAY_S: Final = 60.0
"""Seconds after which is counted without a change: nobody need be sure that all was told."""

TIME_ALONE_S: Final = 5.0
"""Seconds between two looks at what changes by itself: a monitor that died, a silence's end."""

GOVERNED: Final = frozenset(
    {"credentials", "prevention", "sources", "connectors", "integrations", "gateway"}
)
GOVERN_ANYWAY_S: Final = 60.0
"""Seconds after which secrets and ledger are looked at without a change: time alone expires."""

RETRY_S: Final = 2.0


class Pulse:
    """One for each dashboard; runs as a worker of the app until it is cancelled."""

    def __init__(
        self,
        desk: Desk,
        *,
        changed: Callable[[frozenset[str]], None],
        status: Callable[[BoardStatus], None],
    ) -> None:
        self._desk = desk
        self._changed = changed
        self._tell = status
        self._known: Mapping[str, int] | None = None
        self._uncounted = True
        self._counted_at = 0.0
        self._beaten = False
        self._asked_at = self._timed_at = 0.0
        self._ungoverned = True
        self._governed_at = 0.0
        self.status = BoardStatus(tenant=desk.tenant_id, read_only=desk.read_only)

    async def run(self) -> None:
        """Look every `refresh_s` seconds, and when a server tells of a change.

        A database that is away for a while is asked again.

        Its errors are told where they matter: each screen's own load meets the same one and
        shows it, and the header's `confirmed_at` that stands still makes the screens stale.
        """
        from engine.errors import LampboardError

        while True:
            pause = self._desk.settings.refresh_s
            try:
                await self.look()
            except LampboardError:
                await asyncio.sleep(max(RETRY_S, pause))
                continue
            if self._uncounted or self._beaten:
                pause = min(pause, COUNT_EVERY_S)
            workspace = await self._desk.workspace()
            await workspace.following.wait(self._known or {}, pause)

    async def look(self) -> None:
        """Ask once what changed; count and tell what follows from it."""
        workspace = await self._desk.workspace()
        seen = await workspace.following.look()
        before, self._known = self._known, seen.revisions
        known = before or {}
        concepts = frozenset(n for n, rev in seen.revisions.items() if rev != known.get(n))
        self._beaten = self._beaten or "monitors" in concepts
        self._uncounted = self._uncounted or bool(concepts & (COUNTED | GOVERNED))
        self._ungoverned = self._ungoverned or bool(concepts & GOVERNED)
        if self._count_is_due():
            # What the header counts comes after the first page, which is what people wait for.
            await self._desk.shown.wait()
            await self.count()
        elif self._time_is_due():
            await self._look_at_time(workspace)
        confirmed = self._desk.now() - timedelta(seconds=seen.age_s)
        self.status = replace(self.status, confirmed_at=confirmed)
        if concepts and before is not None:
            self._changed(concepts)

    def _count_is_due(self) -> bool:
        if self._desk.paused:
            return False
        pause = self._pause() if self._uncounted else COUNT_ANYWAY_S
        return monotonic() - self._counted_at >= pause

    def _pause(self) -> float:
        return min(COUNT_EVERY_S, 2 * self._desk.settings.refresh_s)

    def _time_is_due(self) -> bool:
        if self._desk.paused:
            return False
        pause = self._pause() if self._beaten else TIME_ALONE_S
        return monotonic() - self._timed_at >= pause

    async def _look_at_time(self, workspace: Workspace) -> None:
        """Look at what changes without anybody's word, and only where it may have.

        A monitor is asked for when one beat, or when its last beat is so old that it has died;
        silences begin and end, which matters while incidents are open.
        """
        self._timed_at = monotonic()
        if self._beaten or self._is_silent():
            self._set(monitor=await self._ask_monitor(workspace))
        if any_open(self.status.incidents):
            self._set(incidents=await workspace.incidents.headline(self.status.tenant))
        await self._govern(workspace, self.status.tenant)

    async def _ask_monitor(self, workspace: Workspace) -> MonitorStatus:
        self._beaten, self._asked_at = False, monotonic()
        return await workspace.health.monitor_status()

    def _is_silent(self) -> bool:
        from engine.health.rules import BEAT_TIMEOUT

        known = self.status.monitor
        if known is None or not known.alive:
            return False
        age = (known.beat_age_s or 0.0) + monotonic() - self._asked_at
        return age > BEAT_TIMEOUT.total_seconds()

    async def count(self) -> None:
        """Count the lamps and gauges of the tenant, look for the monitor; tell the header."""
        self._uncounted, self._counted_at = False, monotonic()
        workspace = await self._desk.workspace()
        tenant = await self._desk.choose_tenant()
        counts = await workspace.health.counts(tenant)
        gauges = (await workspace.limits.headline(tenant)).states
        incidents = await workspace.incidents.headline(tenant)
        monitor = await self._ask_monitor(workspace)
        same = tenant == self.status.tenant
        self._ungoverned = self._ungoverned or not same
        self._set(
            tenant=tenant,
            counts=counts,
            gauges=gauges,
            incidents=incidents,
            monitor=monitor,
            governed=self.status.governed if same else Governed(),
            confirmed_at=self._desk.now(),
        )
        await self._govern(workspace, tenant)

    async def _govern(self, workspace: Workspace, tenant: str) -> None:
        """Look at secrets and ledger when they may have changed; the lamps do not wait for it."""
        recent = monotonic() - self._governed_at < GOVERN_ANYWAY_S
        if recent and not self._ungoverned:
            return
        self._ungoverned, self._governed_at = False, monotonic()
        found = Governed(
            credentials=await workspace.credentials.headline(tenant),
            ledger=await workspace.prevention.status(tenant),
            days=self._desk.settings.credential_warning_days,
        )
        self._set(governed=found)

    def note(self, keeper: str) -> None:
        """Tell what happens to the monitor's process."""
        self._set(keeper=keeper)

    def repeat(self) -> None:
        """Tell the status again: a second passed, or another screen came into sight."""
        self._set(paused=self._desk.paused)

    def _set(self, **fields: object) -> None:
        self.status = replace(self.status, **fields)  # type: ignore[arg-type]
        self._tell(self.status)


def any_open(incidents: IncidentHeadline | None) -> bool:
    """Whether there is an incident that a silence may begin or end to cover."""
    return incidents is not None and bool(
        incidents.open or incidents.acknowledged or incidents.silenced
    )
