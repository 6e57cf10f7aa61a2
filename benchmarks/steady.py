"""An ordinary day: 1,000 integrations at 60 s, the monitor at work, the dashboard at rest.

`python -m benchmarks.steady [--integrations 1000] [--seconds 150] [--look 20]`

Measures, in one run on one database: the time between the checks of each integration, the CPU of
the monitor, and that of a dashboard that nobody touches, on two of its screens.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import server
from benchmarks.harness import (
    ROOT,
    Figures,
    Terminal,
    arguments,
    child_environment,
    compile_tree,
    percentile,
)
from benchmarks.seeding import seed_integrations

if TYPE_CHECKING:
    from collections.abc import Iterator

PORT = 18_082
INTERVAL_S = 60
SETTLED_S = 15.0
"""The first sweep is paced and takes some seconds; what it costs is in the whole's figure."""

SCREENS = ("overview", "integrations")


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process has used."""
    parts = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def monitoring(url: str) -> Iterator[int]:
    """The monitor of the command line as a child; gives its process id."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tui", "--database", url, "monitor"],
        cwd=ROOT,
        env=child_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield child.pid
    finally:
        child.terminate()
        child.wait()


def look(figures: Figures, url: str, screen: str, seconds: float) -> None:
    """The dashboard's CPU while nobody touches it."""
    terminal = Terminal(
        [
            *(sys.executable, "-m", "tui", "--database", url, "--tenant", "bench"),
            *("--monitor", "off", "--screen", screen),
        ]
    )
    terminal.wait_for("integration-0")
    rest(terminal, 3.0)
    before, began = terminal.cpu_seconds(), time.perf_counter()
    rest(terminal, seconds)
    share = (terminal.cpu_seconds() - before) / (time.perf_counter() - began)
    terminal.close()
    figures.figure(f"CPU of the dashboard at rest on {screen}, % of a core", 100 * share, at_most=3)


def rest(terminal: Terminal, seconds: float) -> None:
    """Takes what is drawn for a while."""
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        terminal.read(left)


def checks_of(url: str) -> list[tuple[int, int]]:
    """Each check as target and epoch milliseconds, in order."""
    from storage.database import Database

    database = Database.open(url, read_only=True)
    with database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT target_number, checked_at FROM checks ORDER BY target_number, checked_at"
        ).all()
    database.close()
    return [(row[0], row[1]) for row in rows]


def gaps(checks: list[tuple[int, int]], ended: float) -> tuple[list[float], list[float]]:
    """Seconds between the checks of each target, and from the last one to the end of the run."""
    between: list[float] = []
    since: list[float] = []
    for _, group in groupby(checks, key=itemgetter(0)):
        times = [at / 1000 for _, at in group]
        between.extend(after - before for before, after in pairwise(times))
        since.append(ended - times[-1])
    return between, since


def main() -> None:
    """One run, then the figures from what it recorded."""
    options = arguments(__doc__ or "", integrations=1_000, seconds=150, look=20)
    compile_tree()
    figures = Figures("steady")
    with tempfile.TemporaryDirectory() as folder, server.running(PORT):
        url = f"sqlite:///{Path(folder) / 'steady.db'}"
        seed_integrations(
            url,
            options.integrations,
            base_url=lambda i: server.endpoint(i, PORT),
            active=True,
            interval_s=INTERVAL_S,
        )
        with monitoring(url) as monitor:
            run(figures, url, monitor, options.seconds, options.look)
            ended = time.time()
        report(figures, checks_of(url), ended, options.integrations)
    figures.print()


def run(figures: Figures, url: str, monitor: int, seconds: float, glance: float) -> None:
    """Lets the monitor work, looks at the dashboard meanwhile."""
    began = time.perf_counter()
    time.sleep(SETTLED_S)
    first, settled = cpu_seconds(monitor), time.perf_counter()
    for screen in SCREENS:
        look(figures, url, screen, glance)
    time.sleep(max(0.0, began + seconds - time.perf_counter()))
    now, used = time.perf_counter(), cpu_seconds(monitor)
    figures.figure(
        "CPU of the monitor, % of a core", 100 * (used - first) / (now - settled), at_most=10
    )
    figures.figure("the same from its very start", 100 * used / (now - began))


def report(
    figures: Figures, checks: list[tuple[int, int]], ended: float, integrations: int
) -> None:
    """Whether each check came in time."""
    between, since = gaps(checks, ended)
    assert len(since) == integrations, f"only {len(since)} were checked"
    limit = INTERVAL_S * 1.1
    figures.figure(
        "longest time between two checks / interval", max(between) / INTERVAL_S, at_most=1.1
    )
    figures.figure(
        "longest time since the last check / interval", max(since) / INTERVAL_S, at_most=1.1
    )
    figures.figure(
        "time between two checks / interval, p99", percentile(0.99)(between) / INTERVAL_S
    )
    figures.figure("checks that were late", sum(gap > limit for gap in between), at_most=0)
    figures.figure("checks in all", len(checks))


if __name__ == "__main__":
    main()
