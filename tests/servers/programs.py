"""Servers that are programs: started on a free port, awaited, and killed with their children."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.provided import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ROOT = Path(__file__).resolve().parent.parent.parent
# chromadb and moto import for some seconds on a machine that is busy with other tests.
_STARTS_S = 60.0
_ENDS_S = 5.0


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
    """A port of loopback on which nothing listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
