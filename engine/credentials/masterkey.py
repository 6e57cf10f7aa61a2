"""The master key: where it is found, when it is made, and when it is refused.

In this order: `LAMPBOARD_MASTER_KEY`; the file that `master_key_file` names; the key file beside
the database; the operating system's keyring (service `lampboard`, user `master-key`). Where none
has one and no secret was stored yet, the key file is made: 32 random bytes, mode 0600. Where
secrets are stored already, a new key could not open them, so a missing key is refused and
nothing is made.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.errors import MasterKeyRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.credentials.vault import Vault
    from engine.settings import Settings

KEY_BYTES = 32
VARIABLE = "LAMPBOARD_MASTER_KEY"
KEYRING_SERVICE = "lampboard"
KEYRING_USER = "master-key"
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{43}=?")
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


class MasterKeySource:
    """Finds the master key of a workspace, once.

    Args:
        given: The key from the environment, as text.
        named_file: The key file that the settings name; it must exist.
        default_file: The key file beside the database; None where there is no file at all (a
            database in memory), and the key then lives as long as the process.
        keyring: Whether to ask the operating system's keyring.
    """

    def __init__(
        self,
        *,
        given: str | None = None,
        named_file: Path | None = None,
        default_file: Path | None = None,
        keyring: bool = True,
    ) -> None:
        self._given = given
        self._named_file = named_file
        self._default_file = default_file
        self._keyring = keyring
        self._vault: Vault | None = None

    def __repr__(self) -> str:
        return f"MasterKeySource(default_file={self._default_file!s})"

    @classmethod
    def from_settings(cls, settings: Settings) -> MasterKeySource:
        """Return the source that the settings describe."""
        from pathlib import Path

        named = Path(settings.master_key_file).expanduser() if settings.master_key_file else None
        return cls(
            given=settings.master_key,
            named_file=named,
            default_file=default_key_file(settings.database),
        )

    def vault(self, *, secrets_exist: Callable[[], bool]) -> Vault:
        """Return the vault under this workspace's key, making the key where that is safe.

        Args:
            secrets_exist: Tells whether any secret is stored; asked only when no key was found.

        Raises:
            MasterKeyRefused: The key is missing though secrets exist, malformed, or others can
                read its file. Nothing was changed.
        """
        if self._vault is None:
            from engine.credentials.vault import Vault

            self._vault = Vault(self.find() or self._make(secrets_exist()))
        return self._vault

    def prepare(self) -> None:
        """Load the ciphers, and the key where there is one; makes nothing.

        A keyring may ask the person, and loading takes 80 ms: nobody's database should be locked
        meanwhile.

        Raises:
            MasterKeyRefused: A key is there but cannot be used.
        """
        from engine.credentials.vault import Vault, load_ciphers

        load_ciphers()
        if self._vault is None and (key := self.find()) is not None:
            self._vault = Vault(key)

    def find(self) -> MasterKey | None:
        """Return the key that is there already, or None.

        Raises:
            MasterKeyRefused: A key is there but cannot be used.
        """
        from engine.credentials import keyfile

        if self._given:
            return MasterKey(secret=parse_key(self._given, VARIABLE), origin=VARIABLE)
        if self._named_file is not None:
            return keyfile.read(self._named_file)
        if self._default_file is not None and keyfile.exists(self._default_file):
            return keyfile.read(self._default_file)
        return _from_keyring() if self._keyring and self._default_file is not None else None

    def _make(self, secrets_exist: bool) -> MasterKey:
        from engine.credentials import keyfile

        if secrets_exist:
            raise _missing(self._default_file)
        if self._default_file is None:
            import os

            return MasterKey(secret=os.urandom(KEY_BYTES), origin="this process's memory")
        return keyfile.make(self._default_file)


def parse_key(text: str, origin: str) -> bytes:
    """Return the 32 bytes that `text` spells in hex or base64; the error never repeats it.

    Raises:
        MasterKeyRefused: The text spells something else, such as a key cut short.
    """
    text = text.strip()
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    if _BASE64.fullmatch(text):
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


def _altchars(text: str) -> bytes:
    return b"-_" if "-" in text or "_" in text else b"+/"


def _from_keyring() -> MasterKey | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None  # the extra is not installed, so nothing can be kept there
    try:
        text = keyring.get_password(KEYRING_SERVICE, KEYRING_USER)
    except KeyringError:
        return None  # no usable backend, or a locked one: then the key is missing, and said so
    if not text:
        return None
    return MasterKey(secret=parse_key(text, "the keyring"), origin="the keyring")


def _missing(default_file: Path | None) -> MasterKeyRefused:
    place = f" or the key file {default_file}" if default_file else ""
    return MasterKeyRefused(
        "Credentials are stored, but the master key that opens them is missing.",
        hint=f"Bring back {VARIABLE}{place}; a new key could not open them.",
    )


def _malformed(text: str, origin: str) -> MasterKeyRefused:
    return MasterKeyRefused(
        f"The master key from {origin} has {len(text)} characters that are not "
        "32 bytes in hex or base64.",
        hint=_MAKE_HINT,
    )
