"""A Redis of the tests' own: with users, a password and TLS, nothing on disk."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers.programs import free_port, running, system_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "right-password"


@dataclass(frozen=True, kw_only=True, slots=True)
class RedisServer:
    """A running server: the default user and `app` have `PASSWORD`; `app` may do nothing."""

    port: int
    tls_port: int


@contextmanager
def redis_server(folder: Path, leaf: Path) -> Iterator[RedisServer]:
    """Run it until the block ends; `leaf` is certificate and key of its TLS port."""
    program = system_program("redis-server", "redis")
    server = RedisServer(port=free_port(), tls_port=free_port())
    options = {
        "port": server.port,
        "tls-port": server.tls_port,
        "tls-cert-file": leaf,
        "tls-key-file": leaf,
        "tls-auth-clients": "no",
        "tls-ca-cert-file": leaf,
        "requirepass": PASSWORD,
        "user": f"app on >{PASSWORD} ~* -@all",
        "databases": 4,
        "save": '""',
        "bind": "127.0.0.1",
    }
    config = folder / "redis.conf"
    config.write_text("".join(f"{name} {value}\n" for name, value in options.items()))
    with running([program, config], server.tls_port, folder):
        yield server
