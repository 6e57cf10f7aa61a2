"""The source of the master key: where it is found, when it is made, and when it is refused.

In this order: `LAMPBOARD_MASTER_KEY`; the file that `master_key_file` names; the key file beside
the database; the operating system's keyring (service `lampboard`, user `master-key`). Where none
has one and no secret was stored yet, the key file is made: 32 random bytes, mode 0600. Where
secrets are stored already, a new key could not open them, so a missing key is refused and
nothing is made.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from engine.credentials import keyfile
from engine.credentials.keyplaces import GivenKeys, KeyFile, OsKeyring, OwnMemory
from engine.credentials.masterkey import KEY_BYTES, default_key_file, missing_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.credentials.cipher import Cipher
    from engine.credentials.keyplaces import KeyPlace
    from engine.credentials.masterkey import KeyRing, MasterKey
    from engine.settings import Settings

# Keys that are looked for, between two marks, in a place that cannot tell whether it was changed.
_VAIN = 8


class MasterKeySource:
    """Finds the master key of a workspace once, and again when a secret names another one.

    Args:
        given: The key from the environment, as text.
        former: Former keys from the environment, with commas between.
        named_file: The key file that the settings name; it must exist.
        default_file: The key file beside the database; None where there is no file at all (a
            database in memory), and the key then lives as long as the process.
        own: Whether `default_file` serves one database alone.
        keyring: Whether to ask the operating system's keyring.
        passphrase: What opens a locked key file.
        passphrase_file: Where that is written.
        tick: Seconds of a clock that never goes back.
    """

    def __init__(  # noqa: PLR0913 - all the places that a key can come from, by name
        self,
        *,
        given: str | None = None,
        former: str | None = None,
        named_file: Path | None = None,
        default_file: Path | None = None,
        own: bool = True,
        keyring: bool = True,
        passphrase: str | None = None,
        passphrase_file: Path | None = None,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._given = given
        self._former = former
        self._named_file = named_file
        self._default_file = default_file
        self._own = own
        self._keyring = keyring
        self._passphrase = passphrase
        self._passphrase_file = passphrase_file
        self._tick = tick
        self._lock = threading.Lock()
        self._place: KeyPlace | None = None
        self._seen: object = None
        self._vain: set[str] = set()
        self._cipher: Cipher | None = None

    def __repr__(self) -> str:
        return f"MasterKeySource(default_file={self._default_file!s})"

    @classmethod
    def from_settings(cls, settings: Settings) -> MasterKeySource:
        """Return the source that the settings describe."""
        return cls(
            given=settings.master_key,
            former=settings.master_key_former,
            named_file=_path(settings.master_key_file),
            default_file=default_key_file(settings.database),
            own=settings.database.startswith("sqlite"),
            passphrase=settings.master_passphrase,
            passphrase_file=_path(settings.master_passphrase_file),
        )

    def cipher(self, *, secrets_exist: Callable[[], bool]) -> Cipher:
        """Return the cipher under this workspace's keys, making a key where that is safe.

        Args:
            secrets_exist: Tells whether any secret is stored; asked only when no key was found.

        Raises:
            MasterKeyRefused: The key is missing though secrets exist, malformed, or others can
                read its file. Nothing was changed.
        """
        with self._lock:
            if self._cipher is None:
                place = self.place() or self._made(secrets_exist())
                self._cipher = self._over(place)
            return self._cipher

    def prepare(self) -> None:
        """Load the ciphers, and the key where there is one; makes nothing.

        A keyring may ask the person, and loading takes 80 ms: nobody's database should be locked
        meanwhile.

        Raises:
            MasterKeyRefused: A key is there but cannot be used.
        """
        from engine.credentials.cipher import load_ciphers

        load_ciphers()
        with self._lock:
            if self._cipher is None and (place := self.place()) is not None:
                self._cipher = self._over(place)

    def find(self) -> MasterKey | None:
        """Return the newest key that is there already, or None.

        Raises:
            MasterKeyRefused: A key is there but cannot be used.
        """
        place = self.place()
        return None if place is None else place.read().first

    def place(self) -> KeyPlace | None:
        """Return the place that has the keys, or None where no key is yet; reads no file."""
        if self._given:
            return GivenKeys(self._given, self._former, self._named_file or self._default_file)
        if (found := self.key_file()) is not None:
            return found
        if self._default_file is None:
            return self._place  # in memory, once it is made
        return OsKeyring.find(self._default_file, self._tick) if self._keyring else None

    def key_file(self) -> KeyFile | None:
        """Return the key file, if that is where the keys are; reads nothing."""
        if self._given:
            return None
        if self._named_file is not None:
            return KeyFile(self._named_file, own=False, ask=self._phrase)
        if self._default_file is not None and keyfile.exists(self._default_file):
            return KeyFile(self._default_file, own=self._own, ask=self._phrase)
        return None

    @property
    def unlockable(self) -> bool:
        """Whether a passphrase was given, right or wrong."""
        return bool(self._passphrase or self._passphrase_file)

    def _over(self, place: KeyPlace) -> Cipher:
        from engine.credentials.cipher import Cipher

        # Looked at before the keys are read: a change in between is then seen the next time.
        self._place, self._seen = place, place.mark()
        return Cipher.of(place.read(), renew=self._renewed)

    def _renewed(self, key_id: str) -> KeyRing | None:
        """Return the keys anew if this one may be among them since they were read, else None.

        A row with a key id of nonsense is thus no reason to read the keys at each look.
        """
        with self._lock:
            if self._place is None:
                return None
            if (mark := self._place.mark()) != self._seen:
                self._vain.clear()
            elif self._place.exact or key_id in self._vain or len(self._vain) >= _VAIN:
                return None
            self._seen = mark
            self._vain.add(key_id)
            return self._place.read()

    def _made(self, secrets_exist: bool) -> KeyPlace:
        if secrets_exist:
            raise missing_key(self._default_file)
        secret = os.urandom(KEY_BYTES)
        if self._default_file is None:
            return OwnMemory(secret)
        keyfile.make(self._default_file, secret.hex() + "\n")
        return KeyFile(self._default_file, own=self._own, ask=self._phrase)

    def _phrase(self) -> str | None:
        if self._passphrase:
            return self._passphrase
        if self._passphrase_file is None:
            return None
        return keyfile.read(self._passphrase_file, "passphrase").strip()


def _path(text: str | None) -> Path | None:
    from pathlib import Path

    return Path(text).expanduser() if text else None
