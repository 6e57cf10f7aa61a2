"""Private servers for what the machine's own ones do not show: passwords, TLS, rules, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import missing_service
from tests.servers.certificates import DAY, EXPIRED_ON
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


@pytest.fixture(scope="session")
def ca_file(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with the authority that signed the private servers' certificates."""
    return str(authority.file(tmp_path_factory.mktemp("authority")))


@pytest.fixture(scope="session")
def postgres(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]
) -> Iterator[PostgresServer]:
    """A PostgreSQL with TLS and SCRAM, several users and a database that is closed to them."""
    found = programs()
    if found is None:
        missing_service("PostgreSQL's programs are not installed")
    leaf: Path = authority.leaf(tmp_path_factory.mktemp("postgres"))
    with postgres_server(found, free_port(), leaf=leaf, rules=_RULES) as server:
        server.run(*_USERS)
        yield server


@pytest.fixture
def expired_postgres(
    authority: Authority, tmp_path: Path, free_port: Callable[[], int]
) -> Iterator[PostgresServer]:
    """A PostgreSQL whose certificate has expired."""
    found = programs()
    if found is None:
        missing_service("PostgreSQL's programs are not installed")
    leaf = authority.leaf(tmp_path, start=EXPIRED_ON - DAY, end=EXPIRED_ON)
    with postgres_server(found, free_port(), leaf=leaf) as server:
        yield server
