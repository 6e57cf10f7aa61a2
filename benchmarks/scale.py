"""A hundred thousand targets at 60 s: what is planned, what is measured here, what follows.

`python -m benchmarks.scale [--targets 100000] [--interval 1200] [--seconds 60]`

A hundred thousand targets at 60 s are 1,667 checks a second, more than this machine can make beside
the servers that answer. So the size is real and the pace is what fits: all targets are in the
database, due evenly over a longer interval, and two monitors check them as ever. Measured is what
a check costs the database (statements, commits, write-ahead log, CPU), the monitors (CPU) and the
disk, and how late checks begin; beside it the same pace with a hundredth of the targets, to tell
what their number costs. The cost of a check times 1,667 is the extrapolation.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

from benchmarks import server
from benchmarks.cluster import Cluster, Load, cluster, free_port
from benchmarks.harness import ROOT, Figures, arguments, child_environment, compile_tree, percentile
from benchmarks.seeding import seed_integrations

PER_SECOND = 100_000 / 60
SETTLED_S = 15
DAY_S = 86_400
_SIZE = "SELECT pg_total_relation_size('checks') + pg_total_relation_size('transitions')"


def measure(made: Cluster, targets: int, interval_s: float, seconds: int) -> dict[str, float]:
    """Two monitors over so many targets: costs of each check, lateness in milliseconds."""
    url, port = made.make("bench"), free_port()
    with server.running(port):
        base = server.endpoint
        seed_integrations(
            url,
            targets,
            base_url=lambda i: base(i, port),
            active=True,
            interval_s=max(5, round(interval_s)),
        )
        now = int(time.time() * 1000)
        step = interval_s * 1000 / targets
        # Spread evenly; what is due while the monitors start is left out.
        made.ask(f"UPDATE targets SET due_at = {now} + (number * {step})::bigint", "bench")  # noqa: S608
        made.ask("VACUUM ANALYZE", "bench")
        command = [sys.executable, "-m", "benchmarks.queue_workers", "leases", "--url", url]
        command += ["--seconds", str(SETTLED_S + seconds + 5)]
        running = [
            subprocess.Popen(
                command, cwd=ROOT, env=child_environment(), stdout=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        time.sleep(SETTLED_S)
        began, before, first = time.time(), made.load(), _counted(made)
        time.sleep(seconds)
        load, last = made.load().since(before), _counted(made)
        told = [json.loads(each.communicate(timeout=600)[0].splitlines()[-1]) for each in running]
    late = [ms for each in told for due, ms in each["late"] if due > began]
    checks = sum(len(each["late"]) for each in told)
    return _costs(load, last[0] - first[0], last[1] - first[1]) | {
        "monitor_ms": 1000 * sum(float(each["cpu_s"]) for each in told) / checks,
        "p50": percentile(0.5)(late),
        "p99": percentile(0.99)(late),
        "rate": (last[0] - first[0]) / seconds,
    }


def _counted(made: Cluster) -> tuple[int, int]:
    """How many checks there are, and what they and the changes take on the disk."""
    (count,) = made.ask("SELECT count(*) FROM checks", "bench")
    (size,) = made.ask(_SIZE, "bench")
    return int(count), int(size)


def _costs(load: Load, checks: int, grown: int) -> dict[str, float]:
    return {
        "statements": load.statements / checks,
        "commits": load.commits / checks,
        "wal": load.wal_bytes / checks,
        "server_ms": 1000 * load.cpu_s / checks,
        "disk": grown / checks,
    }


def report(figures: Figures, many: dict[str, float], few: dict[str, float]) -> None:
    """Costs, what the number of targets adds to them, and what a full pace comes to."""
    for name, label in (
        ("rate", "checks/s"),
        ("statements", "statements a check"),
        ("commits", "commits a check"),
        ("wal", "WAL bytes a check"),
        ("server_ms", "ms of the database server's CPU a check"),
        ("monitor_ms", "ms of a monitor's CPU a check, its start included"),
        ("disk", "bytes on disk a check"),
        ("p50", "checks begin late by ms (p50)"),
        ("p99", "checks begin late by ms (p99)"),
    ):
        figures.figure(label, many[name], with_few=few[name])
    for name in ("statements", "wal", "server_ms"):
        figures.figure(f"{name}: many targets / a hundredth of them", many[name] / few[name])
    for label, value in (
        ("monitors' cores", many["monitor_ms"] * PER_SECOND / 1000),
        ("database server's cores", many["server_ms"] * PER_SECOND / 1000),
        ("statements/s", many["statements"] * PER_SECOND),
        ("WAL MB/s", many["wal"] * PER_SECOND / 1e6),
        ("WAL GB a day", many["wal"] * PER_SECOND * DAY_S / 1e9),
        (
            "GB of single checks, which are kept for 48 h",
            many["disk"] * PER_SECOND * 2 * DAY_S / 1e9,
        ),
    ):
        figures.figure(f"100,000 at 60 s: {label}", value)


def main() -> None:
    """Few, then many, on one server."""
    options = arguments(__doc__ or "", targets=100_000, interval=1_200, seconds=60)
    compile_tree()
    figures = Figures("scale")
    with cluster() as made:
        few = measure(made, options.targets // 100, options.interval / 100, options.seconds)
        many = measure(made, options.targets, options.interval, options.seconds)
    report(figures, many, few)
    figures.print()


if __name__ == "__main__":
    main()
