"""A Mosquitto of the tests' own: with a password file, an access list, and a TLS port."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers.programs import free_port, running, system_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "right-password"


@dataclass(frozen=True, kw_only=True, slots=True)
class MosquittoServer:
    """A running broker: the user `app` has `PASSWORD`, and may read below `open/` alone."""

    port: int
    tls_port: int


@contextmanager
def mosquitto_server(folder: Path, leaf: Path) -> Iterator[MosquittoServer]:
    """Run it until the block ends; `leaf` is certificate and key of its TLS port."""
    program = system_program("mosquitto", "mosquitto")
    server = MosquittoServer(port=free_port(), tls_port=free_port())
    passwords, rules, config = folder / "passwords", folder / "rules", folder / "mosquitto.conf"
    maker = system_program("mosquitto_passwd", "mosquitto")
    subprocess.run([maker, "-b", "-c", passwords, "app", PASSWORD], check=True, timeout=60)
    rules.write_text("user app\ntopic read open/#\ntopic read $SYS/#\n")
    rules.chmod(0o600)
    config.write_text(
        f"user root\nallow_anonymous false\npassword_file {passwords}\nacl_file {rules}\n"
        f"listener {server.port} 127.0.0.1\nlistener {server.tls_port} 127.0.0.1\n"
        f"certfile {leaf}\nkeyfile {leaf}\n"
    )
    with running([program, "-c", config], server.tls_port, folder):
        yield server
