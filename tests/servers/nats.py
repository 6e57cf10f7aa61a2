"""A NATS of the tests' own: with users, a token or TLS, and JetStream."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers.programs import free_port, running, system_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "right-password"
_USERS = f"""
authorization {{ users = [
  {{user: app, password: {PASSWORD}}},
  {{user: mute, password: {PASSWORD}, permissions: {{publish: "nothing", subscribe: "_INBOX.>"}}}}
] }}
"""
_TOKEN = f"authorization {{ token: {PASSWORD} }}\n"


@contextmanager
def nats_server(folder: Path, *, leaf: Path | None = None, token: bool = False) -> Iterator[int]:
    """Run it until the block ends; the port is on 127.0.0.1.

    Args:
        folder: Where it keeps its streams.
        leaf: Certificate and key in one file; with it, the server insists on TLS.
        token: Let a token in instead of users.
    """
    program, port = system_program("nats-server", "nats"), free_port()
    tls = f"tls {{ cert_file: '{leaf}', key_file: '{leaf}' }}\n" if leaf else ""
    config = folder / "nats.conf"
    config.write_text(
        f"host: 127.0.0.1\nport: {port}\njetstream {{ store_dir: '{folder}/streams' }}\n"
        f"{_TOKEN if token else _USERS}{tls}"
    )
    with running([program, "-c", config], port, folder):
        yield port
