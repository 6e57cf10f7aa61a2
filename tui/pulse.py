"""The board's pulse: watches the revisions, tells what changed, keeps the header's counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tui.status import BoardStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.workspace import Workspace
    from tui.desk import Desk

COUNTED: Final = frozenset({"health", "integrations", "tenants", "monitors"})
RETRY_S = 2.0


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
        self.status = BoardStatus(tenant=desk.tenant_id, read_only=desk.read_only)

    async def run(self) -> None:
        """Watch until cancelled; a database that is away for a while is asked again.

        Its errors are told where they matter: each screen's own load meets the same one and
        shows it; the header's `confirmed_at` standing still makes the screens stale.
        """
        from engine.errors import LampboardError

        while True:
            try:
                await self._watch(await self._desk.workspace())
            except LampboardError:
                await asyncio.sleep(RETRY_S)

    async def _watch(self, workspace: Workspace) -> None:
        await self.count()
        async for concepts in workspace.changes():
            if concepts & COUNTED and not self._desk.paused:
                await self.count()
            else:
                self._set(confirmed_at=self._desk.now())
            if concepts:
                self._changed(concepts)

    async def count(self) -> None:
        """Count the lamps of the tenant and look for the monitor; tell the header."""
        workspace = await self._desk.workspace()
        tenant = await self._desk.choose_tenant()
        counts = await workspace.health.counts(tenant)
        monitor = await workspace.health.monitor_status()
        self._set(tenant=tenant, counts=counts, monitor=monitor, confirmed_at=self._desk.now())

    def repeat(self) -> None:
        """Tell the status again: a second passed, or another screen came into sight."""
        self._set(paused=self._desk.paused)

    def note(self, keeper: str) -> None:
        """Tell what happens to the monitor's process."""
        self._set(keeper=keeper)

    def _set(self, **fields: object) -> None:
        self.status = replace(self.status, **fields)  # type: ignore[arg-type]
        self._tell(self.status)
