"""What metrics cost: a check that is told to them and to the log, and an answer to Prometheus.

`python -m benchmarks.metrics [--checks 100000] [--targets 100000] [--rounds 5]`

All by CPU. The baseline of a check is one that nobody is told of. The answer is that of a board
with so many targets, against the time between two of Prometheus' questions.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Figures, arguments
from benchmarks.seeding import seed_sources
from engine.monitor.diary import Diary
from engine.monitor.meters import Meters
from engine.monitor.metrics import Metrics
from storage.database import Database
from storage.health import CheckRow
from storage.metrics import board

if TYPE_CHECKING:
    from collections.abc import Callable

SCRAPED_EVERY_S = 15.0
_TECHNOLOGIES = ("postgresql", "s3", "kafka", "rest")


def _work(technology: str) -> Any:
    target = SimpleNamespace(kind="source", technology=technology, interval_s=60)
    return SimpleNamespace(target=target, ready_at=100.0)


def checks(meters: Meters, count: int) -> float:
    """Tells so many checks; returns the CPU seconds of one."""
    works = [_work(technology) for technology in _TECHNOLOGIES]
    row = CheckRow(
        target_number=1,
        checked_at=datetime.now(UTC),
        state="healthy",
        latency_ms=31.5,
        loop_lag_ms=0.4,
    )
    began = time.process_time()
    for place in range(count):
        meters.checked(works[place % len(works)], row, 100.05)
    return (time.process_time() - began) / count


def answer(database: Database, metrics: Metrics) -> Callable[[], bytes]:
    """Gives what makes one answer to Prometheus, board and all."""
    from prometheus_client import generate_latest

    def make() -> bytes:
        now = datetime.now(UTC)
        with database.read() as connection:
            metrics.board.row = board(connection, now, now - timedelta(seconds=10))
        metrics.board.read_at = now
        return generate_latest(metrics.registry)

    return make


def main() -> None:
    """Measures both and prints the figures."""
    options = arguments(__doc__ or "", checks=100_000, targets=100_000, rounds=5)
    figures, metrics = Figures("metrics"), Metrics()
    with tempfile.TemporaryDirectory(prefix="bench-metrics-") as folder:
        url = f"sqlite:///{Path(folder) / 'board.db'}"
        seed_sources(url, options.targets)
        database = Database.open(url)
        make = answer(database, metrics)
        for _ in range(options.rounds):
            figures.add("nobody", checks(Meters(), options.checks))
            figures.add("told", checks(Diary(metrics), options.checks))
            began = time.process_time()
            size = len(make())
            figures.add("answer", time.process_time() - began)
        database.close()
    told, nobody = min(figures.samples["told"]), min(figures.samples["nobody"])
    figures.figure("microseconds of a check", (told - nobody) * 1e6, at_most=10)
    share = min(figures.samples["answer"]) / SCRAPED_EVERY_S
    figures.figure(
        f"an answer with {options.targets:,} targets, of a core", share, at_most=0.01, bytes=size
    )
    figures.print()


if __name__ == "__main__":
    main()
