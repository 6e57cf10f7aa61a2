"""Recording a million calls with all that they are summed up to, against the bare fact table.

`python -m benchmarks.ingest [sqlite|postgres|keys] [--records 1000000] [--rounds 3] [--keys 300]`

The baseline is `sqlite3`'s own `executemany` of ready tuples into the same table with the same
indexes and nothing else, committed as often and with the same page cache, and once more all in
one transaction; on PostgreSQL it is `COPY`. Making records and tuples is not timed; checking,
looking up, numbering and summing up is. Each way is a child of its own on a database of its own.
`keys` is the dashboard's list of 10,000 integrations while a child records without a pause.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import ingest_log, keys
from benchmarks.harness import ROOT, Figures, child_environment, compile_tree, percentile
from benchmarks.ingest_log import Log
from benchmarks.seeding import seed_integrations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storage.usage.rows import Fact

KINDS = ("sqlite", "postgres", "keys")
POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres?connect_timeout=3"
ORDERS = ("time", "random")


def timed(batches: Iterator[Any], write: Callable[[Any], None]) -> dict[str, float]:
    """Seconds of the writing alone, on the clock and of this process.

    The collector passes by what was there before, as the command line has it.
    """
    wall = cpu = 0.0
    gc.freeze()
    for batch in batches:
        began, used = time.perf_counter(), time.process_time()
        write(batch)
        wall += time.perf_counter() - began
        cpu += time.process_time() - used
    return {"wall": wall, "cpu": cpu}


def raw_sqlite(path: Path, log: Log, *, at_once: bool) -> dict[str, float]:
    """`executemany` into the fact table of our own schema, and nothing else."""
    from storage.usage.rows import FACT_COLUMNS

    raw = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-32768"):
        raw.execute(f"PRAGMA {pragma}")
    marks = ", ".join("?" * len(FACT_COLUMNS))
    put = f"INSERT INTO usage ({', '.join(FACT_COLUMNS)}) VALUES ({marks})"  # noqa: S608

    def write(facts: list[Fact]) -> None:
        if not raw.in_transaction:
            raw.execute("BEGIN IMMEDIATE")
        raw.executemany(put, facts)
        if not at_once:
            raw.execute("COMMIT")

    taken = timed(log.facts(), write)
    began = time.perf_counter()
    if at_once:
        raw.execute("COMMIT")
    taken["wall"] += time.perf_counter() - began
    raw.close()
    return taken


def raw_postgres(url: str, log: Log) -> dict[str, float]:
    """`COPY` into the fact table of our own schema, and nothing else."""
    import psycopg

    from storage.usage.rows import FACT_COLUMNS

    with psycopg.connect(url) as raw:

        def write(facts: list[Fact]) -> None:
            copying = f"COPY usage ({', '.join(FACT_COLUMNS)}) FROM STDIN"
            with raw.cursor() as cursor, cursor.copy(copying) as copy:
                for fact in facts:
                    copy.write_row(fact)
            raw.commit()

        return timed(log.facts(), write)


def recorded(url: str, log: Log) -> dict[str, float]:
    """The product's own way: a recorder, and a transaction for each batch."""
    from engine.clock import SystemClock
    from engine.usage.recording import Recorder
    from storage.database import Database

    database = Database.open(url)
    recorder = Recorder(ingest_log.TENANT, origin="jsonl", clock=SystemClock())
    done = []

    def write(records: Any) -> None:
        with database.write() as connection:
            done.append(recorder.record(connection, records).new)

    taken = timed(log.records(), write)
    database.close()
    assert sum(done) == log.count, done
    return taken


def inner(options: argparse.Namespace) -> None:
    """What a child does: one way, once, on a new database; endlessly for `keys`."""
    log = Log(count=options.records, order=options.order, priced=options.way == "priced")
    if options.way == "endless":
        while True:
            recorded(options.url, Log(count=log.count, salt=time.time_ns()))
    ingest_log.prepare(options.url)
    path = Path(options.url.removeprefix("sqlite:///"))
    if options.way in {"ours", "priced"}:
        taken = recorded(options.url, log)
    elif options.url.startswith("sqlite"):
        taken = raw_sqlite(path, log, at_once=options.way == "at once")
    else:
        taken = raw_postgres(options.url, log)
    size = path.stat().st_size if path.exists() else 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**taken, "peak_mib": peak, "bytes": size}))


def command(way: str, url: str, records: int, order: str = "time") -> list[str]:
    """How a child is started."""
    said = ("--way", way, "--url", url, "--records", str(records), "--order", order)
    return [sys.executable, "-m", "benchmarks.ingest", *said]


