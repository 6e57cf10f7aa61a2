"""An SFTP server that lets in by password, on paramiko's server half.

OpenSSH asks the machine for passwords, and no test may give an account of the machine one.
"""

from __future__ import annotations

import logging
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import paramiko

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, PASSWORD = "app", "correct horse"


# The methods take what the library gives.
# ruff: noqa: ARG002


class _Door(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        fits = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if fits else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Folder(paramiko.SFTPServerInterface):
    def list_folder(self, path: str) -> Any:
        if path.rstrip("/") not in {"", "/.", "."}:
            return paramiko.SFTP_NO_SUCH_FILE
        one = paramiko.SFTPAttributes()
        one.filename = "one"
        return [one]


@contextmanager
def password_sftp() -> Iterator[int]:
    """Serve until the block ends; the port is on 127.0.0.1."""
    logging.getLogger("lampboard.test").setLevel(logging.CRITICAL + 1)
    key = paramiko.ECDSAKey.generate()
    transports: list[paramiko.Transport] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, key, transports), daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for transport in transports:
                transport.close()
    thread.join()


def _serve(
    listener: socket.socket, key: paramiko.PKey, transports: list[paramiko.Transport]
) -> None:
    with suppress(OSError):  # the listener is shut down when the test is over
        while True:
            sock, _ = listener.accept()
            transport = paramiko.Transport(sock)
            transport.set_log_channel("lampboard.test")
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Folder)
            transports.append(transport)
            with suppress(paramiko.SSHException, EOFError):
                transport.start_server(server=_Door())
