"""Oracle Database, by oracledb's thin mode in a process of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.probes.channels import open_channel
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
from engine.probes.running import causes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.probes.attempt import Attempt
    from engine.probes.place import Place

PORT = 1521
_TITLE = "Oracle"
# TNS: two bytes of length, two of a checksum, one of type, three more.
_HEAD = 8
_ACCEPT, _REFUSE, _REDIRECT, _RESEND = 2, 4, 5, 11
_CODE = re.compile(r"\b(?:ORA|DPY)-\d{4,5}\b")
_LISTENED = re.compile(r"\(ERR=(\d+)\)")
_LOCKED = ("access_denied", "The account is locked.", "Unlock it: ALTER USER … ACCOUNT UNLOCK.")
_STARTING = ("starting", "The database is starting or stopping.", "Wait a moment.")
_BUSY = (
    "overloaded",
    "The database takes no more connections.",
    "Wait, or raise its limits of processes and sessions.",
)
_UNSUPPORTED = (
    "version_unsupported",
    "This database cannot be reached by Oracle's thin driver.",
    "Thin mode needs Oracle 12.1, a password verifier of 11g or newer, and no native encryption.",
)
# Oracle's error numbers; the driver says some of the listener's in its own.
_MEANINGS: dict[str, tuple[str, str, str]] = {
    "ORA-28000": _LOCKED,
    "ORA-28001": (
        "password_expired",
        "The password has expired.",
        "Set a new one with ALTER USER, and enter it here.",
    ),
    "ORA-01045": (
        "access_denied",
        "The user may not open a session.",
        "Grant it CREATE SESSION.",
    ),
    "ORA-12529": (
        "access_denied",
        "The listener does not let this machine in.",
        "Allow this machine's address in the listener's rules (tcp.invited_nodes).",
    ),
    **dict.fromkeys(("ORA-01033", "ORA-01034", "ORA-01089", "ORA-12528", "ORA-12526"), _STARTING),
    **dict.fromkeys(
        ("ORA-00018", "ORA-00020", "ORA-12516", "ORA-12518", "ORA-12519", "ORA-12520"), _BUSY
    ),
    **dict.fromkeys(("DPY-3001", "DPY-3010", "DPY-3015", "ORA-12660"), _UNSUPPORTED),
}
_PASSWORD = frozenset({"ORA-01017", "ORA-01005", "ORA-01004"})
_NO_SERVICE = frozenset({"ORA-12514", "ORA-12505", "ORA-12521", "DPY-6001", "DPY-6003"})
_ENDED = frozenset({"DPY-4011", "DPY-1001", "ORA-03113", "ORA-12537", "ORA-12547"})


async def probe(attempt: Attempt) -> Mapping[str, object]:
    """Connect, log in, ask for the version; return what answered."""
    host, port = attempt.where(PORT)
    place = attempt.place
    if not place.username:
        raise no_user()
    if not (place.database or place.option("sid")):
        raise Refused("invalid_request", "No service is named.", "Enter the service name or SID.")
    if place.tls:
        return await _over_tls(attempt, host, port)
    heads: list[bytes] = []

    def believes(head: bytes) -> bool:
        heads.append(head)
        return head[4] in {_ACCEPT, _REFUSE, _RESEND} and int.from_bytes(head[:2], "big") >= _HEAD

    async with open_relay(attempt, host, port, head=_HEAD, believes=believes) as relay:
        try:
            return await _asked(attempt, HOST, relay.port)
        except Refused as refused:
            raise (_stranger(heads[0]) if relay.stranger else refused) from None


async def _over_tls(attempt: Attempt, host: str, port: int) -> Mapping[str, object]:
    # The driver says little of a failed handshake, so one is tried before.
    async with open_channel(attempt, host, port, tls=True) as (_, writer):
        address = str(writer.get_extra_info("peername")[0])
    return await _asked(attempt, host if attempt.place.tls_verify else address, port)


async def _asked(attempt: Attempt, host: str, port: int) -> Mapping[str, object]:
    ca_file = attempt.tools.ca_file
    work = f"{__name__}:ask"
    return await in_child(attempt, work, "authenticate", host=host, port=port, ca_file=ca_file)


def ask(
    place: Place, turn: Callable[[str], None], *, host: str, port: int, ca_file: str | None
) -> dict[str, object]:
    """Log in there and ask for the version; runs in the child.

    Raises:
        Refused: The server refused it.
    """
    import oracledb

    from engine.probes.trust import trust_of

    sid = place.option("sid")
    stage = "authenticate"
    try:
        with oracledb.connect(
            user=place.username,
            password=place.password or "",
            host=host,
            port=port,
            sid=sid or None,
            service_name=None if sid else place.database,
            protocol="tcps" if place.tls else "tcp",
            ssl_context=trust_of(place, ca_file) if place.tls else None,
            ssl_server_dn_match=place.tls_verify,
            retry_count=0,
            program="lampboard",
        ) as connection:
            turn(stage := "query")
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM dual")
                cursor.fetchone()
            return {"server": f"{_TITLE} {connection.version}"}
    except oracledb.Error as error:
        raise _refusal(error, stage, place) from None


def _stranger(head: bytes) -> Refused:
    if head[4] != _REDIRECT:
        return wrong_protocol(_TITLE)
    return Refused(
        "redirect",
        "The listener sends its clients on to another address, which is not followed.",
        "Enter the host of the database itself, instead of the listener's (SCAN) name.",
    )


def _refusal(error: Exception, stage: str, place: Place) -> Refused:
    said = " ".join(str(cause) for cause in causes(error))
    codes = set(_CODE.findall(said))
    codes |= {f"ORA-{int(number):05}" for number in _LISTENED.findall(said)}
    if codes & _PASSWORD:
        return password_rejected(place.username, _TITLE)
    if codes & _NO_SERVICE:
        name = place.option("sid") or place.database
        return no_such("service", name, "Check the service name or SID; lsnrctl status lists them.")
    if known := sorted(codes & _MEANINGS.keys()):
        return Refused(*_MEANINGS[known[0]])
    if codes & _ENDED:
        return closed(stage, _TITLE)
    first = str(error).partition("\n")[0]
    return Refused("connect_failed", f"{_TITLE} refused: {first}", "Look at the listener's log.")
