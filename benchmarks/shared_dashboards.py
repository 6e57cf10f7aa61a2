"""Twenty dashboards on one PostgreSQL: what they cost it at rest, and how soon each sees a change.

`python -m benchmarks.shared_dashboards [--dashboards 20] [--integrations 1000] [--seconds 60]
[--changes 10]`

Each dashboard is the program itself under a terminal of its own, all on a server that is started
for this run. What they cost is the CPU time of their backends, as the kernel counts it: first
while nothing happens at all, then with a monitor that beats and checks nothing. A change is made
by one more workspace; it has arrived when a dashboard has drawn it, from the commit on. Two of
them are left by then, because all of them would draw at once on the same cores.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

import psycopg

from benchmarks.cluster import cluster, cpu_seconds
from benchmarks.harness import (
    ROOT,
    Figures,
    Terminal,
    arguments,
    child_environment,
    compile_tree,
    percentile,
)
from benchmarks.seeding import TENANT, seed_integrations

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from benchmarks.cluster import Cluster
    from engine.workspace import Workspace

LABEL = "bench-dashboard"
DRAWING = 2
SETTLED_S = 8.0
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = %s"


class Rest(NamedTuple):
    """What dashboards at rest cost: percent of a core, and statements a second."""

    cpu: float
    statements: float


class Readers:
    """Takes what dashboards draw, so that none of them waits for its terminal.

    Args:
        terminals: The dashboards.
    """

    def __init__(self, terminals: Sequence[Terminal]) -> None:
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(one,)) for one in terminals]

    def _read(self, terminal: Terminal) -> None:
        while not self._stop.is_set():
            terminal.read(0.2)

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def cpu_of(server: Cluster) -> dict[int, float]:
    """CPU seconds that each of the dashboards' backends has used so far."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        pids = [row[0] for row in connection.execute(_BACKENDS, (LABEL,))]
    found = {}
    for pid in pids:
        with contextlib.suppress(FileNotFoundError):
            found[pid] = cpu_seconds(pid)
    return found


def at_rest(server: Cluster, terminals: Sequence[Terminal], seconds: float) -> Rest:
    """What the backends do while nobody does anything."""
    with Readers(terminals):
        time.sleep(SETTLED_S)
        before, asked, began = cpu_of(server), server.load(), time.perf_counter()
        time.sleep(seconds)
        load, after = server.load().since(asked), cpu_of(server)
        took = time.perf_counter() - began
    used = sum(now - before.get(pid, 0.0) for pid, now in after.items())
    return Rest(cpu=100 * used / took, statements=load.statements / took)


@contextlib.contextmanager
def monitoring(url: str) -> Iterator[None]:
    """The monitor of the command line, whose backends are not counted."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tui", "--database", url, "monitor"],
        cwd=ROOT,
        env=child_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        child.terminate()
        child.wait()


def dashboards(url: str, count: int) -> list[Terminal]:
    """Starts so many, one after the other, each with the list of integrations in sight."""
    label = f"{url}?application_name={LABEL}"
    started = []
    for _ in range(count):
        terminal = Terminal(
            [
                *(sys.executable, "-m", "tui", "--database", label, "--tenant", TENANT),
                *("--monitor", "off", "--screen", "integrations"),
            ]
        )
        terminal.wait_for("integration-0")
        started.append(terminal)
    return started


def changes(figures: Figures, url: str, terminals: Sequence[Terminal], times: int) -> None:
    """How long after its commit each dashboard has drawn a change that somebody else made."""
    from engine.settings import Settings
    from engine.workspace import Workspace

    workspace = Workspace.open(Settings(database=url, operator="bench"))
    taken: list[float] = []
    for turn in range(times):
        name = f"aaa-change-{turn:04d}"
        with Readers(terminals):
            time.sleep(2.5)  # whoever reloaded lately waits before it does so again
        offsets = [len(one.output) for one in terminals]
        asyncio.run(_make(workspace, name))
        committed = time.perf_counter()
        taken += _arrivals(terminals, offsets, name, committed)
    asyncio.run(workspace.aclose())
    figures.figure("seconds until a change is drawn elsewhere, median", percentile(0.5)(taken))
    figures.figure("the same, p95", percentile(0.95)(taken), at_most=1)
    figures.figure("the same, longest", max(taken))


async def _make(workspace: Workspace, name: str) -> None:
    url = "http://127.0.0.1:9/v1"
    await workspace.integrations.create_integration(TENANT, name, "custom", base_url=url)


def _arrivals(
    terminals: Sequence[Terminal], offsets: Sequence[int], name: str, since: float
) -> list[float]:
    found: dict[int, float] = {}

    def look(place: int) -> None:
        found[place] = terminals[place].wait_for(name, since=since, offset=offsets[place])

    threads = [threading.Thread(target=look, args=(place,)) for place in range(len(terminals))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(terminals), "a dashboard never drew the change"
    return list(found.values())


def measure(figures: Figures, server: Cluster, url: str, options: argparse.Namespace) -> None:
    """Starts the dashboards once, and takes every figure of them."""
    seed_integrations(
        url, options.integrations, base_url=lambda _: "http://127.0.0.1:9/v1", active=False
    )
    terminals = dashboards(url, options.dashboards)
    try:
        label = f"{options.dashboards} idle dashboards, % of a core of the server"
        idle = at_rest(server, terminals, options.seconds)
        figures.figure(label, idle.cpu, at_most=10)
        figures.figure("their statements a second", idle.statements)
        with monitoring(url):
            beaten = at_rest(server, terminals, options.seconds)
        figures.figure("the same while a monitor beats, % of a core", beaten.cpu, at_most=10)
        figures.figure("statements a second, those of the monitor among them", beaten.statements)
        figures.figure("connections of the dashboards", len(cpu_of(server)))
        # Of all twenty on one machine each would wait for the others' drawing.
        while len(terminals) > DRAWING:
            terminals.pop().close()
        changes(figures, url, terminals, options.changes)
    finally:
        for terminal in terminals:
            terminal.close()


def main() -> None:
    """Starts a server, measures, and prints the figures."""
    options = arguments(__doc__ or "", dashboards=20, integrations=1_000, seconds=60, changes=10)
    compile_tree()
    figures = Figures("shared_dashboards")
    with cluster() as server:
        measure(figures, server, server.make("bench_dashboards"), options)
    figures.print()


if __name__ == "__main__":
    main()
