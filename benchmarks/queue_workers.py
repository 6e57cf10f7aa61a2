"""One worker of each engine that can share checks: a process of `benchmarks.shared_queue`.

`python -m benchmarks.queue_workers ENGINE --url URL [--seconds S] [--shards N] [--in-flight N]`

All three claim the same targets, check them with the monitor's own code and record them with the
same statements; they differ in who gives the work out. `leases` is the monitor itself, `jobs` has
a Procrastinate job for each target, `batches` one for each shard of targets: it checks what is
due there within the next second and is deferred anew. Without `--seconds` it ends when nothing is
due. The last line on stdout tells the CPU seconds, and how late each check began.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import resource
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy import Connection

    from engine.monitor.errands import Claimed
    from engine.workspace import Workspace
    from storage.health import CheckRow

BEAT_S, STALLED_S = 1.0, 3.0
"""Procrastinate's heartbeat and its limit, as short as is sensible (by default 10 and 30 s)."""

POLL_S = 0.1
"""How often its workers look for jobs whose time has come: nothing wakes them for these (5 s)."""

AHEAD_S = 1.0
"""How far ahead of its time a target is taken, by the monitor as by a job of a shard."""


class Late:
    """When checks were due and how many milliseconds later they began; from the real checker."""

    def __init__(self) -> None:
        from engine.monitor.checking import Checker

        self.told: list[tuple[float, float]] = []
        check = Checker.check

        async def noted(checker: Checker, work: Claimed) -> object:
            due = work.target.due_at
            if due is not None:
                late = (datetime.now(UTC) - due).total_seconds() * 1000
                self.told.append((due.timestamp(), late))
            return await check(checker, work)

        Checker.check = noted  # type: ignore[assignment,method-assign]


class Sharing:
    """What tasks of Procrastinate need of the product: read targets, check them, record them."""

    def __init__(self, workspace: Workspace, in_flight: int) -> None:
        from engine.health.recorder import Recorder
        from engine.monitor.checking import Checker
        from engine.monitor.limits import MonitorLimits
        from engine.monitor.network import Network

        self.workspace = workspace
        self.slots = asyncio.Semaphore(in_flight)
        limits = MonitorLimits.of(workspace.settings)
        self.checker = Checker(workspace.tools, Network(), workspace.clock, limits)
        self.recorder = Recorder(workspace, workspace.credentials.core.accesses)

    async def claimed(self, where: str, **values: object) -> list[Claimed]:
        """Targets with what their checks need; the condition is one of this file."""
        return await self.workspace.read(partial(self._claimed, where, values))

    def _claimed(
        self, where: str, values: dict[str, object], connection: Connection
    ) -> list[Claimed]:
        from sqlalchemy import select, text

        from engine.health import things
        from engine.monitor.errands import Claimed
        from storage.health import TargetRow
        from storage.health.lamps import TARGET_COLUMNS
        from storage.rows import build_all

        found = connection.execute(select(*TARGET_COLUMNS).where(text(where)), values)
        rows = build_all(TargetRow, found)
        core = self.workspace.credentials.core
        ready = things.read(connection, core, rows)
        return [Claimed(ready[row.number], 0.0, float("inf")) for row in rows]

    async def check(self, work: Claimed) -> CheckRow:
        """Checks one target when it is due."""
        assert work.target.due_at is not None
        wait_s = (work.target.due_at - datetime.now(UTC)).total_seconds()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        async with self.slots:
            return await self.checker.check(work)  # type: ignore[return-value]

    async def record(self, rows: list[CheckRow]) -> None:
        """Writes the results of a batch in one transaction."""
        await self.workspace.write(partial(_record, rows))


def _record(rows: list[CheckRow], connection: Connection) -> None:
    from engine.health.rules import STATUS_CHANGES
    from storage.health import HealthDriver

    HealthDriver(connection).record(rows, statuses=STATUS_CHANGES)


def application(url: str) -> Any:
    """Procrastinate on a database, with the job that brings back what a dead worker held."""
    import procrastinate

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, max_size=8))

    @app.periodic(cron="* * * * * */1")
    @app.task(queueing_lock="stalled", pass_context=True)
    async def revive(context: Any, timestamp: int) -> None:  # noqa: ARG001 - what it is called with
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
            await manager.retry_job(job)

    return app


