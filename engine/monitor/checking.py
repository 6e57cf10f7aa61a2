"""One check of the monitor: from claimed work to the row that records it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.health.checks import check_opened, to_row
from engine.health.rules import deadline_s
from engine.monitor.meters import Meters
from engine.monitor.schedule import next_plan
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.clock import Clock
    from engine.monitor.errands import Claimed
    from engine.monitor.limits import MonitorLimits
    from engine.monitor.network import Network
    from engine.probes.place import Tools
    from engine.probes.result import ProbeResult
    from storage.health import CheckRow

# How soon a target is tried again that could not be checked because this machine is offline.
_OFFLINE_PAUSE_S = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Postponed:
    """A target that could not be checked, with when it is due instead."""

    number: int
    due_at: datetime


class Checker:
    """Checks claimed work with the same code as a check on demand, and plans the next one.

    Args:
        tools: Gives what checks of a kind share.
        network: Judges whether this machine is online.
        clock: Where time comes from.
        limits: How long a check may take.
        meters: Is told of every check.
    """

    def __init__(
        self,
        tools: Callable[[str], Tools],
        network: Network,
        clock: Clock,
        limits: MonitorLimits,
        meters: Meters | None = None,
    ) -> None:
        self._tools = tools
        self._network = network
        self._clock = clock
        self._limits = limits
        self._meters = meters or Meters()

    async def check(self, work: Claimed) -> CheckRow | Postponed:
        """Check a target once; what failed because of this machine or process is postponed."""
        began = self._clock.monotonic()
        outcome = await self._check(work, began)
        self._meters.checked(work, outcome, began)
        return outcome

    async def _check(self, work: Claimed, began: float) -> CheckRow | Postponed:
        kind = work.target.kind
        result, place = await check_opened(
            work.thing.ready,
            self._tools(kind),
            now=self._clock.now(),
            deadline_s=deadline_s(kind, self._limits),
        )
        ended, at = self._clock.monotonic(), self._clock.now()
        if ended > work.lease_ends:
            # It has a whole deadline and more in its lease: this process stood still meanwhile, so
            # what it measured is its own, and somebody else may be checking there by now.
            return Postponed(number=work.target.number, due_at=at)
        if self._network.is_to_blame(result, place, ended):
            pause = timedelta(seconds=min(work.target.interval_s, _OFFLINE_PAUSE_S))
            return Postponed(number=work.target.number, due_at=at + pause)
        # The start is counted back from the end: in between, the clock may have been set.
        return _row(work, result, at, started=at - timedelta(seconds=max(0.0, ended - began)))


def _row(work: Claimed, result: ProbeResult, at: datetime, *, started: datetime) -> CheckRow:
    target = work.target
    failing = result.state is CusHealthState.FAILING
    plan = next_plan(
        number=target.number,
        interval_s=target.interval_s,
        planned=target.due_at,
        started=started,
        failures_in_row=target.failures_in_row + 1 if failing else 0,
        retry_after_s=result.retry_after_s,
    )
    return to_row(target.number, result, at, next_due_at=plan.due_at, retry_at=plan.retry_at)
