"""Appending to a ledger and proving it, against the bare table and against hashing alone.

`python -m benchmarks.ledger [sqlite|postgres] [--records 1000000] [--singles 2000] [--rounds 3]`

The baseline of appending is the driver's own insertion of ready rows into the same table with the
same indexes, without triggers and digests, committed as often and as durably (`synchronous=FULL`,
or PostgreSQL's own commit). That of proving is SHA-256 over the same bodies, in memory, one after
the other. Making candidates is not timed; validating, writing down, chaining and the look at the
last record are. Each way is a child of its own on a database of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from benchmarks import ingest_log
from benchmarks.harness import ROOT, Figures, child_environment, compile_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.prevention import PreventionCandidate
    from engine.workspace import Workspace

KINDS = ("sqlite", "postgres")
POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres?connect_timeout=3"
BATCH = 1_000
TENANT = "bench"
_MARKS = {"sqlite": "(?, ?, ?, ?)", "postgres": "(%s, %s, %s, %s)"}
_PUT = "INSERT INTO prevention_records (tenant_id, seq, digest, body) VALUES "
_COPY = "COPY prevention_records (tenant_id, seq, digest, body) FROM STDIN (FORMAT BINARY)"


def candidates(first: int, count: int) -> list[PreventionCandidate]:
    """What policies blocked: seven policies, fifty patterns, one drill in ten."""
    from engine.prevention import PreventionCandidate

    return [
        PreventionCandidate(
            policy_id=f"policy-{place % 7}",
            pattern_id=f"pattern-{place % 50}",
            tenant_id=TENANT,
            blocked_incident_id=f"inc-{place:09d}",
            original_incident_id=f"inc-{place // 100:09d}",
            signature_match_confidence=0.6 + place % 40 / 100,
            policy_mode="active",
            pattern_signature=f"sha256:{place % 50:064x}",
            request_signature=f"sha256:{place:064x}",
            incident_created=False,
            is_simulated=place % 10 == 0,
        )
        for place in range(first, first + count)
    ]


class Timed:
    """Seconds of some spans alone, on the clock and of this process."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0
        gc.freeze()

    def __enter__(self) -> None:
        self._began, self._used = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter() - self._began
        self.cpu += time.process_time() - self._used


def workspace(url: str) -> Workspace:
    """The product on a database."""
    from engine.settings import Settings
    from engine.workspace import Workspace

    return Workspace.open(Settings(database=url, operator="bench"))


async def ours(url: str, records: int, batch: int) -> Timed:
    """The facade's own way, a transaction for each batch."""
    opened, timed = workspace(url), Timed()
    for first in range(0, records, batch):
        made = candidates(first, min(batch, records - first))
        with timed:
            if batch == 1:
                await opened.prevention.record(TENANT, made[0])
            else:
                await opened.prevention.record_many(TENANT, made)
    await opened.aclose()
    return timed


def rows(records: int, batch: int) -> Iterator[list[tuple[str, int, bytes, str]]]:
    """Ready rows, as they would be appended."""
    from engine.prevention.ledger import prepare

    for first in range(0, records, batch):
        pieces = prepare(TENANT, candidates(first, min(batch, records - first))).pieces
        yield [
            (TENANT, seq, seq.to_bytes(32), f"{a}1{b}{seq:064x}{c}{seq}{d}")
            for seq, (a, b, c, d) in enumerate(pieces, first + 1)
        ]


def bare_sqlite(url: str, records: int, batch: int) -> Timed:
    """`sqlite3`'s own `executemany`."""
    import sqlite3

    from storage.tables.guards import TRIGGERS

    raw = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-8192"):
        raw.execute(f"PRAGMA {pragma}")
    for one in TRIGGERS["sqlite"]:
        raw.execute(f"DROP TRIGGER {one.name}")
    timed, put = Timed(), _PUT + _MARKS["sqlite"]
    for ready in rows(records, batch):
        with timed:
            raw.execute("BEGIN IMMEDIATE")
            raw.executemany(put, ready)
            raw.execute("COMMIT")
    raw.close()
    return timed


def bare_postgres(url: str, records: int, batch: int) -> Timed:
    """`COPY` of a batch, `INSERT` of a single record."""
    import psycopg

    from storage.tables.guards import TRIGGERS

    timed, put = Timed(), _PUT + _MARKS["postgres"]
    with psycopg.connect(url) as raw:
        for one in TRIGGERS["postgresql"]:
            raw.execute(f"DROP TRIGGER {one.name} ON {one.table}")  # type: ignore[arg-type]
        raw.commit()

        def write(ready: list[Any]) -> None:
            with raw.cursor() as cursor:
                if len(ready) == 1:
                    cursor.execute(put, ready[0])  # type: ignore[arg-type]
                else:
                    with cursor.copy(_COPY) as copy:
                        copy.set_types(("text", "int8", "bytea", "text"))
                        for row in ready:
                            copy.write_row(row)
            raw.commit()

        for ready in rows(records, batch):
            with timed:
                write(ready)
    return timed


