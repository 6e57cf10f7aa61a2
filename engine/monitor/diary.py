"""What a monitor does, in its log: now and then a line with counts, never one a check."""

from __future__ import annotations

import logging
import time
from collections import Counter
from typing import TYPE_CHECKING

from engine.monitor.checking import Postponed
from engine.monitor.meters import Meters

if TYPE_CHECKING:
    from engine.monitor.errands import Claimed
    from storage.health import CheckRow

logger = logging.getLogger(__name__)

EVERY_S = 60.0
"""Seconds between two lines, while there is anything to tell."""


class Diary(Meters):
    """Counts, writes a line about it each minute, and passes everything on.

    Args:
        others: What else is told.
    """

    def __init__(self, others: Meters) -> None:
        self._others = others
        self._counts: Counter[str] = Counter()
        self._since = time.monotonic()

    def checked(self, work: Claimed, outcome: CheckRow | Postponed, began: float) -> None:
        """Take note of a check that ended; `began` is in monotonic seconds."""
        self._counts["postponed" if isinstance(outcome, Postponed) else outcome.state] += 1
        self._others.checked(work, outcome, began)

    def claimed(self, targets: int) -> None:
        """Take note of targets that are this monitor's for now."""
        self._counts["claimed"] += targets
        self._others.claimed(targets)

    def wrote(self, seconds: float, results: int) -> None:
        """Take note of an errand to the database that was committed, with so many results."""
        self._counts["recorded"] += results
        self._others.wrote(seconds, results)

    def beat(self) -> None:
        """Take note of a heartbeat that was committed."""
        self._others.beat()

    def erred(self, code: str) -> None:
        """Take note of an errand that the database refused."""
        self._counts["database_errors"] += 1
        self._others.erred(code)

    def busy(self, *, flying: int, waiting: int, unwritten: int) -> None:
        """Take note of a round: checks under way, waiting for their start, results not written."""
        if time.monotonic() - self._since >= EVERY_S:
            self.tell()
        self._others.busy(flying=flying, waiting=waiting, unwritten=unwritten)

    def tell(self) -> None:
        """Write the line, where there is anything to tell."""
        now = time.monotonic()
        if +self._counts:
            told = {**+self._counts, "seconds": round(now - self._since, 1)}
            logger.info("Checks were made.", extra=told)
        self._counts.clear()
        self._since = now
