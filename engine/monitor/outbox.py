"""What waits to be written: results, targets that were put off, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.monitor.batching import Batch
from engine.monitor.checking import Postponed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from engine.monitor.counts import MonitorCounts
    from storage.health import CheckRow


class Outbox:
    """Keeps each outcome of a check until it is committed.

    Args:
        counts: Where committed outcomes are counted.
    """

    def __init__(self, counts: MonitorCounts) -> None:
        self._counts = counts
        self._batch: Batch[CheckRow] = Batch()
        self._postponed: list[Postponed] = []

    def __bool__(self) -> bool:
        return bool(len(self._batch) or self._postponed)

    def __len__(self) -> int:
        return len(self._batch)

    def put(self, outcome: CheckRow | Postponed, now: float) -> bool:
        """Take an outcome in; tell whether that changes when to write."""
        if isinstance(outcome, Postponed):
            self._postponed.append(outcome)
            return False
        first = not len(self._batch)
        self._batch.add(outcome, now)
        return first or self._batch.ripe_in(now) == 0

    def ripe_in(self, now: float) -> float | None:
        """Return the seconds until results should be written; None without any."""
        return self._batch.ripe_in(now)

    def results(self) -> list[CheckRow]:
        """Return the results to write next; they stay until they are confirmed."""
        return self._batch.offer()

    def postponed(self) -> list[tuple[int, datetime]]:
        """Return targets with when they are due instead; they stay until they are confirmed."""
        return [(each.number, each.due_at) for each in self._postponed]

    def confirm(self, results: Sequence[CheckRow], postponed: int, now: float) -> list[int]:
        """Count what was committed and let go of it; return the numbers of its targets."""
        numbers = [row.target_number for row in results]
        numbers += [each.number for each in self._postponed[:postponed]]
        for row in results:
            self._counts.add(row.state)
        self._counts.skipped += postponed
        self._batch.confirm(len(results), now)
        del self._postponed[:postponed]
        return numbers
