"""One database of each kind; those of servers are this worker's own."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from tests.engine.gateway.executing.worlds import (
    World,
    duckdb_world,
    mysql_world,
    postgres_world,
    sqlite_world,
)
from tests.servers.certificates import Authority
from tests.servers.mariadb import mariadb_server
from tests.servers.provided import missing
from tests.storage.conftest import POSTGRES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from engine.gateway.executing.pool import PooledDriver

DIALECTS = ("postgres", "mysql", "sqlite", "duckdb")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """An empty database on the machine's PostgreSQL, asked as a superuser."""
    import psycopg

    plain = POSTGRES.replace("+psycopg", "")
    name = f"lampboard_{uuid.uuid4().hex}"
    try:
        server = psycopg.connect(plain, autocommit=True)
    except psycopg.OperationalError as error:
        missing("postgresql", f"PostgreSQL does not answer: {error}")
    with server:
        server.execute(f"CREATE DATABASE {name}")
        info = server.info
        password = f":{info.password}" if info.password else ""
        yield f"postgresql://{info.user}{password}@{info.host}:{info.port}/{name}"
    with psycopg.connect(plain, autocommit=True) as again:
        again.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def mariadb_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A MariaDB whose root has no password."""
    leaf = Authority.make("authority").leaf(tmp_path_factory.mktemp("mariadb"))
    with mariadb_server(leaf) as port:
        yield port


@pytest.fixture(scope="session")
def world_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], World]:
    """The database of a dialect, made when it is first asked for."""
    made: dict[str, World] = {}

    def make(dialect: str) -> World:
        if dialect == "postgres":
            return postgres_world(request.getfixturevalue("postgres_url"))
        if dialect == "mysql":
            return mysql_world(request.getfixturevalue("mariadb_port"))
        folder: Path = tmp_path_factory.mktemp(dialect)
        return sqlite_world(folder) if dialect == "sqlite" else duckdb_world(folder)

    def find(dialect: str) -> World:
        if dialect not in made:
            made[dialect] = make(dialect)
        return made[dialect]

    return find


@pytest.fixture(params=DIALECTS)
def world(request: pytest.FixtureRequest, world_of: Callable[[str], World]) -> World:
    """Each database in turn."""
    return world_of(request.param)


@pytest.fixture
async def driver(world: World) -> AsyncIterator[PooledDriver]:
    """A driver on it."""
    made = world.driver()
    yield made
    await made.close()