def add_tasks(app: Any, sharing: Sharing | None, shards: int) -> tuple[Any, Any]:
    """Declares the task of a target and the task of a shard."""

    @app.task(name="check_target", retry=True)
    async def check_target(number: int) -> None:
        assert sharing is not None
        (work,) = await sharing.claimed("number = :number", number=number)
        row = await sharing.check(work)
        await sharing.recorder.record(row)
        await defer(check_target, f"target-{number}", row.next_due_at, number=number)

    @app.task(name="check_shard", retry=True)
    async def check_shard(shard: int) -> None:
        assert sharing is not None
        now = datetime.now(UTC)
        by = int((now + timedelta(seconds=AHEAD_S)).timestamp() * 1000)
        due = await sharing.claimed(
            "number % :shards = :shard AND active AND due_at <= :by",
            shards=shards,
            shard=shard,
            by=by,
        )
        if due:
            rows = await asyncio.gather(*(sharing.check(work) for work in due))
            await sharing.record(list(rows))
        at = await sharing.workspace.read(partial(next_due, shards, shard))
        await defer(check_shard, f"shard-{shard}", at - timedelta(seconds=AHEAD_S), shard=shard)

    return check_target, check_shard


def next_due(shards: int, shard: int, connection: Connection) -> datetime:
    """When the next target of a shard is due."""
    from sqlalchemy import text

    statement = text("SELECT min(due_at) FROM targets WHERE active AND number % :shards = :shard")
    millis = connection.execute(statement, {"shards": shards, "shard": shard}).scalar_one()
    return datetime.fromtimestamp(millis / 1000, UTC)


async def defer(task: Any, lock: str, at: datetime | None, **arguments: int) -> None:
    """Puts a job into the queue for a moment; one of its kind may wait and one may run."""
    from procrastinate.exceptions import AlreadyEnqueued

    deferrer = task.configure(lock=lock, queueing_lock=lock, schedule_at=at)
    with contextlib.suppress(AlreadyEnqueued):
        await deferrer.defer_async(**arguments)


async def fill(url: str, engine: str, numbers: list[int], shards: int) -> None:
    """Puts the first job of every target or shard into an empty queue."""
    app = application(url)
    check_target, check_shard = add_tasks(app, None, shards)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        of_shards = engine == "batches"
        for number in range(shards) if of_shards else numbers:
            task, name = (check_shard, "shard") if of_shards else (check_target, "target")
            await defer(task, f"{name}-{number}", None, **{name if of_shards else "number": number})


async def by_jobs(workspace: Workspace, options: argparse.Namespace) -> None:
    """A worker of Procrastinate."""
    app = application(options.url)
    add_tasks(app, Sharing(workspace, options.in_flight), options.shards)
    async with app.open_async():
        working = app.run_worker_async(
            wait=bool(options.seconds),
            concurrency=options.shards if options.engine == "batches" else options.in_flight,
            fetch_job_polling_interval=POLL_S,
            update_heartbeat_interval=BEAT_S,
            stalled_worker_timeout=STALLED_S,
            delete_jobs="successful",
            install_signal_handlers=False,
        )
        await _for(working, options.seconds)


async def by_leases(workspace: Workspace, options: argparse.Namespace) -> None:
    """The monitor."""
    from engine.monitor import run_monitor

    stop = asyncio.Event()
    pace = 0 if options.seconds == 0 else None
    running = asyncio.create_task(
        run_monitor(
            workspace,
            once=options.seconds == 0,
            stop=stop,
            per_minute=pace,
            in_flight=options.in_flight,
            per_technology=options.in_flight,
        )
    )
    if options.seconds:
        await asyncio.wait({running}, timeout=options.seconds)
        stop.set()
    await running


async def _for(working: Awaitable[None], seconds: float) -> None:
    task = asyncio.ensure_future(working)
    if seconds:
        await asyncio.wait({task}, timeout=seconds)
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def work(options: argparse.Namespace) -> dict[str, object]:
    """Works, and gives what is to be told of it."""
    from engine.settings import Settings
    from engine.workspace import Workspace

    late = Late()
    settings = Settings(database=options.url, in_flight=options.in_flight, deadline_s=3.0)
    workspace = Workspace.open(settings)
    way: Callable[..., Awaitable[None]] = by_leases if options.engine == "leases" else by_jobs
    began = time.process_time()
    await way(workspace, options)
    cpu_s = time.process_time() - began
    await workspace.aclose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu_s": cpu_s, "late": late.told, "peak_mib": peak}


def main() -> None:
    """Reads the options and works."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=("leases", "jobs", "batches"))
    parser.add_argument("--url", required=True)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--shards", type=int, default=16)
    parser.add_argument("--in-flight", type=int, default=200)
    logging.disable(logging.ERROR)
    print(json.dumps(asyncio.run(work(parser.parse_args()))))


if __name__ == "__main__":
    main()
