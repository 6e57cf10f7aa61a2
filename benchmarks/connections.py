"""What a real test costs beside the bare driver: one source, and a thousand of mixed types.

`python -m benchmarks.connections [--rounds 60] [--sources 1000]`

One: `test_connection` of a stored PostgreSQL source, with its result recorded, against psycopg's
own connect, `SELECT 1` and close, in turn with it. Many: `test_all` of sources of all technologies
that answer on this machine, against a bare loop that is as concurrent and over the same drivers.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Figures, arguments, compile_tree, percentile
from benchmarks.server import running
from engine.settings import Settings
from engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

HOST = "127.0.0.1"
TENANT = "bench"
PORT = 18_081


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One technology: how it is registered, and what its bare driver does."""

    technology: str
    type: str
    config: dict[str, Any] = field(default_factory=dict)
    bare: Callable[[], Awaitable[object]]


async def bare_postgres() -> None:
    """Connects, asks, closes."""
    import psycopg

    connection = await psycopg.AsyncConnection.connect(
        host=HOST, user="postgres", dbname="postgres", sslmode="disable"
    )
    async with connection:
        await (await connection.execute("SELECT 1")).fetchone()


def _mysql() -> None:
    import pymysql

    connection = pymysql.connect(host=HOST, user="root", database="test")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


async def bare_mysql() -> None:
    """Connects, asks, closes, in a thread."""
    await asyncio.to_thread(_mysql)


async def bare_redis() -> None:
    """Connects, pings, closes."""
    import redis.asyncio

    client = redis.asyncio.Redis(host=HOST)
    await client.ping()
    await client.aclose()


async def bare_nats() -> None:
    """Connects, flushes, closes."""
    import nats

    client = await nats.connect(f"nats://{HOST}:4222")
    await client.flush()
    await client.close()


def bare_sqlite(path: Path) -> Callable[[], Awaitable[None]]:
    """Opens, asks, closes, in a thread."""

    def work() -> None:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        connection.execute("SELECT 1").fetchone()
        connection.close()

    return lambda: asyncio.to_thread(work)


def bare_http(port: int) -> Callable[[], Awaitable[None]]:
    """Sends one request over a connection of its own."""

    async def work() -> None:
        import aiohttp

        connector = aiohttp.TCPConnector(force_close=True)
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get(f"http://{HOST}:{port}/health") as answer,
        ):
            await answer.read()

    return work


async def answering(kinds: list[Kind]) -> list[Kind]:
    """Those whose server answers here; the others are named."""
    found = []
    for kind in kinds:
        try:
            await asyncio.wait_for(kind.bare(), 3)
        except Exception as error:  # noqa: BLE001 - whatever keeps a driver from its server
            print(f"left out: {kind.technology} ({type(error).__name__})", file=sys.stderr)
        else:
            found.append(kind)
    return found


def kinds_of(folder: Path, port: int) -> list[Kind]:
    """Everything that may answer on this machine."""
    file = folder / "data.db"
    sqlite3.connect(file).execute("CREATE TABLE t (a)").connection.close()
    login = {"host": HOST, "username": "postgres", "database": "postgres"}
    return [
        Kind(technology="postgresql", type="database", config=login, bare=bare_postgres),
        Kind(
            technology="mysql",
            type="database",
            config={"host": HOST, "username": "root", "database": "test"},
            bare=bare_mysql,
        ),
        Kind(technology="redis", type="stream", config={"host": HOST}, bare=bare_redis),
        Kind(technology="nats", type="stream", config={"host": HOST}, bare=bare_nats),
        Kind(
            technology="sqlite",
            type="database",
            config={"database": str(file)},
            bare=bare_sqlite(file),
        ),
        Kind(
            technology="rest",
            type="api",
            config={"connection_string": f"http://{HOST}:{port}/health"},
            bare=bare_http(port),
        ),
    ]


async def measure_one(workspace: Workspace, figures: Figures, rounds: int) -> None:
    """One source, in turn with the bare driver."""
    login = {"host": HOST, "username": "postgres", "database": "postgres"}
    source = await workspace.sources.register_source(
        TENANT, "one", "database", login, technology="postgresql"
    )
    for number in range(rounds + 5):
        began = time.perf_counter()
        await bare_postgres()
        between = time.perf_counter()
        result = await workspace.sources.test_connection(TENANT, source.source_id)
        ended = time.perf_counter()
        assert result.success, result
        if number >= 5:  # the first ones import, and fill caches
            figures.add("bare", between - began)
            figures.add("tested", ended - between)
    await workspace.sources.delete_source(TENANT, source.source_id)


async def register_many(workspace: Workspace, kinds: list[Kind], count: int) -> None:
    """Sources of all kinds in turn."""
    for number in range(count):
        kind = kinds[number % len(kinds)]
        await workspace.sources.register_source(
            TENANT, f"source-{number:04d}", kind.type, kind.config, technology=kind.technology
        )


async def bare_loop(kinds: list[Kind], count: int, at_once: int) -> float:
    """Seconds that the bare drivers take, as many at once."""
    gate = asyncio.Semaphore(at_once)

    async def one(kind: Kind) -> None:
        async with gate:
            await kind.bare()

    began = time.perf_counter()
    await asyncio.gather(*(one(kinds[number % len(kinds)]) for number in range(count)))
    return time.perf_counter() - began


async def measure_many(
    workspace: Workspace, figures: Figures, kinds: list[Kind], count: int
) -> None:
    """All of them three times, in turn with the bare loop."""
    at_once = 50
    for _ in range(3):
        figures.add("bare loop", await bare_loop(kinds, count, at_once))
        began = time.perf_counter()
        tested = await workspace.sources.test_all(TENANT, at_once=at_once)
        figures.add("test --all", time.perf_counter() - began)
        wrong = [(source.name, result.message) for source, result in tested if not result.success]
        assert not wrong, wrong[:3]
        assert len(tested) == count


async def measure(options: Any, folder: Path, port: int, figures: Figures) -> None:
    """Both, in one workspace."""
    workspace = Workspace.open(Settings(database=f"sqlite:///{folder}/board.db", monitor="off"))
    try:
        kinds = await answering(kinds_of(folder, port))
        if any(kind.technology == "postgresql" for kind in kinds):
            await measure_one(workspace, figures, options.rounds)
        await register_many(workspace, kinds, options.sources)
        await measure_many(workspace, figures, kinds, options.sources)
    finally:
        await workspace.aclose()
    named = ", ".join(kind.technology for kind in kinds)
    print(f"{options.sources} sources of: {named}", file=sys.stderr)


def main() -> None:
    """Runs both and prints their ratios."""
    options = arguments(__doc__ or "", rounds=60, sources=1_000)
    compile_tree()
    figures = Figures("connections")
    with tempfile.TemporaryDirectory() as folder, running(PORT):
        asyncio.run(measure(options, Path(folder), PORT, figures))
    if "bare" in figures.samples:
        figures.ratio("test_connection / bare psycopg", "tested", "bare", at_most=1.3)
        figures.ratio("test_connection / bare psycopg, p90", "tested", "bare", of=percentile(0.9))
    figures.ratio(
        f"test --all of {options.sources} / bare loop", "test --all", "bare loop", at_most=1.5
    )
    figures.print()


if __name__ == "__main__":
    main()
