"""Who gives the checks of a shared workspace out: leases on the targets, or Procrastinate's jobs.

`python -m benchmarks.shared_queue [--targets 2000] [--seconds 30] [--shards 16] [--jobs 1]`

Three engines in turn (see `benchmarks.queue_workers`) on a PostgreSQL of the run's own, with the
same check code against the same server. For each: checks a second with everything due, by one
worker and by two; at a steady pace of half as many every 10 s, what a check costs the database
(statements, bytes of its write-ahead log, CPU) and how late checks begin, also when one target of a
hundred hangs; then a worker is killed (`kill -9`), and another time stopped (SIGSTOP) for longer
than its heartbeat or lease may be missing, and goes on: how long targets waited, and whether any
was asked twice at once, as the server that is asked has seen it. `--jobs 0` leaves out the slowest.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from benchmarks import queue_workers, server, witness
from benchmarks.cluster import Cluster, Load, cluster, free_port
from benchmarks.harness import (
    ROOT,
    Figures,
    arguments,
    before_others,
    child_environment,
    compile_tree,
    percentile,
)
from benchmarks.seeding import seed_integrations

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

ENGINES = ("leases", "batches", "jobs")
DELAY_MS = 20
STEADY_S, SHORT_S = 10, 5
"""Seconds between the checks of a target: at a steady pace, and where workers are lost."""

SETTLED_S = 6.0
LEASE_S = 30.0
LOST_TARGETS = 200


@dataclass(slots=True)
class Bench:
    """What all rounds share."""

    cluster: Cluster
    port: int
    options: argparse.Namespace
    figures: Figures
    made: int = 0

    def database(
        self, engine: str, count: int, interval_s: int, *, hang: int = 0, slow: bool = False
    ) -> str:
        """Fills a database with targets that are due, and the queue with their jobs."""
        self.made += 1
        url = self.cluster.make(f"bench_{self.made}")

        def base(index: int) -> str:
            place = server.endpoint(index, self.port)
            if slow:
                return place.replace("/v1", "/slow/v1")
            return place.replace("/v1", "/hang/v1") if hang and index % hang == 0 else place

        seed_integrations(url, count, base_url=base, active=True, interval_s=interval_s)
        name = f"bench_{self.made}"
        if not self.options.together:
            # Evenly over the interval, as the schedule itself would spread them in time.
            step = interval_s * 1000 / count
            move = f"UPDATE targets SET due_at = due_at + (number * {step})::bigint"  # noqa: S608
            self.cluster.ask(move, name)
        if engine != "leases":
            shards = self.options.shards
            # What a queue of shards is read by, as ours is by its own.
            self.cluster.ask(f"CREATE INDEX ON targets ((number % {shards}), due_at)", name)
            asyncio.run(queue_workers.fill(url, engine, list(range(1, count + 1)), shards))
        self.cluster.ask("VACUUM ANALYZE", name)
        witness.ask(self.port, "forget")
        return url

    def worker(self, engine: str, url: str, seconds: float) -> subprocess.Popen[str]:
        """Starts a worker."""
        command = [sys.executable, "-m", "benchmarks.queue_workers", engine, "--url", url]
        command += ["--seconds", str(seconds), "--shards", str(self.options.shards)]
        return subprocess.Popen(
            command, cwd=ROOT, env=child_environment(), stdout=subprocess.PIPE, text=True
        )


def told(worker: subprocess.Popen[str]) -> dict[str, object]:
    """What a worker told at its end."""
    said, _ = worker.communicate(timeout=300)
    found: dict[str, object] = json.loads(said.splitlines()[-1])
    return found


def full_speed(bench: Bench, engine: str, workers: int) -> None:
    """Everything is due: how fast is it checked, on the clock and by all CPU that it took?"""
    url = bench.database(engine, bench.options.targets, 600)
    before = bench.cluster.load()
    children = [bench.worker(engine, url, 0) for _ in range(workers)]
    used = sum(float(told(child)["cpu_s"]) for child in children)  # type: ignore[arg-type]
    load, seen = bench.cluster.load().since(before), witness.report(bench.port)
    assert seen.count >= 0.99 * bench.options.targets, seen.count
    label = f"{engine}: everything due, {workers} worker{'s'[: workers > 1]}"
    bench.figures.figure(f"{label}, checks/s", seen.rate(), of_cpu=seen.count / (used + load.cpu_s))


def steady(bench: Bench, engine: str, *, hang: int) -> None:
    """Two workers at a steady pace: what a check costs, and how late it begins."""
    url = bench.database(engine, bench.options.targets // 2, STEADY_S, hang=hang)
    began = time.time()
    children = [bench.worker(engine, url, bench.options.seconds) for _ in range(2)]
    time.sleep(SETTLED_S + STEADY_S)
    before, seen_before = bench.cluster.load(), witness.report(bench.port).count
    time.sleep(bench.options.seconds - SETTLED_S - STEADY_S - 3)
    load, seen = bench.cluster.load().since(before), witness.report(bench.port)
    late = _late(children, began + SETTLED_S)
    label = f"{engine}: {'1 of 100 hangs' if hang else 'steady'}"
    tail = {"p50": percentile(0.5)(late), "worst": max(late)}
    bench.figures.figure(f"{label}, late by ms (p99)", percentile(0.99)(late), **tail)
    if not hang:
        _cost(bench.figures, label, load, seen.count - seen_before)
    bench.figures.figure(f"{label}, asked twice at once", len(seen.overlaps))


def _late(children: list[subprocess.Popen[str]], since: float) -> list[float]:
    """By how many milliseconds checks began late that were due after a time."""
    pairs: list[tuple[float, float]] = []
    for child in children:
        pairs += told(child)["late"]  # type: ignore[operator]
    return [late for due, late in pairs if due > since]


def _cost(figures: Figures, label: str, load: Load, checks: int) -> None:
    figures.figure(f"{label}, statements a check", load.statements / checks, checks=checks)
    figures.figure(f"{label}, commits a check", load.commits / checks)
    figures.figure(f"{label}, WAL bytes a check", load.wal_bytes / checks)
    figures.figure(f"{label}, ms of the server's CPU a check", 1000 * load.cpu_s / checks)


def lost(bench: Bench, engine: str, how: str) -> None:
    """One of two workers is killed, or stopped for long: what became of its targets?"""
    url = bench.database(engine, LOST_TARGETS, SHORT_S, slow=True)
    away = (LEASE_S if engine == "leases" else queue_workers.STALLED_S) + 5
    children = [bench.worker(engine, url, 3 * SETTLED_S + away) for _ in range(2)]
    time.sleep(2 * SETTLED_S)
    victim, at = children[0], time.time()
    os.kill(victim.pid, signal.SIGKILL if how == "killed" else signal.SIGSTOP)
    time.sleep(away)
    if how == "stopped":
        os.kill(victim.pid, signal.SIGCONT)
    told(children[1])
    victim.wait(timeout=60)
    seen = witness.report(bench.port)
    gaps = list(_gaps(seen, at))
    label = f"{engine}: a worker is {how}"
    bench.figures.figure(f"{label}, longest wait / interval", max(gaps) / SHORT_S)
    early = sum(gap < SHORT_S / 2 for gap in gaps)
    bench.figures.figure(f"{label}, checked again before half an interval", early)
    bench.figures.figure(f"{label}, asked twice at once", len(seen.overlaps))


def _gaps(seen: witness.Report, since: float) -> Iterator[float]:
    """Seconds between two checks of each target, of those that end after a time."""
    for spans in seen.spans.values():
        for before, after in pairwise(begin for begin, _ in spans):
            if after > since:
                yield after - before


def main() -> None:
    """All engines in turn, then the figures."""
    options = arguments(__doc__ or "", targets=2_000, seconds=30, shards=16, jobs=1)
    if importlib.util.find_spec("procrastinate") is None:
        sys.exit("This needs Procrastinate: pip install -c constraints.txt -e '.[dev]'")
    compile_tree()
    before_others(-5)
    figures, port = Figures("shared_queue"), free_port()
    with cluster() as made, witness.watching(port, delay_ms=DELAY_MS):
        bench = Bench(made, port, options, figures)
        for engine in ENGINES if options.jobs else ("leases", "batches"):
            bench.options.together = True
            for workers in (1, 2):
                full_speed(bench, engine, workers)
            bench.options.together = False
            steady(bench, engine, hang=0)
            steady(bench, engine, hang=100)
            for how in ("killed", "stopped"):
                lost(bench, engine, how)
            print(f"{engine}: done", file=sys.stderr, flush=True)
    figures.print()


if __name__ == "__main__":
    main()
