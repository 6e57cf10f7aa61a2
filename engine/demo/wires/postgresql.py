"""PostgreSQL: a login with a password, and SELECT 1 (protocol 3.0, "Message Formats")."""

from __future__ import annotations

from struct import pack, unpack
from typing import TYPE_CHECKING

from engine.demo.behaviour import Mood

if TYPE_CHECKING:
    from engine.demo.wires.base import Peer

_VERSION = b"17.6"
_LONGEST = 64 * 1024
_PROTOCOL, _TLS, _GSS = 196_608, 80_877_103, 80_877_104
_ASKS_FOR_PASSWORD, _LET_IN = pack(">i", 3), pack(">i", 0)
_READY = b"I"
# One column of an int4, and its one row.
_COLUMN = pack(">h", 1) + b"?column?\0" + pack(">ihihih", 0, 0, 23, 4, -1, 0)
_ROW = pack(">hi", 1, 1) + b"1"
_SAID = {
    Mood.UNAVAILABLE: ("57P03", "the database system is starting up"),
    Mood.OVERLOADED: ("53300", "sorry, too many clients already"),
    Mood.FORBIDDEN: (
        "28000",
        'no pg_hba.conf entry for user "{user}", database "{database}", no encryption',
    ),
}


async def talk(peer: Peer) -> None:
    """Log in, then answer queries until the other side leaves."""
    given = await _startup(peer)
    if given is None:
        return
    user, database = given.get("user", ""), given.get("database", given.get("user", ""))
    if peer.step.mood in _SAID:
        code, sentence = _SAID[peer.step.mood]
        await peer.say(_fatal(code, sentence.format(user=user, database=database)))
        return
    if not await _logs_in(peer, user):
        await peer.say(_fatal("28P01", f'password authentication failed for user "{user}"'))
        return
    version = b"server_version\0" + _VERSION + b"\0"
    await peer.say(_message(b"R", _LET_IN), _message(b"S", version), _message(b"Z", _READY))
    await _queries(peer)


async def _startup(peer: Peer) -> dict[str, str] | None:
    """Return what the other side says of itself; None where it speaks something else."""
    while True:
        body = await _body(peer)
        (code,) = unpack(">i", body[:4])
        if code not in {_TLS, _GSS}:
            break
        await peer.say(b"N")  # neither is offered here
    if code != _PROTOCOL:
        return None
    words = [word.decode("utf-8", "replace") for word in body[4:].split(b"\0")]
    return dict(zip(words[::2], words[1::2], strict=False))


async def _logs_in(peer: Peer, user: str) -> bool:
    await peer.say(_message(b"R", _ASKS_FOR_PASSWORD))
    await peer.reader.readexactly(1)
    password = (await _body(peer)).rstrip(b"\0").decode("utf-8", "replace")
    return peer.step.mood is not Mood.UNAUTHORIZED and peer.knows(f"{user}:{password}")


async def _queries(peer: Peer) -> None:
    while (kind := await peer.reader.readexactly(1)) != b"X":
        statement = (await _body(peer)).rstrip(b"\0; ")
        if kind == b"Q" and statement.upper() == b"SELECT 1":
            rows = (_message(b"T", _COLUMN), _message(b"D", _ROW), _message(b"C", b"SELECT 1\0"))
            await peer.say(*rows, _message(b"Z", _READY))
        else:
            refused = _error("ERROR", "0A000", "this simulator answers SELECT 1, and nothing else")
            await peer.say(refused, _message(b"Z", _READY))


async def _body(peer: Peer) -> bytes:
    (size,) = unpack(">i", await peer.reader.readexactly(4))
    if not 4 <= size <= _LONGEST:  # noqa: PLR2004 - the length counts itself
        raise ValueError("no message is as long as that")
    return await peer.reader.readexactly(size - 4)


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + pack(">i", len(body) + 4) + body


def _fatal(code: str, sentence: str) -> bytes:
    return _error("FATAL", code, sentence)


def _error(severity: str, code: str, sentence: str) -> bytes:
    fields = (f"S{severity}", f"V{severity}", f"C{code}", f"M{sentence}", "")
    return _message(b"E", b"".join(one.encode() + b"\0" for one in fields))
