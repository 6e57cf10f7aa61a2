"""SFTP, through paramiko on a connection of ours, and fsspec on top of it.

Neither ~/.ssh nor an agent is asked: who one is, and whom to trust, comes from the source alone.
"""

from __future__ import annotations

import hmac
import io
import socket
from contextlib import asynccontextmanager, closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.probes.hush import hush
from engine.probes.refusals import Refused, closed, no_such, password_rejected, wrong_protocol
from engine.probes.running import causes, timed_out
from engine.probes.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fsspec.implementations.sftp import SFTPFileSystem
    from paramiko import PKey, SFTPClient, Transport

    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

_TITLE = "SFTP"
_PORT = 22
# Whatever greets has done so within this many bytes.
_GREETING = 8192
_ENDS_S = 1.0
# paramiko writes to a channel of its own, which nobody listens to: a failed login is no news.
_LOG = "lampboard.sftp"


async def probe(attempt: Attempt) -> dict[str, object]:
    """Log in and list at most one entry of the folder; return what answered."""
    folder = attempt.place.database or "."
    async with open_session(attempt) as (transport, files):
        async with attempt.stage("list"):
            cut = partial(transport.sock.shutdown, socket.SHUT_RDWR)
            empty = await in_thread(lambda: _is_empty(files, folder), abort=cut)
        key = transport.get_remote_server_key()
        return {
            "server": transport.remote_version.removeprefix("SSH-2.0-").partition(" ")[0],
            "host_key": f"{key.get_name()} {key.fingerprint}",
            "folder": folder,
            "empty": empty,
        }


@asynccontextmanager
async def open_filesystem(attempt: Attempt) -> AsyncIterator[SFTPFileSystem]:
    """Open the server's file system for this check alone; its methods block."""
    from fsspec import AbstractFileSystem
    from fsspec.implementations.sftp import SFTPFileSystem

    async with open_session(attempt) as (_, client):
        files = SFTPFileSystem.__new__(SFTPFileSystem)
        AbstractFileSystem.__init__(files, skip_instance_cache=True)
        # Its own constructor would connect by itself, and trust whatever key it is shown.
        vars(files).update(host=attempt.place.host, ftp=client, ssh_kwargs={}, temppath="/tmp")  # noqa: S108 - the library's default
        yield files


@asynccontextmanager
async def open_session(attempt: Attempt) -> AsyncIterator[tuple[Transport, SFTPClient]]:
    """Connect, agree on keys, judge the server's, log in; everything is closed in the end.

    Raises:
        Refused: It could not be done.
    """
    from paramiko import SFTPClient, Transport

    place = attempt.place
    key = _private_key(place)
    sock = await attempt.connect(*attempt.where(_PORT))
    with closing(sock):
        sock.setblocking(True)
        hush(_LOG)
        heard = _Heard(sock)
        transport = Transport(heard)  # type: ignore[arg-type]  # it needs no more of a socket
        transport.set_log_channel(_LOG)
        try:
            async with attempt.stage("handshake"):
                await _shake_hands(attempt, transport, heard)
                _require_host_key(transport, place.option("host_key"))
            async with attempt.stage("authenticate"):
                await _log_in(attempt, transport, heard, key)
            async with attempt.stage("open"):
                opened = partial(SFTPClient.from_transport, transport)
                client = await in_thread(opened, abort=heard.cut)
                if client is None:
                    raise _no_sftp()
            yield transport, client
        finally:
            heard.cut()
            await in_thread(lambda: _end(transport))


class _Heard:
    """A socket that remembers how the other side began: what listens there is told by that."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.first = b""

    @property
    def is_ssh(self) -> bool:
        """Whether a greeting of SSH came; other lines may precede it (RFC 4253, 4.2)."""
        return b"SSH-" in self.first

    def recv(self, size: int) -> bytes:
        """Receive; what goes on without a greeting ends here."""
        if not self.is_ssh and len(self.first) > _GREETING:
            return b""
        data = self._sock.recv(size)
        if not self.is_ssh:
            self.first += data
        return data

    def cut(self) -> None:
        """End the connection under whichever thread is at it; closing would free its number."""
        with suppress(OSError):  # the other side may have ended it already
            self._sock.shutdown(socket.SHUT_RDWR)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def _end(transport: Transport) -> None:
    """Close the connection and wait for its thread, which looks up ten times a second."""
    transport.close()
    if transport.is_alive():
        transport.join(_ENDS_S)


async def _shake_hands(attempt: Attempt, transport: Transport, heard: _Heard) -> None:
    from paramiko import SSHException

    within = attempt.remaining_s
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = within
    transport.channel_timeout = within
    try:
        await in_thread(lambda: transport.start_client(timeout=within), abort=heard.cut)
    except (SSHException, EOFError) as error:
        if not heard.is_ssh:
            raise _no_greeting(error, heard) from error
        raise Refused(
            "handshake_failed",
            "The server and this client could not agree on how to encrypt.",
            "The server may be too old: it must offer key exchanges and ciphers of today.",
        ) from error
    if not transport.initial_kex_done:  # it returns without a word when its time is over
        raise timed_out("handshake")


def _no_greeting(error: Exception, heard: _Heard) -> Refused:
    """Return why no greeting came: another protocol's words, silence, or an end."""
    if heard.first:
        return wrong_protocol(_TITLE)
    silent = any(isinstance(cause, TimeoutError) for cause in causes(error))
    return timed_out("handshake") if silent else closed("handshake", _TITLE)


