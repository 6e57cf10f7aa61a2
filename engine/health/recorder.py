"""Writing results down as they come, together where many come at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.health.rules import STATUS_CHANGES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.credentials.accesses import Accesses
    from engine.hop import Hop
    from storage.health import CheckRow

# Longer transactions would hold up other writers for too long.
MAX_ROWS = 500
# Where results come thick, the next transaction waits for more of them: 480 tests wrote 30 times
# and not 150 times, which was a third of their CPU. One result never waits.
GATHER_S = 0.02


class Recorder:
    """Records results in batches.

    The first result is written at once; those that come while that transaction runs wait, and go
    a moment later together into the next. So one check costs no delay, and a sweep costs few
    transactions.

    Args:
        hop: The way to the database.
        accesses: Who asked for which secret, which is written with the results.
    """

    def __init__(self, hop: Hop, accesses: Accesses) -> None:
        self._hop = hop
        self._accesses = accesses
        self._waiting: list[tuple[CheckRow, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def record(self, row: CheckRow) -> None:
        """Write one result; return when it is committed.

        Raises:
            WorkspaceError: The database cannot be used; nothing of this batch was written.
        """
        committed = asyncio.get_running_loop().create_future()
        self._waiting.append((row, committed))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._drain())
        await committed

    async def end(self) -> None:
        """Return when everything that was given is written, or cannot be."""
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_ROWS], self._waiting[MAX_ROWS:]
            try:
                await self._write([row for row, _ in batch])
            except BaseException as error:
                for _, committed in batch:
                    if not committed.done():
                        committed.set_exception(error)
                if not isinstance(error, Exception):
                    raise  # the loop is being stopped
            else:
                for _, committed in batch:
                    if not committed.done():
                        committed.set_result(None)
            if self._waiting:
                await asyncio.sleep(GATHER_S)

    async def _write(self, rows: list[CheckRow]) -> None:
        asked = self._accesses.take()

        def work(connection: Connection) -> None:
            from engine.credentials.accesses import write
            from engine.incidents.turning import thresholds, turn
            from storage.health import HealthDriver

            recorded = HealthDriver(connection).record(
                rows, statuses=STATUS_CHANGES, thresholds=thresholds(self._hop.settings)
            )
            write(connection, asked, self._hop.origin)
            # Last of all, for it may wait for others who do so.
            turn(connection, recorded.turned)

        try:
            await self._hop.write(work)
        except BaseException:
            self._accesses.give_back(asked)
            raise
