"""What a real test costs beside the bare driver: one source, and a thousand of mixed types.

`python -m benchmarks.connections [--rounds 60] [--sources 1000]`

One: `test_connection` of a stored PostgreSQL source, with its result recorded, against psycopg's
own connect, `SELECT 1` and close, in turn with it: at the server of this machine, which asks for
no password, and at a private one that asks for one by SCRAM, as servers do. Many: `test_all` of
sources of all technologies that answer on this machine, against a bare loop that is as concurrent
and over the same drivers.
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
from tests.servers.postgres import postgres_server, programs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

HOST = "127.0.0.1"
LOGIN = {"host": HOST, "username": "postgres", "database": "postgres"}
TENANT = "bench"
PORT = 18_081
SCRAM_PORT = 18_082
TRUST, SCRAM = "no password", "SCRAM"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One technology: how it is registered, and what its bare driver does."""

    technology: str
    type: str
    config: dict[str, Any] = field(default_factory=dict)
    bare: Callable[[], Awaitable[object]]


def bare_postgres(login: Mapping[str, Any]) -> Callable[[], Awaitable[None]]:
    """Connects, asks, closes."""
    names = {"username": "user", "database": "dbname"}
    given = {names.get(name, name): value for name, value in login.items()}

    async def work() -> None:
        import psycopg

        connection = await psycopg.AsyncConnection.connect(sslmode="disable", **given)
        async with connection:
            await (await connection.execute("SELECT 1")).fetchone()

    return work


def _mysql() -> None:
    import pymysql

    connection = pymysql.connect(host=HOST, user="root", database="test", ssl_disabled=True)
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
    return [
        Kind(technology="postgresql", type="database", config=LOGIN, bare=bare_postgres(LOGIN)),
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


async def measure_one(
    workspace: Workspace, figures: Figures, login: Mapping[str, Any], rounds: int, *, by: str
) -> None:
    """One source, in turn with the bare driver; `by` says what the server asks for."""
    source = await workspace.sources.register_source(
        TENANT, "one", "database", dict(login), technology="postgresql"
    )
    bare = bare_postgres(login)
    for number in range(rounds + 5):
        began = time.perf_counter()
        await bare()
        between = time.perf_counter()
        result = await workspace.sources.test_connection(TENANT, source.source_id)
        ended = time.perf_counter()
        assert result.success, result
        if number >= 5:  # the first ones import, and fill caches
            figures.add(f"bare, {by}", between - began)
            figures.add(f"tested, {by}", ended - between)
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
            await measure_one(workspace, figures, LOGIN, options.rounds, by=TRUST)
        with postgres_server(programs(), SCRAM_PORT) as server:
            login = {**LOGIN, "port": server.port, "password": server.password}
            await measure_one(workspace, figures, login, options.rounds, by=SCRAM)
        await register_many(workspace, kinds, options.sources)
        await measure_many(workspace, figures, kinds, options.sources)
    finally:
        await workspace.aclose()
    named = ", ".join(kind.technology for kind in kinds)
    print(f"{options.sources} sources of: {named}", file=sys.stderr)


def compare(figures: Figures, by: str) -> None:
    """The ratios of one server."""
    figure, parts = f"test_connection / bare psycopg, {by}", (f"tested, {by}", f"bare, {by}")
    figures.ratio(figure, *parts, at_most=1.3)
    figures.ratio(f"{figure}, p90", *parts, of=percentile(0.9))


def main() -> None:
    """Runs both and prints their ratios."""
    options = arguments(__doc__ or "", rounds=60, sources=1_000)
    compile_tree()
    figures = Figures("connections")
    with tempfile.TemporaryDirectory() as folder, running(PORT):
        asyncio.run(measure(options, Path(folder), PORT, figures))
    for by in (TRUST, SCRAM):
        if f"bare, {by}" in figures.samples:
            compare(figures, by)
    figures.ratio(
        f"test --all of {options.sources} / bare loop", "test --all", "bare loop", at_most=1.5
    )
    figures.print()


if __name__ == "__main__":
    main()
