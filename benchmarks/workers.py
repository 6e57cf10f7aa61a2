"""N monitors on one PostgreSQL: do they check N times as many?

`python -m benchmarks.workers [--targets 1500] [--rounds 3]`

A core more brings a monitor more, and everything that serves it: with N monitors, N cores have one
monitor each, each with a server of its own that answers its part of the targets, and the database
server has the same N cores (all by CPU affinity). So what is compared is a machine of one core with
one of N, as far as this machine has them. Everything is due at once and nothing is paced.

Beside the clock, by CPU, which other programs hardly disturb: checks for each CPU second of
monitors, database server and answering servers together. What monitors do in vain or wait for
each other shows in the one or the other. Four monitors on two cores are told by CPU alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack

from benchmarks import server
from benchmarks.cluster import Cluster, cluster, cpu_seconds, free_port
from benchmarks.harness import (
    ROOT,
    Figures,
    arguments,
    before_others,
    child_environment,
    compile_tree,
)
from benchmarks.seeding import seed_integrations

# The first and the last tenth have monitors that start and that find nothing more.
_RATE = """
SELECT 0.8 * count(*) * 1000.0
  / (percentile_disc(0.9) WITHIN GROUP (ORDER BY checked_at)
     - percentile_disc(0.1) WITHIN GROUP (ORDER BY checked_at))
FROM checks
"""


def check_all(made: Cluster, workers: int, targets: int, cores: int) -> tuple[float, float]:
    """Lets so many monitors check everything once: checks a second, and a CPU second."""
    url = made.make("bench")
    ports = [free_port() for _ in range(workers)]
    with ExitStack() as stack:
        answering = []
        for place, port in enumerate(ports):
            os.sched_setaffinity(0, {place % cores})  # what is started inherits it
            answering.append(stack.enter_context(server.running(port)))
        os.sched_setaffinity(0, set(range(cores)))
        seed_integrations(
            url,
            targets * workers,
            base_url=lambda i: server.endpoint(i, ports[i % workers]),
            active=True,
            interval_s=3600,
        )
        made.ask("VACUUM ANALYZE", "bench")
        before = made.cpu_s() + sum(cpu_seconds(each.pid) for each in answering)
        used = _work(url, workers, cores)
        used += made.cpu_s() + sum(cpu_seconds(each.pid) for each in answering) - before
    (count,) = made.ask("SELECT count(*) FROM checks", "bench")
    assert count >= 0.99 * targets * workers, count
    (rate,) = made.ask(_RATE, "bench")
    return float(rate), count / used


def _work(url: str, workers: int, cores: int) -> float:
    """CPU seconds of monitors that check what is due."""
    command = [sys.executable, "-m", "benchmarks.queue_workers", "leases", "--url", url]
    running = [
        subprocess.Popen(
            ["taskset", "-c", str(place % cores), *command],
            cwd=ROOT,
            env=child_environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for place in range(workers)
    ]
    told = [json.loads(each.communicate(timeout=600)[0].splitlines()[-1]) for each in running]
    return sum(float(each["cpu_s"]) for each in told)


def main() -> None:
    """Rounds in turn, then the ratios."""
    options = arguments(__doc__ or "", targets=1_500, rounds=3)
    compile_tree()
    before_others()
    figures, there = Figures("workers"), len(os.sched_getaffinity(0))
    for _ in range(options.rounds):
        for workers in (1, 2, 4):
            cores = min(workers, there)
            with cluster(cores=f"0-{cores - 1}") as made:
                rate, by_cpu = check_all(made, workers, options.targets, cores)
            figures.add(f"{workers}", rate)
            figures.add(f"{workers}, by CPU", by_cpu)
    figures.ratio("checks of 2 monitors / of 1", "2", "1", at_least=1.6)
    for workers in (2, 4):
        label = f"checks for each CPU second: {workers} monitors / 1"
        least = 0.8 if workers <= there else None
        figures.ratio(label, f"{workers}, by CPU", "1, by CPU", at_least=least)
    figures.print()


if __name__ == "__main__":
    main()
