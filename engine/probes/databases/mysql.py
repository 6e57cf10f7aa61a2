"""MySQL and MariaDB, by PyMySQL over the judged connection."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from engine.probes.refusals import (
    NO_TLS,
    Refused,
    closed,
    no_such,
    no_user,
    password_rejected,
    translated,
    wrong_protocol,
)
from engine.probes.running import causes
from engine.probes.threads import cutting, in_thread

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

    from pymysql.connections import Connection

    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

    Turn = Callable[[str], None]

PORT = 3306
_TITLE = "MySQL"
# What the driver stumbles over when the bytes are nobody's greeting.
_GARBLED = (struct.error, IndexError, AssertionError, UnicodeDecodeError)
# The server's error numbers (both servers' manuals), and the driver's own from 2000 on.
_PASSWORD = frozenset({1045, 1698})
_NO_DATABASE = 1049
_PACKETS_OUT_OF_ORDER = 1156
_LOST = frozenset({2006, 2013})
_NO_CONNECTION_LEFT = (
    "overloaded",
    "The server has no connection left for this user.",
    "Wait, or raise max_connections or the user's limit.",
)
_NO_PLUGIN = (
    "unsupported_auth",
    "The server asks for a way to log in that is not supported here.",
    "Let this user in by caching_sha2_password, ed25519 or mysql_native_password.",
)
_LOCKED = ("access_denied", "The account is locked.", "Unlock it: ALTER USER … ACCOUNT UNLOCK.")
_EXPIRED = (
    "password_expired",
    "The password has expired.",
    "Set a new one with ALTER USER, and enter it here.",
)
_NEEDS_PYNACL = (
    "driver_missing",
    "This user logs in by ed25519, for which a library is missing.",
    "pip install pynacl",
)
_MEANINGS: dict[int, tuple[str, str, str]] = {
    1040: _NO_CONNECTION_LEFT,
    1203: _NO_CONNECTION_LEFT,
    1226: _NO_CONNECTION_LEFT,
    1044: (
        "access_denied",
        "This user may not use this database, if there is one of that name.",
        "Check the database's name, or grant this user a right on it.",
    ),
    1130: (
        "access_denied",
        "The server lets nobody in from this machine.",
        "Create the user for this machine's address, such as 'app'@'10.0.%'.",
    ),
    1129: (
        "access_denied",
        "The server has blocked this machine after too many broken connections.",
        "Run FLUSH HOSTS on the server, and find out what broke them.",
    ),
    1053: ("starting", "The server is starting or stopping.", "Wait a moment."),
    1820: _EXPIRED,
    1862: _EXPIRED,
    3118: _LOCKED,
    4151: _LOCKED,
    3159: (
        "tls_required",
        "The server lets nobody in without TLS.",
        "Switch TLS on.",
    ),
    1251: _NO_PLUGIN,
    1524: _NO_PLUGIN,
    2059: _NO_PLUGIN,
    2026: NO_TLS,
}


async def probe(attempt: Attempt) -> dict[str, object]:
    """Connect, log in, ask for the version; return what answered."""
    host, port = attempt.where(PORT)
    if not attempt.place.username:
        raise no_user()
    trusted = attempt.trust() if attempt.place.tls else None
    sock = await attempt.connect(host, port)
    with cutting(sock) as cut, attempt.turns("tls" if trusted else "authenticate") as turn:
        connection = _prepared(attempt, host, port)
        if trusted is not None:
            connection.ctx = _Handshake(trusted, turn)  # type: ignore[attr-defined]
        with translated(lambda error: refusal_of(error, attempt)):
            version = await in_thread(lambda: _version(connection, sock, turn), abort=cut)
    return {"server": _server(version)}


def _prepared(attempt: Attempt, host: str, port: int) -> Connection[Any]:
    from pymysql.connections import Connection

    place = attempt.place
    return Connection(
        host=host,
        port=port,
        user=place.username,
        # As text it would be sent in Latin-1, whatever letters it has.
        password=(place.password or "").encode(),
        database=place.database or None,
        charset="utf8mb4",
        # Beyond the deadline, which is what should be told of; it cuts the connection.
        read_timeout=attempt.remaining_s + 1,
        write_timeout=attempt.remaining_s + 1,
        # Any context makes the driver insist on TLS; the one that shakes hands is set later.
        ssl=attempt.trust() if place.tls else None,
        ssl_disabled=not place.tls,
        auth_plugin_map=guards(place),
        autocommit=None,
        program_name="lampboard",
        defer_connect=True,
    )


def guards(place: Place) -> dict[str, Callable[[Connection[Any]], object]]:
    """Return what refuses the ways to log in that send the password as it is, without TLS."""
    refused = () if place.tls else ("mysql_clear_password", "dialog")
    return dict.fromkeys(refused, _InTheOpen)


def _version(connection: Connection[Any], sock: socket.socket, turn: Turn) -> str:
    try:
        connection.connect(sock)
        turn("query")
        with connection.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            row = cursor.fetchone()
        return str(row[0]) if row else ""
    finally:
        if connection.open:
            connection.close()
        sock.close()


class _Handshake:
    """A context that tells when it has shaken hands."""

    def __init__(self, context: ssl.SSLContext, turn: Turn) -> None:
        self._context = context
        self._turn = turn

    def wrap_socket(self, sock: socket.socket, *, server_hostname: str) -> ssl.SSLSocket:
        secured = self._context.wrap_socket(sock, server_hostname=server_hostname)
        self._turn("authenticate")
        return secured


class _InTheOpen:
    """Refuses to send the password as it is over a connection that anybody can read."""

    def __init__(self, connection: object) -> None:
        del connection

    def authenticate(self, packet: object) -> object:
        del packet
        raise Refused(
            "tls_required",
            "The server asks for the password in the open, which is refused without TLS.",
            "Switch TLS on.",
        )


def refusal_of(error: Exception, attempt: Attempt) -> Refused | None:
    """Return what a driver's error on connecting means; None for what is none of its own."""
    import pymysql

    if isinstance(error, _GARBLED):
        return wrong_protocol(_TITLE)
    if isinstance(error, RuntimeError):
        return Refused(*_NEEDS_PYNACL)
    if not isinstance(error, pymysql.MySQLError):
        return None
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    return _of_the_server(code, attempt.place) or _of_the_driver(error, code, attempt.stage_name)


def _of_the_server(code: int, place: Place) -> Refused | None:
    if code in _PASSWORD:
        return password_rejected(place.username, _TITLE)
    if code == _NO_DATABASE:
        return no_such("database", place.database, "Check the database's name, or create it.")
    return Refused(*_MEANINGS[code]) if code in _MEANINGS else None


def _of_the_driver(error: Exception, code: int, stage: str) -> Refused | None:
    import pymysql

    if isinstance(getattr(error, "original_exception", None), OSError):
        return None  # what the system said, and not the driver
    if code in _LOST:
        return closed(stage, _TITLE)
    garbled = isinstance(error, pymysql.InternalError) and code in {0, _PACKETS_OUT_OF_ORDER}
    if garbled or any(isinstance(cause, _GARBLED) for cause in causes(error)):
        return wrong_protocol(_TITLE)
    said = error.args[1] if len(error.args) > 1 else "no reason was given"
    return Refused("connect_failed", f"{_TITLE} refused: {said}", "Look at the server's log.")


def _server(version: str) -> str:
    number, _, rest = version.partition("-")
    return f"{'MariaDB' if 'MariaDB' in rest else _TITLE} {number}"
