"""Redis: AUTH, SELECT, PING, INFO and SCAN in RESP 2 (redis.io, "Redis serialization protocol")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.demo.behaviour import Mood

if TYPE_CHECKING:
    from asyncio import StreamReader

    from engine.demo.wires.base import Peer

_DATABASES = 16
_LONGEST = 64 * 1024
_INFO = b"# Server\r\nredis_version:8.2.3\r\nredis_mode:standalone\r\n"
_STREAMS = (b"depot:arrivals", b"depot:departures")
_OK = b"+OK\r\n"
_NO_SLOT = b"-ERR max number of clients reached\r\n"
_NO_AUTH = b"-NOAUTH Authentication required.\r\n"
_WRONG = b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
_SAID = {
    Mood.UNAVAILABLE: b"-LOADING Redis is loading the dataset in memory\r\n",
    Mood.FORBIDDEN: b"-NOPERM User default has no permissions to run the command\r\n",
}


async def talk(peer: Peer) -> None:
    """Answer commands until the other side leaves."""
    if peer.step.mood is Mood.OVERLOADED:
        await peer.say(_NO_SLOT)
        return
    known = not peer.secret
    while words := await _command(peer.reader):
        if words[0].upper() == b"AUTH":
            known = _is_login(peer, words[1:])
            await peer.say(_OK if known else _WRONG)
        else:
            await peer.say(_answer(peer, words) if known else _NO_AUTH)


def _is_login(peer: Peer, words: list[bytes]) -> bool:
    login = b":".join(words).decode("utf-8", "replace")
    return peer.step.mood is not Mood.UNAUTHORIZED and peer.knows(login)


def _answer(peer: Peer, words: list[bytes]) -> bytes:
    if peer.step.mood in _SAID:
        return _SAID[peer.step.mood]
    match words[0].upper():
        case b"PING":
            return b"+PONG\r\n"
        case b"SELECT":
            number = words[-1].decode("ascii", "replace")
            there = number.isdecimal() and int(number) < _DATABASES
            return _OK if there else b"-ERR DB index is out of range\r\n"
        case b"INFO":
            return _bulk(_INFO)
        case b"SCAN":
            return b"*2\r\n" + _bulk(b"0") + _array(_STREAMS)
    return b"-ERR unknown command\r\n"


async def _command(reader: StreamReader) -> list[bytes]:
    """Return the words of the next command; none where there is no more, or no command."""
    head = await reader.readline()
    if not head.startswith(b"*"):
        return []
    return [await _word(reader) for _ in range(int(head[1:]))]


async def _word(reader: StreamReader) -> bytes:
    size = int((await reader.readline())[1:])
    if not 0 <= size <= _LONGEST:
        raise ValueError("no word is as long as that")
    return (await reader.readexactly(size + 2))[:-2]


def _array(words: tuple[bytes, ...]) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(map(_bulk, words))


def _bulk(text: bytes) -> bytes:
    return b"$%d\r\n%s\r\n" % (len(text), text)
