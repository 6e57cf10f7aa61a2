"""The brokers that checks are tried on, each started once a session."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.servers.mosquitto import mosquitto_server
from tests.servers.nats import nats_server
from tests.servers.provided import missing
from tests.servers.redis import redis_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.certificates import Authority
    from tests.servers.mosquitto import MosquittoServer
    from tests.servers.redis import RedisServer

_RABBITMQ = 5672


@pytest.fixture(scope="session")
def leaf(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key of a server on loopback, in one file."""
    return authority.leaf(tmp_path_factory.mktemp("leaf"))


@pytest.fixture(scope="session")
def ca_file(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The authority that signed it."""
    return str(authority.file(tmp_path_factory.mktemp("authority")))


@pytest.fixture(scope="session")
def redis(leaf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis"), leaf) as server:
        yield server


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with nats_server(tmp_path_factory.mktemp("nats")) as port:
        yield port


@pytest.fixture(scope="session")
def tls_nats(leaf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with nats_server(tmp_path_factory.mktemp("nats"), leaf=leaf, token=True) as port:
        yield port


@pytest.fixture(scope="session")
def mosquitto(leaf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MosquittoServer]:
    with mosquitto_server(tmp_path_factory.mktemp("mosquitto"), leaf) as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq() -> int:
    """The machine's own broker: another one would take ten seconds to start."""
    with socket.socket() as knock:
        if knock.connect_ex(("127.0.0.1", _RABBITMQ)):
            missing("rabbitmq", f"nothing listens on 127.0.0.1:{_RABBITMQ}")
    return _RABBITMQ
