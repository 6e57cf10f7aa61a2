"""What the agents' calls used and what was prevented, written down once a second at most."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

from engine.errors import LampboardError, WorkspaceError

if TYPE_CHECKING:
    from typing import NoReturn

    from engine.prevention.contract import PreventionCandidate
    from engine.usage.records import UsageRecord
    from engine.workspace import Workspace

ORIGIN = "demo"
_EVERY_S = 1.0


class Ledger:
    """Keeps records until they are in the database."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: dict[str, list[UsageRecord]] = defaultdict(list)
        self._prevented: dict[str, list[PreventionCandidate]] = defaultdict(list)

    def note(self, tenant_id: str, record: UsageRecord) -> None:
        """Keep a record of a tenant's."""
        self._kept[tenant_id].append(record)

    def prevented(self, candidate: PreventionCandidate) -> None:
        """Keep what becomes a record of prevention."""
        self._prevented[candidate.tenant_id].append(candidate)

    async def write(self) -> None:
        """Write down what is kept; what cannot be written now is kept until the next time."""
        await self._write_used()
        await self._write_prevented()

    async def _write_used(self) -> None:
        kept, self._kept = self._kept, defaultdict(list)
        for tenant_id, records in kept.items():
            try:
                await self._workspace.usage.record(tenant_id, records, origin=ORIGIN)
            except WorkspaceError as error:
                if not error.temporary:
                    raise
                # Those that came meanwhile are later than these.
                self._kept[tenant_id][:0] = records

    async def _write_prevented(self) -> None:
        kept, self._prevented = self._prevented, defaultdict(list)
        for tenant_id, candidates in kept.items():
            try:
                await self._workspace.prevention.record_many(tenant_id, candidates)
            except LampboardError as error:
                # A ledger that a visitor broke takes no more records; applications go on.
                if isinstance(error, WorkspaceError) and error.temporary:
                    self._prevented[tenant_id][:0] = candidates

    async def keep_writing(self) -> NoReturn:
        """Write down what is kept every second, for ever."""
        while True:
            await asyncio.sleep(_EVERY_S)
            await self.write()
