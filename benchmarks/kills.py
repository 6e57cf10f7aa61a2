"""Workers that are killed at any moment, again and again, and what becomes of their targets.

`python -m benchmarks.kills [--kills 1000] [--workers 6] [--targets 120] [--checks 3]`

On a PostgreSQL of the run's own, `workers` monitors share `targets` that are due every 10 s; a
quarter of them fails for 20 s of each minute, which opens incidents that a webhook is told of.
Whenever so many `checks` were made, more or less, and a moment later, one of them gets `kill -9`
and another takes its place, while one at a time is stopped (SIGSTOP) for longer than a lease and
goes on.

What is proved is seen by the server that is checked, not by us: whether a target was ever asked
twice at once; how long after the kill each target was asked that the dead one held; what the
webhook was told twice. Of the database: lamps whose changes do not follow from each other, and
incidents of one thing that were open at the same time.

Workers are forked from a process that has imported everything, so that they live long enough to
work, and are killed at the start, too: opening the workspace, claiming, checking, recording,
sending.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from benchmarks import server, witness
from benchmarks.cluster import cluster, free_port
from benchmarks.harness import (
    ROOT,
    Figures,
    arguments,
    before_others,
    child_environment,
    compile_tree,
    percentile,
)
from benchmarks.seeding import TENANT, seed_integrations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.settings import Settings

INTERVAL_S = 10
DELAY_MS = 150
LEASE_S = 30.0
STOPPED_S = LEASE_S + 4
_HELD = """
SELECT number FROM targets JOIN monitors ON monitors.id = lease_owner WHERE pid = %s
"""
_WORKING = "SELECT pid FROM monitors WHERE stopped_at IS NULL"
_BROKEN_CHAINS = """
SELECT count(*) FROM (
  SELECT from_state, lag(to_state) OVER (PARTITION BY target_number ORDER BY at, id) AS before
  FROM transitions) AS changes
WHERE before IS NOT NULL AND before <> from_state
"""
_DOUBLED_INCIDENTS = """
SELECT count(*) FROM incidents AS one JOIN incidents AS other
  ON one.key = other.key AND one.number < other.number
