"""A template's run, every cap on, against the bare driver on an open connection.

`python -m benchmarks.gateway [--rounds 200] [--postgres URL]`

A run brings 1,000 rows of 8 columns (numbers, texts, a time, a truth, a decimal) that are chosen
by a bound value. The baseline is the same statement on a connection of the driver's own, kept
open, all rows fetched at once: no transaction, no timeout, no caps, no reset. Both are in this
process and take turns. Then a query of a billion rows: how long after its timeout it has ended,
and how much memory it took. What has no server here is left out, and said so.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.harness import Figures, compile_tree
from engine.gateway import (
    ParameterSpec,
    ParameterType,
    QueryTemplate,
    SqlGatewayConfig,
    SqlGatewayService,
)
from engine.gateway.errors import SqlGatewayError
from engine.gateway.executing import Plan, driver_of_string

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from engine.gateway.executing.pool import PooledDriver

ROWS = 1_000
AT_MOST = 1.5
SQL = "SELECT id, name, kind, amount, made, flag, token, price FROM {0}bench WHERE id >= :low"
POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres?connect_timeout=3"
TIMEOUT_S = 1.0
_WARM = 10


class Side(NamedTuple):
    """One database: its URL, what the bare driver does, and queries without an end.

    Attributes:
        name: What it is called.
        url: Its connection string.
        bare: Fetches the rows.
        billion: A query of so many rows.
        prefix: Where the table is.
    """

    name: str
    url: str
    bare: Callable[[], object]
    billion: str
    prefix: str = ""


@contextmanager
def postgres(url: str) -> Iterator[Side]:
    """The machine's PostgreSQL, with a schema of the benchmark's own."""
    import psycopg

    schema = f"bench_{uuid.uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        connection.execute(
            f"CREATE TABLE {schema}.bench AS SELECT i AS id, 'name ' || i AS name,"  # noqa: S608
            " (i % 7)::smallint AS kind, i * 1.5::float8 AS amount,"
            " now() + i * interval '1 second' AS made, i % 2 = 0 AS flag, md5(i::text) AS token,"
            f" (i * 1.25)::numeric(12, 2) AS price FROM generate_series(1, {ROWS}) AS g (i)"
        )
        bare = SQL.format(f"{schema}.").replace(":low", "%s")
        yield Side(
            "PostgreSQL",
            url.partition("?")[0],
            lambda: connection.execute(bare, [0]).fetchall(),
            "SELECT i FROM generate_series(1, 1000000000) AS g (i)",
            f"{schema}.",
        )
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


@contextmanager
def mariadb() -> Iterator[Side]:
    """A MariaDB of the tests' own."""
    import pymysql

    from tests.servers.certificates import Authority
    from tests.servers.mariadb import mariadb_server

    folder = Path(tempfile.mkdtemp())
    table = (
        "CREATE TABLE bench.bench AS SELECT CAST(seq AS INT) AS id, CONCAT('name ', seq) AS name,"
        " CAST(seq % 7 AS INT) AS kind, seq * 1.5e0 AS amount,"
        " TIMESTAMP '2026-11-21 12:00:00' + INTERVAL seq SECOND AS made, seq % 2 = 0 AS flag,"
        " MD5(seq) AS token, CAST(seq * 1.25 AS DECIMAL(12, 2)) AS price FROM bench.seq_1_to_1000"
    )
    leaf = Authority.make("authority").leaf(folder)
    with mariadb_server(leaf, "CREATE DATABASE bench", table) as port:
        connection = pymysql.connect(
            host="127.0.0.1", port=port, user="root", database="bench", charset="utf8mb4"
        )
        statement = SQL.format("").replace(":low", "%s")

        def bare() -> object:
            with connection.cursor() as cursor:
                cursor.execute(statement, [0])
                return cursor.fetchall()

        yield Side(
            "MariaDB",
            f"mysql://root@127.0.0.1:{port}/bench",
            bare,
            "SELECT seq FROM bench.seq_1_to_1000000000 LIMIT 1000000000",
        )
        connection.close()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def sqlite(folder: Path) -> Iterator[Side]:
    """A file of SQLite's."""
    path = folder / "bench.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bench (id, name, kind, amount, made, flag, token, price)")
    connection.executemany(
        "INSERT INTO bench VALUES (?, ?, ?, ?, '2026-11-21 12:00:00', ?, ?, ?)",
        [
            (i, f"name {i}", i % 7, i * 1.5, i % 2, uuid.UUID(int=i).hex, i * 1.25)
            for i in range(ROWS)
        ],
    )
    connection.commit()
    statement = SQL.format("").replace(":low", "?")
    yield Side(
        "SQLite",
        f"sqlite:///{path}",
        lambda: connection.execute(statement, [0]).fetchall(),
        "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 1000000000)"
        " SELECT n FROM r ORDER BY n % 1000",
    )
    connection.close()


