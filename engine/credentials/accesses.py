"""Who asked for which secret, and how that went: counted here, written down now and then.

A use of a secret never waits for its being counted, and never fails because of it.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import LampboardError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.clock import Clock
    from engine.hop import Hop
    from storage.references import AskedRow

_LONGEST = 300


@dataclass(slots=True)
class _Count:
    """What is not written down yet of one reference on one day."""

    count: int
    last_at: datetime
    problem: str | None
    expires_at: datetime | None


class Accesses:
    """Counts accesses until they are written; to be used by any thread.

    Args:
        clock: Where time comes from.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str, int], _Count] = {}
        self._writer: asyncio.Task[None] | None = None

    def __bool__(self) -> bool:
        return bool(self._counts)

    def note(
        self,
        tenant_id: str,
        reference: str,
        *,
        problem: str | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """Count one access.

        Args:
            tenant_id: Whose secret it is.
            reference: Where it is.
            problem: Why it could not be had, in one sentence; None when it could.
            expires_at: When it is worthless, where who keeps it told.
        """
        from storage.references import day_of

        now = self._clock.now()
        told = None if problem is None else problem[:_LONGEST]
        with self._lock:
            count = self._counts.get((tenant_id, reference, day_of(now)))
            if count is None:
                count = self._counts[tenant_id, reference, day_of(now)] = _Count(0, now, None, None)
            count.count += 1
            count.last_at, count.problem = now, told
            count.expires_at = expires_at or count.expires_at

    def take(self) -> tuple[AskedRow, ...]:
        """Return what is to be written; what is not has to be given back."""
        from storage.references import AskedRow

        with self._lock:
            counts, self._counts = self._counts, {}
        return tuple(
            AskedRow(
                tenant_id=tenant_id,
                reference=reference,
                day=day,
                count=count.count,
                last_at=count.last_at,
                problem=count.problem,
                expires_at=count.expires_at,
            )
            for (tenant_id, reference, day), count in counts.items()
        )

    def give_back(self, rows: Iterable[AskedRow]) -> None:
        """Count again what could not be written; later accesses tell how it went."""
        with self._lock:
            for row in rows:
                key = (row.tenant_id, row.reference, row.day)
                later = self._counts.get(key)
                if later is None:
                    self._counts[key] = _Count(row.count, row.last_at, row.problem, row.expires_at)
                else:
                    later.count += row.count
                    later.expires_at = later.expires_at or row.expires_at

    def write_soon(self, hop: Hop) -> None:
        """Write everything down beside what goes on; a run that may not write forgets it."""
        if hop.settings.read_only:
            self.take()
        elif self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(hop))

    async def end(self, hop: Hop) -> None:
        """Write down what is left, where that can be done."""
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)
        if self and not hop.settings.read_only:
            await self._write(hop)

    async def _write(self, hop: Hop) -> None:
        rows = self.take()
        try:
            await hop.write(lambda connection: write(connection, rows, hop.origin))
        except LampboardError:
            self.give_back(rows)  # the use went well, and that is what counts
        except BaseException:
            self.give_back(rows)
            raise


def write(connection: Connection, rows: Iterable[AskedRow], origin: str) -> None:
    """Write down what was asked for, by whom, inside the caller's transaction."""
    from storage.references import ReferencesDriver

    ReferencesDriver(connection).asked(rows, origin)
