"""A PostgreSQL of a benchmark's own, as durable as a real one, and what it was made to do.

It stands apart from the machine's server, whose write-ahead log counts what everybody writes: here
statements and bytes of that log are those of what is measured.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Defaults but for the library that counts statements, and the place of its socket.
_SETTINGS = """
shared_preload_libraries = 'pg_stat_statements'
unix_socket_directories = ''
listen_addresses = '127.0.0.1'
max_connections = 100
"""
_TICKS = os.sysconf("SC_CLK_TCK")
_TOLD = """
SELECT (SELECT pg_current_wal_lsn() - '0/0'::pg_lsn),
       (SELECT coalesce(sum(calls), 0) FROM pg_stat_statements),
       (SELECT sum(xact_commit) FROM pg_stat_database)
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What a server was made to do so far: log bytes, statements, commits, CPU seconds."""

    wal_bytes: float
    statements: float
    commits: float
    cpu_s: float

    def since(self, before: Load) -> Load:
        """What came in between."""
        return Load(
            self.wal_bytes - before.wal_bytes,
            self.statements - before.statements,
            self.commits - before.commits,
            self.cpu_s - before.cpu_s,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """A running server; anybody on this machine may be `postgres` there."""

    port: int
    folder: Path

    def url(self, database: str = "postgres") -> str:
        """Where a database of it is."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def ask(self, statement: str, database: str = "postgres") -> Sequence[Any]:
        """Runs one statement and gives its first row, if there is one."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            done = connection.execute(statement)  # type: ignore[call-overload]
            return (done.fetchone() or ()) if done.description else ()

    def make(self, database: str) -> str:
        """Makes a database anew, with our tables, and gives its URL."""
        from storage.database import upgrade

        self.ask(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        self.ask(f"CREATE DATABASE {database}")
        upgrade(self.url(database))
        return self.url(database)

    def load(self) -> Load:
        """What it did so far."""
        wal, calls, commits = self.ask(_TOLD)
        return Load(float(wal), float(calls), float(commits), self.cpu_s())

    def cpu_s(self) -> float:
        """CPU seconds of all its processes, those that ended among them."""
        main = int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        total = _times(main, ended=True)
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError, IndexError):
                    if _parent(int(entry.name)) == main:
                        total += _times(int(entry.name))
        return total


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()


def _parent(pid: int) -> int:
    return int(_fields(pid)[1])


def _times(pid: int, *, ended: bool = False) -> float:
    fields = _fields(pid)
    return sum(map(int, fields[11 : 15 if ended else 13])) / _TICKS


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process has used."""
    return _times(pid)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def cluster(*, cores: str = "") -> Iterator[Cluster]:
    """Runs a server until the block ends, on some cores only where told."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "PostgreSQL's own programs are not installed"
    programs = found[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
    made = Cluster(port=free_port(), folder=folder)
    pinned = ("taskset", "-c", cores) if cores else ()
    control = (*pinned, programs / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log")
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _as_owner(programs / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust")
        with (folder / "data" / "postgresql.conf").open("a") as file:
            file.write(f"{_SETTINGS}port = {made.port}\n")
        _as_owner(*control, "start")
        try:
            made.ask("CREATE EXTENSION pg_stat_statements")
            yield made
        finally:
            _as_owner(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_owner(*command: object) -> None:
    """Runs a program as whom PostgreSQL may run as: it refuses to as root."""
    who = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    subprocess.run(
        [str(part) for part in command],
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **who,  # type: ignore[call-overload]
    )