def _require_host_key(transport: Transport, wanted: str) -> None:
    """Refuse a server that is not the one whose key was pinned.

    Args:
        transport: With the keys agreed on.
        wanted: `SHA256:…`, or a line of known_hosts (`ssh-ed25519 AAAA…`); empty for any key.
    """
    if not wanted:
        return
    key = transport.get_remote_server_key()
    shown = {key.fingerprint, key.get_base64(), f"{key.get_name()} {key.get_base64()}"}
    given = wanted.strip().rstrip("=")
    if not any(hmac.compare_digest(given.encode(), one.rstrip("=").encode()) for one in shown):
        raise Refused(
            "host_key_changed",
            f"The server's host key is {key.get_name()} {key.fingerprint}, not the one expected.",
            "If the server was set up anew, enter its new fingerprint; else somebody is between.",
        )


async def _log_in(attempt: Attempt, transport: Transport, heard: _Heard, key: PKey | None) -> None:
    from paramiko import AuthenticationException, BadAuthenticationType, SSHException

    place = attempt.place
    user = place.username or ""

    def work() -> None:
        if key is not None:
            transport.auth_publickey(user, key)
        else:
            transport.auth_password(user, place.password or "", fallback=False)

    try:
        await in_thread(work, abort=heard.cut)
    except BadAuthenticationType as error:
        raise Refused(
            "auth_failed",
            f"The server takes no {'key' if key else 'password'} from user {user}.",
            f"It takes: {', '.join(error.allowed_types)}.",
        ) from error
    except AuthenticationException as error:
        raise _rejected(place, key) from error
    except SSHException as error:
        raise closed("authenticate", _TITLE) from error


def _rejected(place: Place, key: PKey | None) -> Refused:
    if key is None:
        return password_rejected(place.username, _TITLE)
    return Refused(
        "auth_failed",
        f"The server does not accept this key for user {place.username}.",
        f"Add {key.get_name()} {key.fingerprint} to the user's authorized_keys.",
    )


def _private_key(place: Place) -> PKey | None:
    """Read the key that was given, unlocked by the password where it is locked.

    Raises:
        Refused: It cannot be read.
    """
    if not place.api_key:
        return None
    from paramiko import ECDSAKey, Ed25519Key, PasswordRequiredException, RSAKey, SSHException

    for kind in (Ed25519Key, ECDSAKey, RSAKey):
        try:
            return kind.from_private_key(io.StringIO(place.api_key), place.password or None)
        except PasswordRequiredException:
            raise _unusable(
                "The private key is locked.", "Enter its passphrase as password."
            ) from None
        except (SSHException, ValueError, IndexError, TypeError):
            continue
    raise _unusable(
        "The private key cannot be read, or its passphrase is wrong.",
        "Paste the whole file, from -----BEGIN to END-----; Ed25519, ECDSA and RSA are known.",
    )


def _unusable(message: str, remedy: str) -> Refused:
    return Refused("auth_failed", message, remedy)


def _is_empty(files: SFTPClient, folder: str) -> bool:
    """Tell whether the folder is empty, by its first page.

    Raises:
        Refused: It is not there, or not to be read.
    """
    try:
        return next(iter(files.listdir_iter(folder, read_aheads=1)), None) is None
    except FileNotFoundError:
        raise no_such(
            "folder", folder, "Check the path; it is the server's, not this machine's."
        ) from None
    except PermissionError:
        raise Refused(
            "access_denied",
            f"This user may not read {folder}.",
            "Let the user read the folder, or name another one.",
        ) from None


def _no_sftp() -> Refused:
    return Refused(
        "not_supported",
        "The server lets this user in, but offers no SFTP.",
        "Enable its subsystem sftp (internal-sftp in sshd_config).",
    )
