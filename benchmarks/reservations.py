"""Eight processes reserve against one limit: nothing is let through too much, nothing is lost.

`python -m benchmarks.reservations [--reservations 10000] [--processes 8] [--callers 32]
[--rounds 3] [--postgres URL]`

The baseline is the bare driver's `UPDATE` of a single row of the same database, committed each
time, from as many processes and as often, in turn with what is measured. Every process is an
application with `callers` calls under way at once, as an asynchronous one has; how fast callers
are that are alone in their processes is told beside it. The limit has room for nine tenths of
what is asked in a round that is not timed; in timed ones it has room for exactly all.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.harness import Figures, compile_tree
from benchmarks.seeding import TENANT, seed_integrations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.workspace import Workspace

TOKENS = 100
"""What each reservation asks."""

POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres?connect_timeout=3"
INTEGRATION = "integration-000000"
_UPDATE = "UPDATE meters SET version = version + 1 WHERE number = 1"
_CONTEXT = multiprocessing.get_context("spawn")


class Told(NamedTuple):
    """What a child tells: when it began and ended, its processor time, and what was let through."""

    begin: float
    end: float
    cpu: float
    blocked: int = 0
    ids: Sequence[str] = ()


class Round(NamedTuple):
    """What all children did: a second on the clock, and a second of a processor; likewise."""

    rate: float
    cpu_rate: float
    blocked: int
    ids: list[str]


def bare(url: str, times: int, _callers: int, start: Any, done: Any) -> None:
    """A child: updates one row through the driver itself."""
    update = _bare_sqlite(url) if url.startswith("sqlite") else _bare_postgres(url)
    start.wait()
    begin, used = time.monotonic(), time.process_time()
    for _ in range(times):
        update()
    done.put(Told(begin, time.monotonic(), time.process_time() - used))


def _bare_sqlite(url: str) -> Callable[[], object]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=60)
    connection.execute("PRAGMA synchronous=NORMAL")
    return lambda: connection.execute(_UPDATE)


def _bare_postgres(url: str) -> Callable[[], object]:
    import psycopg

    connection = psycopg.connect(url, autocommit=True)
    return lambda: connection.execute(_UPDATE)


def reserving(url: str, times: int, callers: int, start: Any, done: Any) -> None:
    """A child: asks `times` times, so many at once, and tells what was let through."""
    asyncio.run(_reserving(url, times, callers, start, done))


async def _reserving(url: str, times: int, callers: int, start: Any, done: Any) -> None:
    from engine.settings import Settings
    from engine.workspace import Workspace

    workspace = Workspace.open(Settings(database=url))
    # Statements are built at the first use; this one has no limit and holds nothing.
    await workspace.limits.check(TENANT, "integration-000001", tokens=1)
    start.wait()
    begin, used = time.monotonic(), time.process_time()
    share = [times // callers + (index < times % callers) for index in range(callers)]
    kept = await asyncio.gather(*(_caller(workspace, count) for count in share))
    end, used = time.monotonic(), time.process_time() - used
    await workspace.aclose()
    ids = [identifier for one in kept for identifier in one if identifier]
    done.put(Told(begin, end, used, times - len(ids), ids))


async def _caller(workspace: Workspace, times: int) -> list[str | None]:
    asked = (TENANT, INTEGRATION)
    return [
        (await workspace.limits.check(*asked, tokens=TOKENS)).reservation_id for _ in range(times)
    ]


def run(child: Callable[..., None], url: str, *, total: int, processes: int, callers: int) -> Round:
    """Runs a child in each process at once."""
    start, done = _CONTEXT.Barrier(processes), _CONTEXT.Queue()
    share = [total // processes + (index < total % processes) for index in range(processes)]
    children = [
        _CONTEXT.Process(target=child, args=(url, count, callers, start, done)) for count in share
    ]
    for one in children:
        one.start()
    told: list[Told] = [done.get(timeout=300) for _ in children]
    for one in children:
        one.join()
    seconds = max(one.end for one in told) - min(one.begin for one in told)
    return Round(
        rate=total / seconds,
        cpu_rate=total / sum(one.cpu for one in told),
        blocked=sum(one.blocked for one in told),
        ids=[identifier for one in told for identifier in one.ids],
    )


def prepare(url: str, limit: int) -> None:
    """Gives one integration its limit of tokens and no other, and ends what is reserved."""
    from storage.database import Database

    database = Database.open(url)
    with database.write() as connection:
        for table in ("reservations", "usage_days", "usage_minutes"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - names of this file
        connection.exec_driver_sql(
            "UPDATE meters SET budget_limit_cents = 0, token_limit_month = 0, rate_limit_rpm = 0"
        )
        connection.exec_driver_sql(
            f"UPDATE meters SET token_limit_month = {limit} WHERE number = 1"  # noqa: S608 - a number
        )
    database.close()


def held(url: str) -> tuple[int, int]:
    """The tokens that are held, and how many reservations are open."""
    from storage.database import Database

    database = Database.open(url)
    with database.read() as connection:
        tokens = connection.exec_driver_sql(
            "SELECT CAST(coalesce(sum(held_tokens), 0) AS BIGINT) FROM usage_days"
        ).scalar_one()
        count = connection.exec_driver_sql("SELECT count(*) FROM reservations").scalar_one()
    database.close()
    return int(tokens), int(count)


def settle(url: str, ids: list[str]) -> None:
    """Ends reservations, as the records of their calls would."""
    from storage.database import Database
    from storage.limits import reservations

    database = Database.open(url)
    for first in range(0, len(ids), 1000):
        with database.write() as connection:
            reservations.settle(connection, ids[first : first + 1000])
    database.close()


def prove(figures: Figures, url: str, options: argparse.Namespace, *, room: int) -> None:
    """A round with room for so many: what was let through is exactly that, and all comes back."""
    prepare(url, room * TOKENS)
    done = run(reserving, url, **_sizes(options))
    let, blocked = len(done.ids), done.blocked
    tokens, count = held(url)
    over = max(0, tokens - room * TOKENS, let * TOKENS - room * TOKENS)
    lost = abs(let - room) + abs(let + blocked - options.reservations) + abs(count - let)
    settle(url, done.ids)
    left, still = held(url)
    kind = url.partition(":")[0]
    figures.figure(f"{kind}: tokens over the limit", over, at_most=0, let=let, blocked=blocked)
    figures.figure(f"{kind}: reservations lost", lost + still + left, at_most=0)


def _sizes(options: argparse.Namespace) -> dict[str, int]:
    return {
        "total": options.reservations,
        "processes": options.processes,
        "callers": options.callers,
    }


def add(figures: Figures, label: str, done: Round) -> None:
    """Keeps rates on the clock and by CPU."""
    figures.add(label, done.rate)
    figures.add(f"{label}, by CPU", done.cpu_rate)


def measure(figures: Figures, url: str, options: argparse.Namespace) -> None:
    """The rates of both, in turn, and the proof."""
    kind, total = url.partition(":")[0], options.reservations
    seed_integrations(url, 2)
    alone = {**_sizes(options), "callers": 1, "total": total // 5}
    for _ in range(options.rounds):
        prepare(url, total * TOKENS)
        add(figures, f"{kind} bare", run(bare, url, **_sizes(options)))
        add(figures, f"{kind} reserving", run(reserving, url, **_sizes(options)))
        assert held(url) == (total * TOKENS, total), held(url)
        prepare(url, total * TOKENS)
        add(figures, f"{kind} alone", run(reserving, url, **alone))
    prove(figures, url, options, room=total * 9 // 10)
    figures.ratio(
        f"{kind}: reservations against single-row updates",
        f"{kind} reserving",
        f"{kind} bare",
        at_least=0.3,
    )
    figures.ratio(f"{kind}: likewise, each caller alone", f"{kind} alone", f"{kind} bare")
    for way in ("reserving", "alone"):
        label = f"{kind}: {way} against bare, by CPU"
        figures.ratio(label, f"{kind} {way}, by CPU", f"{kind} bare, by CPU")


def on_postgres(figures: Figures, server: str, options: argparse.Namespace) -> None:
    """The same in a schema of its own, where the server answers."""
    import psycopg

    from storage.database import upgrade

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS bench_reservations CASCADE")
        connection.execute("CREATE SCHEMA bench_reservations")
        url = f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3Dbench_reservations"
        try:
            upgrade(url)
            measure(figures, url, options)
        finally:
            connection.execute("DROP SCHEMA bench_reservations CASCADE")


def main() -> None:
    """Measures both kinds of database and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("reservations", 10_000), ("processes", 8), ("callers", 32)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", default=POSTGRES)
    options = parser.parse_args()
    compile_tree()
    figures = Figures("reservations")
    with tempfile.TemporaryDirectory(prefix="bench-reservations-") as folder:
        measure(figures, f"sqlite:///{Path(folder) / 'board.db'}", options)
    if options.postgres:
        try:
            import psycopg

            psycopg.connect(options.postgres).close()
        except psycopg.OperationalError:
            print("PostgreSQL does not answer; it is left out.", file=sys.stderr)
        else:
            on_postgres(figures, options.postgres, options)
    figures.print()


if __name__ == "__main__":
    main()