async def verified(url: str, records: int) -> Timed:
    """The facade's verification of the whole ledger."""
    opened, timed = workspace(url), Timed()
    with timed:
        found = await opened.prevention.verify(TENANT)
    await opened.aclose()
    assert (found.ok, found.verified) == (True, records), found
    return timed


def hashed(url: str) -> Timed:
    """SHA-256 over the same bodies and nothing else; they are read before, a part at a time."""
    from storage.prevention import LedgerDriver

    opened, timed, after = workspace(url), Timed(), 0
    with opened.database.read() as connection:
        driver = LedgerDriver(connection)
        while part := driver.links(TENANT, after, 50_000):
            after = part[-1][0]
            bodies = [body for _, _, body in part]
            with timed:
                for body in bodies:
                    sha256(body).digest()
    opened.database.close()
    return timed


def inner(options: argparse.Namespace) -> None:
    """What a child does: one way, once."""
    bare = bare_sqlite if options.url.startswith("sqlite") else bare_postgres
    match options.way:
        case "ours":
            timed = asyncio.run(ours(options.url, options.records, options.batch))
        case "bare":
            timed = bare(options.url, options.records, options.batch)
        case "verified":
            timed = asyncio.run(verified(options.url, options.records))
        case _:
            timed = hashed(options.url)
    print(json.dumps({"wall": timed.wall, "cpu": timed.cpu}))


def child(way: str, url: str, records: int, batch: int = BATCH) -> dict[str, float]:
    """Runs this file in a process of its own and reads its one JSON line."""
    said = ("--way", way, "--url", url, "--records", str(records), "--batch", str(batch))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ledger", *said],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=child_environment(),
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def add(figures: Figures, label: str, count: int, taken: dict[str, float]) -> None:
    """Keeps rates on the clock and by CPU."""
    figures.add(label, count / taken["wall"])
    figures.add(f"{label}, by CPU", count / taken["cpu"])


def fresh(kind: str, stack: ExitStack) -> str:
    """The URL of a new database with our schema, gone when the stack ends."""
    from storage.database import upgrade

    if kind == "sqlite":
        url = f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory())}/ledger.db"
    else:
        url = stack.enter_context(ingest_log.schema(POSTGRES))
    upgrade(url)
    return url


def round_(figures: Figures, options: argparse.Namespace) -> None:
    """Every way once; the records that ours appended are then proved, and their bodies hashed."""
    for way in ("bare", "ours"):
        with ExitStack() as stack:
            url = fresh(options.kind, stack)
            taken = child(way, url, options.singles, batch=1)
            add(figures, f"{way} one by one", options.singles, taken)
    with ExitStack() as stack:
        url = fresh(options.kind, stack)
        add(figures, "bare in batches", options.records, child("bare", url, options.records))
    with ExitStack() as stack:
        url = fresh(options.kind, stack)
        add(figures, "ours in batches", options.records, child("ours", url, options.records))
        for _ in range(options.proofs):
            for way in ("hashed", "verified"):
                add(figures, way, options.records, child(way, url, options.records))


def report(figures: Figures, kind: str) -> None:
    """The ratios that are promised, and what explains them."""
    for how in ("in batches", "one by one"):
        label = f"{kind}: appended {how} / into the bare table"
        figures.ratio(label, f"ours {how}", f"bare {how}", at_least=0.5)
        figures.ratio(f"{label}, by CPU", f"ours {how}, by CPU", f"bare {how}, by CPU")
    least = 0.3 if kind == "sqlite" else None
    label = f"{kind}: verified / the same bodies hashed alone"
    figures.ratio(label, "verified", "hashed", at_least=least)
    figures.ratio(f"{label}, by CPU", "verified, by CPU", "hashed, by CPU")


def main() -> None:
    """Takes the rounds in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", nargs="?", choices=KINDS, default=KINDS[0])
    numbers = {"records": 1_000_000, "singles": 2_000, "rounds": 3, "proofs": 1, "batch": BATCH}
    for name, value in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    for name in ("way", "url"):
        parser.add_argument(f"--{name}")
    options = parser.parse_args()
    if options.way:
        inner(options)
        return
    compile_tree()
    figures = Figures(f"ledger {options.kind}")
    for _ in range(options.rounds):
        round_(figures, options)
    report(figures, options.kind)
    figures.print()


if __name__ == "__main__":
    main()