def child(way: str, url: str, records: int, order: str = "time") -> dict[str, float]:
    """Runs this file in a process of its own and reads its one JSON line."""
    done = subprocess.run(
        command(way, url, records, order),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=child_environment(),
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def add(figures: Figures, label: str, count: int, taken: dict[str, float]) -> None:
    """Keeps rates on the clock and by CPU, and what else a child told."""
    figures.add(label, count / taken["wall"])
    figures.add(f"{label}, by CPU", count / taken["cpu"])
    figures.add(f"memory of {label}", taken["peak_mib"])
    figures.add(f"bytes of {label}", taken["bytes"] / count)


def sqlite_rounds(figures: Figures, options: argparse.Namespace) -> None:
    """Every way once a round, each in a file of its own."""
    count = options.records
    ways = [("raw", "time"), ("at once", "time"), ("priced", "time")]
    ways += [("ours", order) for order in ORDERS]
    for _ in range(options.rounds):
        for way, order in ways:
            with tempfile.TemporaryDirectory() as folder:
                url = f"sqlite:///{folder}/ingest.db"
                add(figures, f"{way} {order}", count, child(way, url, count, order))
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/ingest.db"
            add(figures, "a quarter", count // 4, child("ours", url, count // 4))


def sqlite_report(figures: Figures) -> None:
    """The ratios that are promised, and what explains them."""
    for order, least in (("time", 0.5), ("random", 0.3)):
        label = f"recorded in {order} order / raw executemany"
        figures.ratio(label, f"ours {order}", "raw time", at_least=least)
        figures.ratio(
            f"{label}, by CPU", f"ours {order}, by CPU", "raw time, by CPU", at_least=least
        )
    figures.ratio(
        "recorded in time order / raw executemany in one transaction", "ours time", "at once time"
    )
    figures.ratio("priced by us / with their own cost", "priced time", "ours time")
    figures.ratio(
        "memory at all records / at a quarter",
        "memory of ours time",
        "memory of a quarter",
        at_most=1.2,
    )
    figures.figure(
        "bytes a call on disk, all indexes and sums with it",
        max(figures.samples["bytes of ours random"]),
        at_most=200,
    )


def postgres_rounds(figures: Figures, options: argparse.Namespace) -> None:
    """Every way once a round, each in a schema of its own."""
    for _ in range(options.rounds):
        for way, order in (("raw", "time"), *(("ours", order) for order in ORDERS)):
            with ingest_log.schema(POSTGRES) as url:
                taken = child(way, url, options.records, order)
            add(figures, f"{way} {order}", options.records, taken)
    for order in ORDERS:
        figures.ratio(
            f"PostgreSQL: recorded in {order} order / raw COPY",
            f"ours {order}",
            "raw time",
            at_least=0.4 if order == "time" else None,
        )


@contextmanager
def recording(url: str) -> Iterator[None]:
    """A child that records without a pause, past its start."""
    import signal

    busy = subprocess.Popen(
        command("endless", url, 200_000),
        cwd=ROOT,
        env=child_environment(),
        start_new_session=True,
    )
    try:
        time.sleep(3.0)
        assert busy.poll() is None, "the recording child ended"
        yield
    finally:
        busy.send_signal(signal.SIGKILL)
        busy.wait()


def keys_rounds(figures: Figures, options: argparse.Namespace) -> None:
    """The list at rest and meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ingest.db"
        seed_integrations(url, 10_000)
        ingest_log.prepare(url)
        for _ in range(options.rounds):
            keys.measure(figures, url, "at rest", options.keys)
            with recording(url):
                keys.measure(figures, url, "meanwhile", options.keys)
    for kind in keys.WALKS:
        for share in (0.5, 0.99):
            figures.ratio(
                f"{kind} keys while calls are recorded / at rest, p{share * 100:.0f}",
                f"{kind} meanwhile",
                f"{kind} at rest",
                at_most=1.3,
                of=percentile(share),
            )


def main() -> None:
    """Takes the rounds in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", nargs="?", choices=KINDS, default=KINDS[0])
    for name, value in (("records", 1_000_000), ("rounds", 3), ("keys", 300)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--order", choices=ORDERS, default="time")
    for name in ("way", "url"):
        parser.add_argument(f"--{name}")
    options = parser.parse_args()
    if options.way:
        inner(options)
        return
    compile_tree()
    figures = Figures(f"ingest {options.kind}")
    if options.kind == "sqlite":
        sqlite_rounds(figures, options)
        sqlite_report(figures)
    elif options.kind == "postgres":
        postgres_rounds(figures, options)
    else:
        keys_rounds(figures, options)
    figures.print()


if __name__ == "__main__":
    main()
