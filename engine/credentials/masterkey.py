"""The master key, and the ring of keys while one takes the place of another.

A ring is text with one key a line, the newest first; almost always it is one line. Secrets are
opened with whichever key of the ring they name, and sealed under the one that the database is
under (`engine.credentials.sealing`).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import MasterKeyRefused

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

KEY_BYTES = 32
# A rotation needs two; more are there when a file serves several databases.
MAX_KEYS = 16
VARIABLE = "LAMPBOARD_MASTER_KEY"
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{43}=?")
_CUT_HEX = re.compile(r"[0-9a-fA-F]{43}")
_MAKE_HINT = "A master key is 32 bytes as 64 hex digits; make one with: openssl rand -hex 32"


@dataclass(frozen=True, kw_only=True, slots=True)
class MasterKey:
    """32 secret bytes, with where they came from and a name that does not give them away."""

    secret: bytes = field(repr=False)
    origin: str

    def derive(self, *purpose: bytes) -> bytes:
        """Return 32 bytes for this purpose alone (HKDF-SHA256)."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        info = b"".join(len(part).to_bytes(4, "big") + part for part in purpose)
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=b"lampboard", info=info).derive(
            self.secret
        )

    @property
    def id(self) -> str:
        """16 hex digits, the same for the same key."""
        return self.derive(b"key id")[:8].hex()


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRing:
    """Master keys, the newest first; the others are former ones that secrets may still need."""

    keys: tuple[MasterKey, ...]

    @property
    def first(self) -> MasterKey:
        """The newest key."""
        return self.keys[0]

    @property
    def ids(self) -> tuple[str, ...]:
        """The keys' ids, the newest first."""
        return tuple(key.id for key in self.keys)

    def get(self, key_id: str) -> MasterKey | None:
        """Return the key of this id, or None."""
        return next((key for key in self.keys if key.id == key_id), None)

    def led_by(self, key: MasterKey) -> KeyRing:
        """Return the ring with `key` as the newest."""
        return KeyRing(keys=(key, *(each for each in self.keys if each.secret != key.secret)))

    def only(self, ids: Collection[str]) -> KeyRing:
        """Return the ring without the keys of other ids."""
        return KeyRing(keys=tuple(key for key in self.keys if key.id in ids))

    def spell(self) -> str:
        """Return the ring as text: a secret."""
        return "".join(f"{key.secret.hex()}\n" for key in self.keys)


def parse_ring(text: str, origin: str) -> KeyRing:
    """Return the keys that `text` spells, one a line; no error repeats any of it.

    Raises:
        MasterKeyRefused: A line is not a whole key, one is there twice, or there are too many.
    """
    lines = text.strip().splitlines()
    if len(lines) > MAX_KEYS:
        raise MasterKeyRefused(
            f"What is in {origin} has {len(lines)} lines, and no more than {MAX_KEYS} keys are "
            "kept together.",
            hint="Is it the right file?",
        )
    found = [_line(line, number, len(lines), origin) for number, line in enumerate(lines, 1)]
    if not found:
        raise _malformed("", origin)
    if len(set(found)) < len(found):
        raise MasterKeyRefused(f"A key is in {origin} twice.", hint="Remove one of the two lines.")
    return KeyRing(keys=tuple(MasterKey(secret=secret, origin=origin) for secret in found))


def _line(text: str, number: int, lines: int, origin: str) -> bytes:
    return parse_key(text, origin if lines == 1 else f"line {number} of {origin}")


def parse_key(text: str, origin: str) -> bytes:
    """Return the 32 bytes that `text` spells in hex or base64; the error never repeats it.

    Raises:
        MasterKeyRefused: The text spells something else, such as a key cut short.
    """
    text = text.strip()
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    # 43 hex digits are a key cut short. As base64 of 32 random bytes they come once in 10^20.
    if _BASE64.fullmatch(text) and not _CUT_HEX.fullmatch(text):
        try:
            return base64.b64decode(text.rstrip("=") + "=", altchars=_altchars(text))
        except binascii.Error:
            raise _malformed(text, origin) from None
    raise _malformed(text, origin)


def default_key_file(database: str) -> Path | None:
    """Return where the key of the database at this URL is kept: beside it, or with the user's data.

    A server's database has no folder here, so its key is with the user's data, named by nothing:
    one key serves all servers of this user.
    """
    from pathlib import Path

    if not database.startswith("sqlite"):
        from platformdirs import user_data_path

        return user_data_path("lampboard", appauthor=False) / "master.key"
    path = database.partition("://")[2].removeprefix("/").partition("?")[0]
    if not path or path == ":memory:":
        return None
    return Path(path + ".key")


def missing_key(default_file: Path | None) -> MasterKeyRefused:
    """Return the refusal where secrets are stored and no key is found."""
    place = f" or the key file {default_file}" if default_file else ""
    return MasterKeyRefused(
        "Credentials are stored, but the master key that opens them is missing.",
        hint=f"Bring back {VARIABLE}{place}; a new key could not open them.",
    )


def _altchars(text: str) -> bytes:
    return b"-_" if "-" in text or "_" in text else b"+/"


def _malformed(text: str, origin: str) -> MasterKeyRefused:
    return MasterKeyRefused(
        f"The master key from {origin} is not 32 bytes in hex or base64: its length is "
        f"{len(text)}.",
        hint=_MAKE_HINT,
    )
