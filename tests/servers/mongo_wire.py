"""MongoDB's wire protocol on loopback: OP_MSG, SCRAM-SHA-256, and the commands of a check.

No MongoDB can be had from PyPI, npm or Debian. This speaks what the specifications of drivers
say (MongoDB Handshake, Authentication, OP_MSG), to MongoDB's own driver.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import bson

from tests.servers.hostile import hostile

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.servers.hostile import Hostile, Peer

    Document = dict[str, Any]

_HEADER = struct.Struct("<iiii")
_REPLY, _QUERY, _MSG = 1, 2004, 2013
_ROUNDS = 4096
_HELLO = {
    "helloOk": True,
    "isWritablePrimary": True,
    "ismaster": True,
    "maxBsonObjectSize": 16_777_216,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000,
    "minWireVersion": 0,
    "maxWireVersion": 25,
    "readOnly": False,
    "ok": 1.0,
}


@dataclass(kw_only=True, slots=True)
class MongoWire:
    """What the server knows: its users with their passwords, and its databases.

    Attributes:
        users: Who may log in, by SCRAM-SHA-256 against `admin`.
        databases: The collections of each database.
        open_to_all: Whether commands are answered without a login.
        hello: What differs in its greeting.
        commands: The names of the commands it was sent.
    """

    users: dict[str, str] = field(default_factory=dict)
    databases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    open_to_all: bool = False
    hello: Document = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)

    def serving(self, *, tls: ssl.SSLContext | None = None) -> AbstractAsyncContextManager[Hostile]:
        """Serve until the block ends."""
        return hostile(self._converse, tls=tls)

    async def _converse(self, peer: Peer) -> None:
        session = _Session(self)
        while True:
            length, number, _, code = _HEADER.unpack(await peer.reader.readexactly(16))
            body = await peer.reader.readexactly(length - 16)
            if code == _QUERY:
                told = self.greeting()
                await peer.send(_reply(number, told))
            else:
                # Flags of four bytes, then one section of kind 0.
                told = session.answer(bson.decode(body[5:]))
                await peer.send(_message(number, told))

    def greeting(self) -> Document:
        return {**_HELLO, **self.hello, "saslSupportedMechs": ["SCRAM-SHA-256"]}


class _Session:
    """One connection: who logged in on it, and how far a login is."""

    def __init__(self, server: MongoWire) -> None:
        self._server = server
        self._logged_in = server.open_to_all
        self._scram: _Scram | None = None

    def answer(self, command: Document) -> Document:
        name = next(iter(command))
        self._server.commands.append(name)
        known: dict[str, Callable[[Document], Document]] = {
            "hello": lambda _: self._server.greeting(),
            "ismaster": lambda _: self._server.greeting(),
            "ping": lambda _: {"ok": 1.0},
            "endSessions": lambda _: {"ok": 1.0},
            "saslStart": self._start,
            "saslContinue": self._continue,
            "buildInfo": lambda _: {"version": "8.0.4", "ok": 1.0},
            "listDatabases": self._databases,
            "listCollections": self._collections,
        }
        open_ones = {"hello", "ismaster", "ping", "saslStart", "saslContinue", "buildInfo"}
        if name not in known:
            return _error(59, "CommandNotFound", f"no such command: '{name}'")
        if name not in open_ones and not self._logged_in:
            return _error(13, "Unauthorized", f"Command {name} requires authentication")
        return known[name](command)

    def _start(self, command: Document) -> Document:
        self._scram = _Scram(self._server.users, bytes(command["payload"]).decode())
        return _step(self._scram.challenge(), done=False)

    def _continue(self, command: Document) -> Document:
        assert self._scram is not None
        proof = self._scram.verdict(bytes(command["payload"]).decode())
        if proof is None:
            return _error(18, "AuthenticationFailed", "Authentication failed.")
        self._logged_in = True
        return _step(proof, done=True)

    def _databases(self, command: Document) -> Document:
        wanted = command.get("filter", {}).get("name")
        names = [name for name in self._server.databases if wanted in {None, name}]
        return {"databases": [{"name": name} for name in names], "ok": 1.0}

    def _collections(self, command: Document) -> Document:
        names = self._server.databases.get(command["$db"], ())
        batch = [{"name": name, "type": "collection"} for name in names]
        space = f"{command['$db']}.$cmd.listCollections"
        return {"cursor": {"id": 0, "ns": space, "firstBatch": batch}, "ok": 1.0}


class _Scram:
    """The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677)."""

    def __init__(self, users: dict[str, str], first: str) -> None:
        self._bare = first.removeprefix("n,,")
        said = dict(part.split("=", 1) for part in self._bare.split(","))
        self._password = users.get(said["n"])
        self._challenge = f"r={said['r']}server,s={base64.b64encode(b'salt').decode()},i={_ROUNDS}"

    def challenge(self) -> str:
        return self._challenge

    def verdict(self, final: str) -> str | None:
        """The server's own proof, or None where the client's is wrong."""
        without, _, proof = final.rpartition(",p=")
        words = f"{self._bare},{self._challenge},{without}".encode()
        salted = hashlib.pbkdf2_hmac("sha256", (self._password or "").encode(), b"salt", _ROUNDS)
        client = _hmac(salted, b"Client Key")
        signature = _hmac(hashlib.sha256(client).digest(), words)
        expected = bytes(a ^ b for a, b in zip(client, signature, strict=True))
        if self._password is None or base64.b64decode(proof) != expected:
            return None
        return f"v={base64.b64encode(_hmac(_hmac(salted, b'Server Key'), words)).decode()}"


def _hmac(key: bytes, words: bytes) -> bytes:
    return hmac.new(key, words, "sha256").digest()


def _step(payload: str, *, done: bool) -> Document:
    return {"conversationId": 1, "done": done, "payload": payload.encode(), "ok": 1.0}


def _error(code: int, name: str, words: str) -> Document:
    return {"ok": 0.0, "errmsg": words, "code": code, "codeName": name}


def _message(number: int, document: Document) -> bytes:
    content = struct.pack("<I", 0) + b"\x00" + bson.encode(document)
    return _HEADER.pack(16 + len(content), 1, number, _MSG) + content


def _reply(number: int, document: Document) -> bytes:
    content = struct.pack("<iqii", 8, 0, 0, 1) + bson.encode(document)
    return _HEADER.pack(16 + len(content), 1, number, _REPLY) + content
