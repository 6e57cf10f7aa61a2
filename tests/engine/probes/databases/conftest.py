"""Private servers for what the machine's own ones do not show: passwords, TLS, rules, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.certificates import DAY, EXPIRED_ON
from tests.servers.mariadb import mariadb_server
from tests.servers.postgres import postgres_server, programs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.certificates import Authority
    from tests.servers.postgres import PostgresServer

_RULES = (
    "host all banned 127.0.0.0/8 reject",
    "hostssl all sealed 127.0.0.0/8 scram-sha-256",
    "hostnossl all sealed 127.0.0.0/8 reject",
)
_USERS = (
    "CREATE ROLE app LOGIN PASSWORD 'right-password'",
    "CREATE ROLE banned LOGIN PASSWORD 'right-password'",
    "CREATE ROLE sealed LOGIN PASSWORD 'right-password'",
    "CREATE ROLE busy LOGIN PASSWORD 'right-password' CONNECTION LIMIT 0",
    "CREATE DATABASE closed",
    "REVOKE CONNECT ON DATABASE closed FROM PUBLIC",
)

_ACCOUNTS = (
    "INSTALL SONAME 'auth_ed25519'",
    "CREATE DATABASE app",
    "CREATE DATABASE closed",
    "CREATE USER app@'127.0.0.1' IDENTIFIED BY 'right-password'",
    "GRANT ALL ON app.* TO app@'127.0.0.1'",
    "GRANT ALL ON missing.* TO app@'127.0.0.1'",
    "CREATE USER modern@'127.0.0.1' IDENTIFIED VIA ed25519 USING PASSWORD('right-password')",
    "CREATE USER letters@'127.0.0.1' IDENTIFIED BY 'пароль-€'",
    "CREATE USER sealed@'127.0.0.1' IDENTIFIED BY 'right-password' REQUIRE SSL",
    "CREATE USER locked@'127.0.0.1' IDENTIFIED BY 'right-password' ACCOUNT LOCK",
    "CREATE USER expired@'127.0.0.1' IDENTIFIED BY 'right-password' PASSWORD EXPIRE",
    "CREATE USER busy@'127.0.0.1' IDENTIFIED BY 'right-password' WITH MAX_CONNECTIONS_PER_HOUR 1",
)


@pytest.fixture(scope="session")
def postgres(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]
) -> Iterator[PostgresServer]:
    """A PostgreSQL with TLS and SCRAM, several users and a database that is closed to them."""
    leaf: Path = authority.leaf(tmp_path_factory.mktemp("postgres"))
    with postgres_server(programs(), free_port(), leaf=leaf, rules=_RULES) as server:
        server.run(*_USERS)
        yield server


@pytest.fixture(scope="session")
def mariadb(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a MariaDB with TLS and several users."""
    with mariadb_server(authority.leaf(tmp_path_factory.mktemp("mariadb")), *_ACCOUNTS) as port:
        yield port


@pytest.fixture
def expired_postgres(
    authority: Authority, tmp_path: Path, free_port: Callable[[], int]
) -> Iterator[PostgresServer]:
    """A PostgreSQL whose certificate has expired."""
    leaf = authority.leaf(tmp_path, start=EXPIRED_ON - DAY, end=EXPIRED_ON)
    with postgres_server(programs(), free_port(), leaf=leaf) as server:
        yield server
