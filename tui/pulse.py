"""The board's pulse: watches the revisions, tells what changed, keeps the header's counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Final

from tui.governed import Governed
from tui.status import BoardStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.workspace import Workspace
    from tui.desk import Desk

COUNTED: Final = frozenset(
    {"health", "sources", "connectors", "integrations", "limits", "tenants", "monitors"}
)
COUNT_EVERY_S: Final = 2.0
"""Seconds between two counts while something changes: at 1,000 lamps something always does."""

COUNT_ANYWAY_S: Final = 5.0
"""Seconds after which is counted without a change: a monitor that died changes nothing."""

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
        self._ungoverned = True
        self._governed_at = 0.0
        self.status = BoardStatus(tenant=desk.tenant_id, read_only=desk.read_only)

    async def run(self) -> None:
        """Look every `refresh_s` seconds; a database that is away for a while is asked again.

        Its errors are told where they matter: each screen's own load meets the same one and
        shows it, and the header's `confirmed_at` that stands still makes the screens stale.
        """
        from engine.errors import LampboardError

        while True:
            pause = self._desk.settings.refresh_s
            try:
                await self.look()
            except LampboardError:
                pause = max(RETRY_S, pause)
            await asyncio.sleep(pause)

    async def look(self) -> None:
        """Ask once what changed; count and tell what follows from it."""
        workspace = await self._desk.workspace()
        revisions = await workspace.revisions()
        before, self._known = self._known, revisions
        known = before or {}
        concepts = frozenset(name for name, rev in revisions.items() if rev != known.get(name))
        self._uncounted = self._uncounted or bool(concepts & (COUNTED | GOVERNED))
        self._ungoverned = self._ungoverned or bool(concepts & GOVERNED)
        if self._count_is_due():
            # What the header counts comes after the first page, which is what people wait for.
            await self._desk.shown.wait()
            await self.count()
        self.status = replace(self.status, confirmed_at=self._desk.now())
        if concepts and before is not None:
            self._changed(concepts)

    def _count_is_due(self) -> bool:
        if self._desk.paused:
            return False
        pause = min(COUNT_EVERY_S, 2 * self._desk.settings.refresh_s)
        return monotonic() - self._counted_at >= (pause if self._uncounted else COUNT_ANYWAY_S)

    async def count(self) -> None:
        """Count the lamps and gauges of the tenant, look for the monitor; tell the header."""
        self._uncounted, self._counted_at = False, monotonic()
        workspace = await self._desk.workspace()
        tenant = await self._desk.choose_tenant()
        counts = await workspace.health.counts(tenant)
        gauges = (await workspace.limits.headline(tenant)).states
        monitor = await workspace.health.monitor_status()
        same = tenant == self.status.tenant
        self._ungoverned = self._ungoverned or not same
        self._set(
            tenant=tenant,
            counts=counts,
            gauges=gauges,
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
