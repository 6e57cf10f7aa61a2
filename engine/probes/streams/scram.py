"""SCRAM as a client (RFC 5802, RFC 7677): proof of a password that is never sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

HASHES = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}
# Brokers use 4,096 to 8,192, some databases 15,000; this many take 60 ms of the event loop.
_MAX_ROUNDS = 100_000
# No channel binding: `n,,` in base64.
_UNBOUND = "biws"


class ScramError(ValueError):
    """What the server says is no part of SCRAM, or it does not know the password itself."""


@dataclass(slots=True, kw_only=True)
class Scram:
    """One login: `first()`, then `proof(...)` of the answer, then `verify(...)` of the next one.

    Attributes:
        mechanism: `SCRAM-SHA-256` or `SCRAM-SHA-512`.
        user: Who logs in.
        password: The password.
        nonce: Never used twice.
    """

    mechanism: str
    user: str
    password: str = field(repr=False)
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    _signature: bytes = field(default=b"", repr=False)

    def first(self) -> bytes:
        """Return the message that begins the login."""
        return f"n,,{self._bare()}".encode()

    def proof(self, challenge: bytes) -> bytes:
        """Return the proof that the server's challenge asks for.

        Raises:
            ScramError: It is no challenge to this login.
        """
        told = _attributes(challenge)
        nonce, salt, rounds = told.get("r", ""), _decoded(told.get("s", "")), told.get("i", "")
        if not nonce.startswith(self.nonce) or not salt or not rounds.isdecimal():
            raise ScramError("The challenge is not one to this login.")
        if not 0 < int(rounds) <= _MAX_ROUNDS:
            raise ScramError("The challenge asks for too many rounds.")
        unproved = f"c={_UNBOUND},r={nonce}"
        return f"{unproved},p={self._prove(challenge, salt, int(rounds), unproved)}".encode()

    def verify(self, answer: bytes) -> None:
        """See that the server knows the password too.

        Raises:
            ScramError: It does not.
        """
        told = _decoded(_attributes(answer).get("v", ""))
        if not hmac.compare_digest(told, self._signature):
            raise ScramError("The server did not prove that it knows the password.")

    def _prove(self, challenge: bytes, salt: bytes, rounds: int, unproved: str) -> str:
        name = HASHES[self.mechanism]
        salted = hashlib.pbkdf2_hmac(name, self.password.encode(), salt, rounds)
        key = hmac.digest(salted, b"Client Key", name)
        said = b",".join((self._bare().encode(), challenge, unproved.encode()))
        signature = hmac.digest(hashlib.new(name, key).digest(), said, name)
        self._signature = hmac.digest(hmac.digest(salted, b"Server Key", name), said, name)
        return base64.b64encode(bytes(a ^ b for a, b in zip(key, signature, strict=True))).decode()

    def _bare(self) -> str:
        name = self.user.replace("=", "=3D").replace(",", "=2C")
        return f"n={name},r={self.nonce}"


def _attributes(message: bytes) -> dict[str, str]:
    parts = message.decode("utf-8", "replace").split(",")
    return {part[:1]: part[2:] for part in parts if part[1:2] == "="}


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
