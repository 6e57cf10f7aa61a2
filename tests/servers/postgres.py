"""A PostgreSQL of the tests' own: started on a free port with passwords, TLS and rules at will."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.programs import server_program, system_program
from tests.servers.provided import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

_STARTS_S = 180
_SETTINGS = {
    "fsync": "off",
    "max_connections": "50",
    "max_wal_senders": "0",
    "shared_buffers": "1MB",
    "unix_socket_directories": "",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PostgresServer:
    """A running server; its superuser is `postgres`, with the password `password`."""

    port: int
    password: str
    programs: Path

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser."""
        import psycopg

        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self.password,
            dbname=database,
            autocommit=True,
        ) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]


def programs() -> Path:
    """The folder of the newest `initdb` and `postgres` of this machine; skips without."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return (found[-1] if found else system_program("initdb", "postgresql")).parent


def programs_with_pgvector() -> Path:
    """The folder of a PostgreSQL that brings pgvector; skips without."""
    servers = server_program("python").parent.parent
    found = sorted(servers.glob("lib/python*/site-packages/pgserver/pginstall/bin/initdb"))
    if not found:
        missing("servers", f"pgserver is not in {servers}: run .ci/servers")
    return found[-1].parent


@contextmanager
def postgres_server(
    bin_folder: Path, port: int, *, leaf: Path | None = None, rules: tuple[str, ...] = ()
) -> Iterator[PostgresServer]:
    """Run a server until the block ends.

    Args:
        bin_folder: Where its programs are.
        port: Where it listens, on 127.0.0.1 and 127.0.0.2.
        leaf: A file with its certificate and key; without one it offers no TLS.
        rules: Lines of pg_hba.conf before the last one, which asks for SCRAM.
    """
    folder = Path(tempfile.mkdtemp(prefix="lampboard-postgres-"))
    server = PostgresServer(port=port, password="secret-of-postgres", programs=bin_folder)
    try:
        _initialise(server, folder, leaf, rules)
        control = (bin_folder / "pg_ctl", "-D", folder / "data", "-w", "-t", str(_STARTS_S))
        _as_owner(*control, "-l", folder / "log", "start")
        try:
            yield server
        finally:
            _as_owner(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(
    server: PostgresServer, folder: Path, leaf: Path | None, rules: tuple[str, ...]
) -> None:
    data, password = folder / "data", folder / "password"
    password.write_text(server.password)
    _own(folder)
    _as_owner(
        *(server.programs / "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256"),
        *("--pwfile", password, "--no-sync", "--no-locale", "-E", "UTF8"),
    )
    settings = _SETTINGS | {"port": str(server.port), "listen_addresses": "127.0.0.1,127.0.0.2"}
    if leaf is not None:
        shutil.copy(leaf, data / "leaf.pem")
        settings |= {"ssl": "on", "ssl_cert_file": "leaf.pem", "ssl_key_file": "leaf.pem"}
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    lines = (*rules, "host all all 127.0.0.0/8 scram-sha-256", "")
    (data / "pg_hba.conf").write_text("\n".join(lines))
    _own(folder)


def _as_owner(*command: object) -> None:
    """Run a program as whom PostgreSQL may run as: it refuses to as root."""
    who = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    subprocess.run(
        [str(part) for part in command],
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        timeout=_STARTS_S,
        **who,  # type: ignore[call-overload]
    )


def _own(folder: Path) -> None:
    if os.geteuid() != 0:
        return
    owner = pwd.getpwnam("postgres")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.pw_uid, owner.pw_gid)
