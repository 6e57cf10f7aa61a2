"""Servers that are programs: started on a free port, awaited, and killed with their children."""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.provided import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ROOT = Path(__file__).resolve().parent.parent.parent
# chromadb and moto import for some seconds on a machine that is busy with other tests.
_STARTS_S = 180.0
_ENDS_S = 5.0
# Below what systems hand out by themselves, so that nobody else comes upon one of these by chance.
_PORTS = range(20_000, 32_000)
_given: set[int] = set()


def server_program(name: str, service: str = "servers") -> Path:
    """The program of that name among the servers that `.ci/servers` brings; skips without it."""
    folder = Path(os.environ.get("LAMPBOARD_TEST_SERVERS", _ROOT / ".servers"))
    places = (folder / "bin" / name, folder / "node_modules" / ".bin" / name)
    found = next((place for place in places if place.exists()), None)
    if found is None:
        missing(service, f"{name} is not in {folder}: run .ci/servers")
    return found


def system_program(name: str, service: str) -> Path:
    """A program of the machine, looked for where daemons are as well; skips without it."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    found = shutil.which(name, path=path)
    if found is None:
        missing(service, f"{name} is not installed")
    return Path(found)


def free_port() -> int:
    """A port on which nothing listens, and which no other process of tests is given meanwhile."""
    for port in random.sample(_PORTS, len(_PORTS)):
        if port not in _given and _reserves(port) and _is_unused(port):
            _given.add(port)
            return port
    raise AssertionError("there is no free port")


def _reserves(port: int) -> bool:
    """Hold the port's byte of a file that all processes of tests share, until this one ends."""
    try:
        fcntl.lockf(_reservations(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except BlockingIOError:
        return False
    return True


@cache
def _reservations() -> int:
    # Never closed: that would give up every lock of this process.
    path = Path(tempfile.gettempdir()) / f"lampboard-tests-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _is_unused(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


@contextmanager
def running(
    command: Sequence[str | Path], port: int, folder: Path, **environment: str
) -> Iterator[None]:
    """Run a server until the block ends; it begins when something listens on its port.

    Args:
        command: The program and its arguments.
        port: Where it will listen, on 127.0.0.1.
        folder: Where it runs, and writes what it says into `server.log`.
        environment: Variables beside a bare environment.
    """
    log = folder / "server.log"
    bare = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LANG": "C.UTF-8"}
    with log.open("wb") as said:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env={**bare, **environment},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _await(process, port, log)
        yield
    finally:
        _end(process)


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _STARTS_S
    while not _listens(port):
        assert process.poll() is None, f"ended at once: {log.read_text(errors='replace')[-2000:]}"
        assert time.monotonic() < until, f"did not start: {log.read_text(errors='replace')[-2000:]}"
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_ENDS_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
