"""Microsoft SQL Server, by pymssql in a process of its own, through a relay.

FreeTDS, on which it stands, waits for a silent server far beyond any limit, and dials for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.probes.child import in_child
from engine.probes.refusals import (
    Refused,
    closed,
    no_such,
    no_user,
    password_rejected,
    wrong_protocol,
)
from engine.probes.relay import HOST, open_relay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

PORT = 1433
_TITLE = "SQL Server"
# A packet's header: type, status, length, process, number, window; an answer is of type 4.
_HEAD = 8
_ANSWER = 0x04
# SQL Server's error numbers (sys.messages), then FreeTDS' own from 20000 on.
_PASSWORD = frozenset({18452, 18456})
_NO_DATABASE = 4060
_ENDED = frozenset({20002, 20004, 20006, 20009, 20017})
_NO_AGREEMENT = (
    "tls_closed",
    "The connection ended while TLS was being agreed on.",
    "Check that the server offers TLS, or switch it off here.",
)
_LOCKED = (
    "access_denied",
    "The login is disabled or locked.",
    "Enable it: ALTER LOGIN … ENABLE, or WITH PASSWORD = … UNLOCK.",
)
_EXPIRED = (
    "password_expired",
    "The password has expired.",
    "Set a new one with ALTER LOGIN, and enter it here.",
)
_STARTING = ("starting", "The server is starting, paused or being upgraded.", "Wait a moment.")
_BUSY = (
    "overloaded",
    "The server takes no more connections.",
    "Wait, or raise its limit of connections or workers.",
)
_FIREWALL = (
    "access_denied",
    "The server's firewall does not let this machine in.",
    "Add a firewall rule for this machine's address.",
)
_MEANINGS: dict[int, tuple[str, str, str]] = {
    **dict.fromkeys((18470, 18486), _LOCKED),
    **dict.fromkeys((18487, 18488), _EXPIRED),
    **dict.fromkeys((17142, 17187, 18401, 40613), _STARTING),
    **dict.fromkeys((10928, 10929, 17809), _BUSY),
    **dict.fromkeys((40615, 40914), _FIREWALL),
}


async def probe(attempt: Attempt) -> Mapping[str, object]:
    """Connect, log in, ask for the version; return what answered."""
    host, port = attempt.where(PORT)
    if not attempt.place.username:
        raise no_user()
    async with open_relay(attempt, host, port, head=_HEAD, believes=_believes) as relay:
        try:
            return await in_child(attempt, f"{__name__}:ask", "authenticate", door=relay.port)
        except Refused as refused:
            raise (wrong_protocol(_TITLE) if relay.stranger else refused) from None


def ask(place: Place, turn: Callable[[str], None], *, door: int) -> dict[str, object]:
    """Log in at the door and ask for the version; runs in the child.

    Raises:
        Refused: The server refused it.
    """
    from pymssql import _mssql

    stage = "authenticate"
    try:
        connection = _mssql.connect(
            server=HOST,
            port=str(door),
            user=place.username,
            password=place.password or "",
            database=place.database or "",
            appname="lampboard",
            encryption="require" if place.tls else "request",
        )
        turn(stage := "query")
        version = connection.execute_scalar(
            "SELECT CAST(SERVERPROPERTY('ProductVersion') AS varchar(40))"
        )
    except _mssql.MSSQLException as error:
        raise _refusal(error, stage, place) from None
    return {"server": " ".join((_TITLE, cast("str", version)))}


def _believes(head: bytes) -> bool:
    return head[0] == _ANSWER and int.from_bytes(head[2:4], "big") > _HEAD


def _refusal(error: Exception, stage: str, place: Place) -> Refused:
    number: int = getattr(error, "number", 0)
    if number in _PASSWORD:
        return password_rejected(place.username, _TITLE)
    if number == _NO_DATABASE:
        remedy = "Check its name, and that this login has a user in it."
        return no_such("database", f"{place.database} for this login", remedy)
    if number in _ENDED:
        agreeing = place.tls and stage == "authenticate"
        return Refused(*_NO_AGREEMENT) if agreeing else closed(stage, _TITLE)
    if number in _MEANINGS:
        return Refused(*_MEANINGS[number])
    said = getattr(error, "text", b"").decode("utf-8", "replace").partition("DB-Lib")[0]
    return Refused(
        "connect_failed", f"{_TITLE} refused: {said or error}", "Look at the server's log."
    )
