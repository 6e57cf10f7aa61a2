"""The vector stores that checks are tried on, each started once a session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.servers.programs import free_port, running, server_program

if TYPE_CHECKING:
    from collections.abc import Iterator

_SERVERS = Path(__file__).resolve().parents[3] / "servers"
KEY, LOGIN = "key-of-the-store", ("root", "not-the-default")


@pytest.fixture(scope="session")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Chroma's own server; the port is on 127.0.0.1."""
    folder, port = tmp_path_factory.mktemp("chroma"), free_port()
    where = ("--host", "127.0.0.1", "--port", str(port), "--path", folder / "data")
    with running([server_program("chroma"), "run", *where], port, folder):
        yield port


@pytest.fixture(scope="session")
def qdrant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Qdrant's local engine behind its interface; it wants `KEY`."""
    folder, port = tmp_path_factory.mktemp("qdrant"), free_port()
    program = [server_program("python"), _SERVERS / "qdrant_server.py", str(port), KEY]
    with running(program, port, folder):
        yield port


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Milvus Lite behind its interface; it wants `LOGIN`."""
    folder, port = tmp_path_factory.mktemp("milvus"), free_port()
    data, login = folder / "data.db", ":".join(LOGIN)
    program = [server_program("python"), _SERVERS / "milvus_server.py", str(port), data, login]
    with running(program, port, folder):
        yield port
