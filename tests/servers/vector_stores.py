"""The vector stores that tests run, each on a free port of 127.0.0.1."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.programs import free_port, running, server_program

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = Path(__file__).resolve().parent
KEY, LOGIN = "key-of-the-store", ("root", "not-the-default")
# The collections of four numbers that the two engines are started with, and one of text keys.
COLLECTION, TEXTS = "documents", "texts"


@contextmanager
def chroma(folder: Path) -> Iterator[int]:
    """Run Chroma's own server; yield its port."""
    port = free_port()
    where = ("--host", "127.0.0.1", "--port", str(port), "--path", folder / "data")
    with running([server_program("chroma"), "run", *where], port, folder):
        yield port


@contextmanager
def qdrant(folder: Path) -> Iterator[int]:
    """Run Qdrant's local engine behind its interface, which wants `KEY`; yield its port."""
    port = free_port()
    program = [server_program("python"), _FOLDER / "qdrant_server.py", str(port), KEY]
    with running(program, port, folder):
        yield port


@contextmanager
def milvus(folder: Path) -> Iterator[int]:
    """Run Milvus Lite behind its interface, which wants `LOGIN`; yield its port."""
    port = free_port()
    data, login = folder / "data.db", ":".join(LOGIN)
    program = [server_program("python"), _FOLDER / "milvus_server.py", str(port), data, login]
    with running(program, port, folder):
        yield port
