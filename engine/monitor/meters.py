"""What a monitor tells of its own work while it does it; nothing is kept unless somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.monitor.checking import Postponed
    from engine.monitor.errands import Claimed
    from storage.health import CheckRow


class Meters:
    """Is told of everything, and keeps nothing; see `engine.monitor.metrics` for one that does."""

    def checked(self, work: Claimed, outcome: CheckRow | Postponed, began: float) -> None:
        """Take note of a check that ended; `began` is in monotonic seconds."""

    def claimed(self, targets: int) -> None:
        """Take note of targets that are this monitor's for now."""

    def wrote(self, seconds: float, results: int) -> None:
        """Take note of an errand to the database that was committed, with so many results."""

    def beat(self) -> None:
        """Take note of a heartbeat that was committed."""

    def erred(self, code: str) -> None:
        """Take note of an errand that the database refused."""

    def busy(self, *, flying: int, waiting: int, unwritten: int) -> None:
        """Take note of a round: checks under way, waiting for their start, results not written."""
