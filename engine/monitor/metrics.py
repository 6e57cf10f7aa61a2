"""Metrics of one monitor, as Prometheus reads them: its checks, its errands, and the whole board.

A check costs a look-up and three additions (see benchmarks/README.md): the series of each kind and
technology are found once. How many series there can be is bounded: technologies and tenants
beyond the first are told together as `other`.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.monitor.checking import Postponed
from engine.monitor.meters import Meters
from engine.monitor.metrics_board import BoardCollector
from engine.monitor.pulse import version
from engine.probes.states import CusHealthState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prometheus_client import Counter, Gauge, Histogram

    from engine.monitor.errands import Claimed
    from storage.health import CheckRow

PREFIX = "lampboard"
OTHER = "other"
MOST_TECHNOLOGIES = 100
LATE_SHARE = 0.1
"""A check that begins later than its plan by more than this part of its interval is late."""

_LATENCY_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)
_DELAY_S = (0.1, 0.5, 1, 5, 15, 30, 60, 300, 900)
_LAG_S = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1)
_ERRAND_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)


@dataclass(frozen=True, slots=True)
class _Series:
    """What one kind and technology is counted by, found once."""

    states: dict[str, Counter]
    latency: Histogram
    delay: Histogram
    late: Counter
    postponed: Counter


class Metrics(Meters):
    """Keeps what a monitor tells.

    Attributes:
        registry: All of it, for whoever writes it out.
        board: What is told of the whole board; renewed by whoever serves it.
        beat_at: Seconds since 1970 of the last heartbeat that was committed; 0 before the first.
        round_at: Those of the last round of the loop.
    """

    def __init__(self) -> None:
        from prometheus_client import (
            CollectorRegistry,
            GCCollector,
            ProcessCollector,
            disable_created_metrics,
        )

        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.board = BoardCollector()
        self.beat_at = self.round_at = 0.0
        self.began_at = time.time()
        self._series: dict[tuple[str, str], _Series] = {}
        self._technologies: set[str] = set()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._make_checks()
        self._make_errands()
        self._make_monitor()
        self.registry.register(self.board)

    # What the monitor tells

    def checked(self, work: Claimed, outcome: CheckRow | Postponed, began: float) -> None:
        """Take note of a check that ended; `began` is in monotonic seconds."""
        target = work.target
        found = self._series.get((target.kind, target.technology))
        series = found or self._find(target.kind, target.technology)
        if isinstance(outcome, Postponed):
            series.postponed.inc()
            return
        series.states[outcome.state].inc()
        if outcome.latency_ms is not None:
            series.latency.observe(outcome.latency_ms / 1000)
        if outcome.loop_lag_ms is not None:
            self._lag.observe(outcome.loop_lag_ms / 1000)
        delay = began - work.ready_at
        series.delay.observe(max(0.0, delay))
        if delay > LATE_SHARE * target.interval_s:
            series.late.inc()

    def wrote(self, seconds: float, results: int) -> None:
        """Take note of an errand to the database that was committed, with so many results."""
        self._errand.observe(seconds)
        self._recorded.inc(results)

    def beat(self) -> None:
        """Take note of a heartbeat that was committed."""
        self.beat_at = time.time()
        self._beat.set(self.beat_at)

    def erred(self, code: str) -> None:
        """Take note of an errand that the database refused."""
        self._errors.labels(code).inc()

    def busy(self, *, flying: int, waiting: int, unwritten: int) -> None:
        """Take note of a round: checks under way, waiting for their start, results not written."""
        self.round_at = time.time()
        self._round.set(self.round_at)
        self._flying.set(flying)
        self._waiting.set(waiting)
        self._unwritten.set(unwritten)

    # What there is

    def _make_checks(self) -> None:
        by = ("kind", "technology")
        self._checks = self._counter("checks", "Checks made, by what they found.", (*by, "state"))
        self._postponed = self._counter(
            "checks_postponed", "Checks put off because this machine was offline.", by
        )
        self._late = self._counter(
            "checks_late", "Checks begun later than planned by a tenth of the interval.", by
        )
        self._latency = self._histogram(
            "check_latency_seconds", "How long the other side took to answer.", _LATENCY_S, by
        )
        self._delay = self._histogram(
            "check_delay_seconds", "How much later than planned checks began.", _DELAY_S, by
        )
        self._lag = self._histogram(
            "loop_lag_seconds", "How late the event loop was during a check.", _LAG_S
        )

    def _make_errands(self) -> None:
        self._recorded = self._counter("results_recorded", "Results that are committed.")
        self._errand = self._histogram(
            "database_errand_seconds",
            "Carrying results to the database and work back, in one transaction.",
            _ERRAND_S,
        )
        self._errors = self._counter(
            "database_errors", "Errands that the database refused.", ("code",)
        )

    def _make_monitor(self) -> None:
        from prometheus_client import Info

        self._flying = self._gauge("checks_in_flight", "Checks under way.")
        self._waiting = self._gauge("checks_waiting", "Claimed targets that wait for their start.")
        self._unwritten = self._gauge("results_unwritten", "Results that are not committed yet.")
        self._beat = self._gauge(
            "monitor_last_beat_timestamp_seconds", "The last heartbeat that was committed."
        )
        self._round = self._gauge(
            "monitor_last_round_timestamp_seconds", "The last round of the loop."
        )
        began = self._gauge("monitor_start_timestamp_seconds", "When this monitor began.")
        began.set(self.began_at)
        info = Info("monitor", "Which monitor this is.", namespace=PREFIX, registry=self.registry)
        info.info({"version": version(), "host": socket.gethostname()})

    def _counter(self, name: str, says: str, by: Sequence[str] = ()) -> Counter:
        from prometheus_client import Counter

        return Counter(name, says, by, namespace=PREFIX, registry=self.registry)

    def _gauge(self, name: str, says: str) -> Gauge:
        from prometheus_client import Gauge

        return Gauge(name, says, namespace=PREFIX, registry=self.registry)

    def _histogram(
        self, name: str, says: str, buckets: Sequence[float], by: Sequence[str] = ()
    ) -> Histogram:
        from prometheus_client import Histogram

        return Histogram(name, says, by, namespace=PREFIX, registry=self.registry, buckets=buckets)

    def _find(self, kind: str, technology: str) -> _Series:
        """Find, or begin, what checks of a kind and technology are counted by."""
        known = self._technologies
        if technology in known or len(known) < MOST_TECHNOLOGIES:
            known.add(technology)
            shown = technology
        else:
            shown = OTHER
        by = (kind, shown)
        states = {one.value: self._checks.labels(*by, one.value) for one in CusHealthState}
        series = _Series(
            states=states,
            latency=self._latency.labels(*by),
            delay=self._delay.labels(*by),
            late=self._late.labels(*by),
            postponed=self._postponed.labels(*by),
        )
        self._series[kind, technology] = series
        return series
