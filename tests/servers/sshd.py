"""A real OpenSSH server on a free port, with keys and configuration of its own."""

from __future__ import annotations

import getpass
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.servers.programs import free_port, running, system_program

if TYPE_CHECKING:
    from collections.abc import Iterator

_PASSPHRASE = "open sesame"
# Where OpenSSH drops its rights, when root starts it.
_SEPARATION = Path("/run/sshd")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sshd:
    """A running server.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        user: Who may log in: whoever runs the tests.
        key: The private key that is let in.
        locked_key: The same, encrypted with `passphrase`.
        passphrase: What unlocks it.
        host_key: The public half of the server's key, as in known_hosts.
    """

    port: int
    user: str
    key: str
    locked_key: str
    passphrase: str
    host_key: str


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """Run the server with the folder for its files."""
    program = system_program("sshd", "sshd")
    if os.getuid() == 0:
        _SEPARATION.mkdir(mode=0o755, exist_ok=True)
    host, login = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    _write(folder / "host_key", private_text(host))
    _write(folder / "authorized_keys", public_text(login))
    port = free_port()
    _write(folder / "sshd_config", _configuration(folder, port))
    with running([program, "-D", "-e", "-f", folder / "sshd_config"], port, folder):
        yield Sshd(
            port=port,
            user=getpass.getuser(),
            key=private_text(login),
            locked_key=private_text(login, _PASSPHRASE),
            passphrase=_PASSPHRASE,
            host_key=public_text(host),
        )


def private_text(key: Ed25519PrivateKey, passphrase: str = "") -> str:
    """The private key as a file of OpenSSH has it."""
    locked = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    form = serialization.PrivateFormat.OpenSSH
    return key.private_bytes(serialization.Encoding.PEM, form, locked).decode()


def public_text(key: Ed25519PrivateKey) -> str:
    """The public key as a line of known_hosts has it."""
    encoding, form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    return key.public_key().public_bytes(encoding, form).decode()


def _configuration(folder: Path, port: int) -> str:
    return f"""\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
UsePAM no
MaxStartups 100
Subsystem sftp internal-sftp
"""


def _write(path: Path, text: str) -> None:
    path.write_text(text + "\n")
    path.chmod(0o600)
