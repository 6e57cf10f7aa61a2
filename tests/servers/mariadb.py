"""A MariaDB of the tests' own, started on a free port with TLS and users at will."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.programs import free_port, running, system_program

if TYPE_CHECKING:
    from collections.abc import Iterator

_STARTS_S = 180


@contextmanager
def mariadb_server(leaf: Path, *statements: str) -> Iterator[int]:
    """Run a server on 127.0.0.1 and 127.0.0.2 until the block ends; yield its port.

    Args:
        leaf: A file with its certificate and key.
        statements: Run as root, who needs no password, once it listens.
    """
    server = system_program("mariadbd", "mariadb")
    folder = Path(tempfile.mkdtemp(prefix="lampboard-mariadb-"))
    port = free_port()
    # It refuses to run as root unless it is told to.
    own = ("--user=root",) if os.geteuid() == 0 else ()
    try:
        subprocess.run(
            [
                *(system_program("mariadb-install-db", "mariadb"), "--no-defaults", *own),
                *(f"--datadir={folder / 'data'}", f"--tmpdir={folder}", "--skip-test-db"),
                "--auth-root-authentication-method=normal",
            ],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            timeout=_STARTS_S,
        )
        command = [
            *(server, "--no-defaults", *own, f"--datadir={folder / 'data'}", f"--port={port}"),
            f"--tmpdir={folder}",
            *("--bind-address=127.0.0.1,127.0.0.2", f"--socket={folder / 'socket'}"),
            *(f"--ssl-cert={leaf}", f"--ssl-key={leaf}", "--innodb-buffer-pool-size=8M"),
        ]
        with running(command, port, folder):
            _run(port, statements)
            yield port
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(port: int, statements: tuple[str, ...]) -> None:
    import pymysql

    with (
        pymysql.connect(
            host="127.0.0.1", port=port, user="root", charset="utf8mb4", connect_timeout=_STARTS_S
        ) as connection,
        connection.cursor() as cursor,
    ):
        for statement in statements:
            cursor.execute(statement)