WHERE coalesce(one.closed_at, 1e15) > other.opened_at
"""


def settings_of(url: str) -> Settings:
    """What all workers run with: a second bad check opens an incident, so that there are many."""
    from engine.settings import Settings

    return Settings(
        database=url,
        master_key="ab" * 32,
        in_flight=50,
        deadline_s=3.0,
        incident_failures=2,
        incident_passes=1,
    )


# A process that forks workers


def nursery(url: str) -> None:
    """Forks a worker for each line that it reads, and says its process id."""
    from engine.health.kinds import KINDS
    from engine.monitor import errands, loop  # noqa: F401 - only to have them loaded
    from storage import integrations  # noqa: F401

    assert KINDS["integration"]
    # All is loaded and compiled once, by a run that ends and leaves neither thread nor connection.
    asyncio.run(_monitor(settings_of(url), once=True))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are killed
    logging.disable(logging.CRITICAL)
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            asyncio.run(_monitor(settings_of(url)))
            os._exit(0)
        print(pid, flush=True)


async def _monitor(settings: Settings, *, once: bool = False) -> None:
    from engine.monitor import run_monitor
    from engine.workspace import Workspace

    random.seed()
    workspace = Workspace.open(settings, origin="monitor")
    await run_monitor(workspace, once=once)
    await workspace.aclose()


@dataclass
class Killing:
    """Workers that are alive, and what the killed and the stopped held: targets and the moment."""

    mother: subprocess.Popen[str]
    line: Any
    workers: list[int] = field(default_factory=list)
    held: list[tuple[int, float]] = field(default_factory=list)
    halted: list[tuple[int, float]] = field(default_factory=list)
    stopped: int = 0
    stopped_at: float = 0.0
    stops: int = 0

    def bear(self) -> None:
        """Starts a worker."""
        assert self.mother.stdin is not None
        assert self.mother.stdout is not None
        self.mother.stdin.write("\n")
        self.mother.stdin.flush()
        self.workers.append(int(self.mother.stdout.readline()))

    def wait_for(self, checks: int) -> None:
        """Waits until so many more checks are recorded: a busy machine takes longer for them."""
        wanted = self._recorded() + checks
        while self._recorded() < wanted:
            time.sleep(0.02)
        time.sleep(random.uniform(0, 0.2))  # noqa: S311

    def _recorded(self) -> int:
        return int(self.line.execute("SELECT sum(passes + failures) FROM targets").fetchone()[0])

    def kill(self) -> None:
        """Kills one, notes what it held, and starts another.

        One in five may be any, so that some are killed before they work; others do work.
        """
        there = {pid for (pid,) in self.line.execute(_WORKING)} if random.random() < 0.8 else set()  # noqa: S311
        mortal = [pid for pid in self.workers if pid != self.stopped]
        victim = random.choice([pid for pid in mortal if pid in there] or mortal)  # noqa: S311
        os.kill(victim, signal.SIGKILL)
        at = time.time()
        self.workers.remove(victim)
        self.held += [(number, at) for (number,) in self.line.execute(_HELD, (victim,))]
        self.bear()

    def stop(self) -> None:
        """Lets one stand still for longer than its leases, one after the other."""
        if self.stopped and time.time() - self.stopped_at < STOPPED_S:
            return
        if self.stopped:
            os.kill(self.stopped, signal.SIGCONT)
            self.workers.remove(self.stopped)
            self.workers.append(self.stopped)
        self.stopped = self.workers[0]  # the oldest: it has work
        self.stopped_at = time.time()
        self.stops += 1
        os.kill(self.stopped, signal.SIGSTOP)
        now = time.time()
        self.halted += [(number, now) for (number,) in self.line.execute(_HELD, (self.stopped,))]

    def end(self) -> None:
        """Kills what is left."""
        for pid in self.workers:
            os.kill(pid, signal.SIGKILL)


@contextmanager
def killing(url: str) -> Iterator[Killing]:
    """The process that forks workers, and a connection that sees what they hold."""
    import psycopg

    command = [sys.executable, "-m", "benchmarks.kills", "--nursery", url]
    mother = subprocess.Popen(
        command,
        cwd=ROOT,
        env=child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with psycopg.connect(url, autocommit=True) as line:
        made = Killing(mother, line)
        try:
            yield made
        finally:
            made.end()
            mother.kill()
            mother.wait()


# What is prepared, and what is proved


async def tell(settings: Settings, port: int) -> None:
    """Adds a webhook that is told of everything."""
    from engine.workspace import Workspace

    workspace = Workspace.open(settings)
    url = f"http://127.0.0.1:{port}/hook"
    channel = await workspace.alerts.add_channel(TENANT, "hook", "webhook", url=url, per_hour=1_000)
    await workspace.alerts.add_route(TENANT, channel.id, on_recovery=True)
    await workspace.aclose()


def waits(
    seen: witness.Report, held: list[tuple[int, float]], others: list[tuple[int, float]], port: int
) -> list[float]:
    """Seconds from when they were lost to the next check of each target that was held.

    Where the next holder lost it, too, before it could ask, only that counts.
    """
    found = []
    for number, at in held:
        key = urlsplit(server.endpoint(number - 1, port)).hostname or ""
        next_at = min((begin for begin, _ in seen.spans[key] if begin > at), default=time.time())
        if not any(each == number and at < later < next_at for each, later in (*held, *others)):
            found.append(next_at - at)
    return found


def report(figures: Figures, seen: witness.Report, line: Any, waited: list[float]) -> None:
    """What was to be proved."""
    told = Counter(key for key, _ in seen.posted)
    said: Counter[str] = Counter()
    for _, body in seen.posted:
        said.update(
            f"{one['number']} {one['event']} "
            f"{one['worsened' if one['event'] == 'worsened' else 'relapses']}"
            for one in json.loads(body)["incidents"]
        )
    figures.figure("checks in all", seen.count)
    figures.figure("targets that killed workers held", len(waited))
    figures.figure(
        "longest wait after a kill / interval",
        max(waited) / INTERVAL_S,
        at_most=1,
        p50=percentile(0.5)(waited) / INTERVAL_S,
        p99=percentile(0.99)(waited) / INTERVAL_S,
    )
    figures.figure("asked twice at once", len(seen.overlaps), at_most=0)
    figures.figure("alerts in all", len(seen.posted), at_least=1)
    figures.figure("alerts told twice, by key", sum(told.values()) - len(told), at_most=0)
    figures.figure("alerts told twice, by what they say", sum(said.values()) - len(said), at_most=0)
    for name, statement in (
        ("changes of lamps that do not follow from each other", _BROKEN_CHAINS),
        ("incidents of one thing at the same time", _DOUBLED_INCIDENTS),
    ):
        figures.figure(name, line.execute(statement).fetchone()[0], at_most=0)
    for name, count in line.execute("SELECT state, count(*) FROM alerts GROUP BY state"):
        figures.figure(f"alerts that are {name}", count)


def main() -> None:
    """Kills, and proves."""
    if sys.argv[1:2] == ["--nursery"]:
        nursery(sys.argv[2])
        return
    options = arguments(__doc__ or "", kills=1_000, workers=6, targets=120, checks=3)
    compile_tree()
    before_others(-5)
    figures, port = Figures("kills"), free_port()
    with cluster() as made, witness.watching(port, delay_ms=DELAY_MS):
        url = made.make("bench")

        def base(index: int) -> str:
            place = server.endpoint(index, port)
            return place.replace("/v1", "/flaky/v1") if index % 4 == 0 else place

        seed_integrations(url, options.targets, base_url=base, active=True, interval_s=INTERVAL_S)
        asyncio.run(tell(settings_of(url), port))
        with killing(url) as run:
            began = time.time()
            _kill_all(run, options.kills, options.workers, options.checks)
            figures.figure("kills", options.kills, seconds=time.time() - began, stops=run.stops)
            seen = witness.report(port)
            report(figures, seen, run.line, waits(seen, run.held, run.halted, port))
            longest = max(waits(seen, run.halted, run.held, port), default=0)
            figures.figure("longest wait after a stop / lease", longest / LEASE_S)
    figures.print()


def _kill_all(run: Killing, kills: int, workers: int, checks: int) -> None:
    for _ in range(workers):
        run.bear()
    time.sleep(INTERVAL_S)
    for done in range(kills):
        run.wait_for(random.randint(0, 2 * checks))  # noqa: S311
        run.stop()
        run.kill()
        if done % 100 == 99:
            print(f"{done + 1} kills", file=sys.stderr, flush=True)
    if run.stopped:
        os.kill(run.stopped, signal.SIGCONT)
    time.sleep(2 * INTERVAL_S)


if __name__ == "__main__":
    main()