@contextmanager
def duckdb(folder: Path) -> Iterator[Side]:
    """A file of DuckDB's."""
    import duckdb as driver

    path = folder / "bench.duckdb"
    with driver.connect(str(path)) as made:
        made.execute(
            "CREATE TABLE bench AS SELECT i::INTEGER AS id, 'name ' || i AS name,"
            " (i % 7)::SMALLINT AS kind, i * 1.5::DOUBLE AS amount,"
            " TIMESTAMP '2026-11-21' + i * INTERVAL 1 SECOND AS made, i % 2 = 0 AS flag,"
            " md5(i::VARCHAR) AS token, (i * 1.25)::DECIMAL(12, 2) AS price"
            " FROM range(?) AS r (i)",
            [ROWS],
        )
    connection = driver.connect(str(path), read_only=True)
    statement = SQL.format("").replace(":low", "?")
    yield Side(
        "DuckDB",
        f"duckdb:///{path}",
        lambda: connection.execute(statement, [0]).fetchall(),
        "SELECT i FROM range(1000000000) r (i) ORDER BY hash(i)",
    )
    connection.close()


def service_of(side: Side, driver: PooledDriver) -> SqlGatewayService:
    """What callers in code use: a registry of one template, judged and versioned."""
    low = ParameterSpec("low", ParameterType.INTEGER, min_value=0)
    template = QueryTemplate("rows", "rows", "", SQL.format(side.prefix), (low,))
    config = SqlGatewayConfig("bench", "bench", None, frozenset({"rows"}))
    return SqlGatewayService(config, {"rows": template}, None, driver)  # type: ignore[arg-type]


async def measure(figures: Figures, side: Side, rounds: int) -> None:
    """Take turns, and then see how a query without an end ends."""
    driver = driver_of_string(side.url)
    service = service_of(side, driver)
    plan = Plan(template_id="rows", version=1, sql=SQL.format(side.prefix), values={"low": 0})
    ways: dict[str, Callable[[], Awaitable[object]]] = {
        "bare": in_a_task(side.bare),
        "driver": lambda: driver.run(plan),
        "service": lambda: service.execute("rows", {"low": 0}),
    }
    names = {kind: f"{side.name} {kind}" for kind in ways}
    order = list(ways)
    for turn in range(-_WARM, rounds):
        # Each comes after each other one as often: the caches are as that has left them.
        order = order[1:] + order[:1] if turn % 2 else order[::-1]
        for kind in order:
            begin = time.perf_counter()
            await ways[kind]()
            if turn >= 0:
                figures.add(names[kind], (time.perf_counter() - begin) * 1000)
    result = await driver.run(plan)
    assert (result.row_count, result.truncated) == (ROWS, False)
    figures.ratio(
        f"{side.name}: a run against the bare driver", names["driver"], names["bare"],
        at_most=AT_MOST,
    )  # fmt: skip
    figures.ratio(
        f"{side.name}: the same through the service", names["service"], names["bare"],
        at_most=AT_MOST,
    )  # fmt: skip
    await endless(figures, side, driver)
    await driver.close()


def in_a_task(work: Callable[[], object]) -> Callable[[], Awaitable[object]]:
    """What blocks, awaited like the others."""

    async def do() -> object:
        return work()

    return do


async def endless(figures: Figures, side: Side, driver: PooledDriver) -> None:
    """A billion rows: ended within a second of the timeout, at 64 MiB more."""
    with peak_memory() as peak:
        begin = time.perf_counter()
        with suppress(SqlGatewayError):
            await driver.run(
                Plan(template_id="x", version=1, sql=side.billion, timeout_seconds=TIMEOUT_S)
            )
        took = time.perf_counter() - begin
    late = max(0.0, took - TIMEOUT_S)
    figures.figure(f"{side.name}: a billion rows, seconds beyond the timeout", late, at_most=1.0)
    figures.figure(f"{side.name}: a billion rows, MiB more", peak(), at_most=64)


@contextmanager
def peak_memory() -> Iterator[Callable[[], float]]:
    """Watch how much memory the process has; yields what tells how much more it was, in MiB."""
    done, most = threading.Event(), resident()
    start = most

    def watch() -> None:
        nonlocal most
        while not done.wait(0.002):
            most = max(most, resident())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield lambda: (most - start) / 2**20
    done.set()
    watcher.join()


def resident() -> int:
    """Bytes that the process has in memory (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def sides(folder: Path, url: str) -> Iterator[Any]:
    """Each database that is here."""
    yield sqlite(folder)
    yield duckdb(folder)
    if answers(url):
        yield postgres(url)
    else:
        print("left out: PostgreSQL does not answer", file=sys.stderr)
    if shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin:/usr/bin"):
        yield mariadb()
    else:
        print("left out: MariaDB is not installed", file=sys.stderr)


def answers(url: str) -> bool:
    """Whether there is a PostgreSQL at that URL."""
    import psycopg

    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def main() -> None:
    """Measures each database that is here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--postgres", default=POSTGRES)
    given = parser.parse_args()
    compile_tree()
    figures = Figures("gateway")
    with tempfile.TemporaryDirectory() as folder:
        for opened in sides(Path(folder), given.postgres):
            with opened as side:
                asyncio.run(measure(figures, side, given.rounds))
    figures.print()


if __name__ == "__main__":
    main()
