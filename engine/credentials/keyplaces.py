"""Where the ring of master keys is kept: environment, key file, keyring, or this process alone."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Protocol

from engine.credentials import keyfile, passphrase
from engine.credentials.masterkey import VARIABLE, KeyRing, MasterKey, parse_key, parse_ring
from engine.errors import LifecycleRefused, MasterKeyRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

FORMER_VARIABLE = "LAMPBOARD_MASTER_KEY_FORMER"
KEYRING_SERVICE = "lampboard"
KEYRING_USER = "master-key"


class KeyPlace(Protocol):
    """One place that has a ring.

    Attributes:
        name: What people call it, such as `the key file /srv/board.db.key`.
        own: Whether one database alone is served by it: then a former key that this database
            does not need is needed by nobody.
        exact: Whether its mark tells of every change.
    """

    name: str
    own: bool
    exact: bool

    def read(self) -> KeyRing:
        """Return the keys as they are now; raises MasterKeyRefused."""
        ...

    def write(self, ring: KeyRing) -> None:
        """Put other keys there, whole or not at all; raises MasterKeyRefused."""
        ...

    def mark(self) -> object:
        """Return what is another value once the keys may have changed."""
        ...

    def locked(self) -> AbstractContextManager[None]:
        """Be the only one that changes them; raises LifecycleRefused."""
        ...


class GivenKeys:
    """Keys from the environment, which is the operator's to change.

    Args:
        given: The key.
        former: Former ones, with commas between; None for none.
        lock: What is locked while secrets are moved from one to the other; None for nothing.
    """

    own = False
    exact = True
    name = VARIABLE

    def __init__(self, given: str, former: str | None, lock: Path | None) -> None:
        self._given = given
        self._former = former
        self._lock = lock

    def read(self) -> KeyRing:
        """Return the keys; raises MasterKeyRefused where one is malformed."""
        ring = KeyRing(keys=(MasterKey(secret=parse_key(self._given, VARIABLE), origin=VARIABLE),))
        for text in filter(str.strip, (self._former or "").split(",")):
            key = MasterKey(secret=parse_key(text, FORMER_VARIABLE), origin=FORMER_VARIABLE)
            if all(key.secret != known.secret for known in ring.keys):
                ring = KeyRing(keys=(*ring.keys, key))
        return ring

    def write(self, ring: KeyRing) -> None:  # noqa: ARG002 - none can be written
        """Refuse: nobody can change another process's environment."""
        raise MasterKeyRefused(
            f"The master key is given by {VARIABLE}, so only you can change it.",
            hint=f"Set {VARIABLE} to the new key and {FORMER_VARIABLE} to this one, for every "
            "process; then run this again.",
        )

    def mark(self) -> object:
        """Return the same always."""
        return VARIABLE

    def locked(self) -> AbstractContextManager[None]:
        """Be the only one."""
        return contextlib.nullcontext() if self._lock is None else keyfile.locked(self._lock)


class KeyFile:
    """A file of keys, perhaps locked with a passphrase.

    Args:
        path: Where it is.
        own: Whether it is the one beside a database file.
        ask: Returns the passphrase, or None where there is none; called only when it is needed.
    """

    exact = True

    def __init__(self, path: Path, *, own: bool, ask: Callable[[], str | None]) -> None:
        self.path = path
        self.own = own
        self.name = f"the key file {path}"
        self._ask = ask

    def read(self) -> KeyRing:
        """Return the keys; raises MasterKeyRefused."""
        return parse_ring(self._opened(keyfile.read(self.path)), self.name)

    def write(self, ring: KeyRing) -> None:
        """Replace the file; it stays locked if it was. Raises MasterKeyRefused."""
        before = keyfile.read(self.path)
        text = ring.spell()
        if passphrase.is_locked(before):
            self._opened(before)  # a passphrase that does not fit would lock the keys away
            text = passphrase.lock(text, self._phrase(), like=before)
        keyfile.replace(self.path, text)

    def mark(self) -> object:
        """Return which file it is, as of when."""
        return keyfile.mark(self.path)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one; what one that was killed left behind goes."""
        with keyfile.locked(self.path):
            keyfile.sweep(self.path)
            yield

    def is_locked(self) -> bool:
        """Return whether a passphrase is needed; raises MasterKeyRefused."""
        return passphrase.is_locked(keyfile.read(self.path))

    def seems_locked(self) -> bool:
        """Return the same without a judgement: of a file that cannot be used, False."""
        try:
            return self.is_locked()
        except MasterKeyRefused:
            return False

    def set_passphrase(self, new: str | None) -> None:
        """Lock the file with another passphrase, or with none; hold the lock.

        Raises:
            MasterKeyRefused: The present passphrase is wrong, or the file cannot be written.
        """
        text = self.read().spell()
        keyfile.replace(self.path, text if new is None else passphrase.lock(text, new))

    def _opened(self, text: str) -> str:
        if not passphrase.is_locked(text):
            return text
        return passphrase.unlock(text, self._phrase(), self.name)

    def _phrase(self) -> str:
        found = self._ask()
        if not found:
            raise MasterKeyRefused(
                f"{self.name[0].upper()}{self.name[1:]} is locked with a passphrase, and none was "
                "given.",
                hint="Set LAMPBOARD_MASTER_PASSPHRASE or master_passphrase_file, or start it at a "
                "terminal.",
            )
        return found


class OsKeyring:
    """The keyring of the operating system; use `find`.

    Args:
        text: What it holds now.
        lock: What is locked while it is changed.
        tick: Seconds of a clock that never goes back.
    """

    own = False
    exact = False
    name = "the keyring"
    # Asking may take the person's consent: a key that was not there is looked for again this often.
    again_s = 60.0

    def __init__(self, text: str, lock: Path, tick: Callable[[], float]) -> None:
        self._fresh: str | None = text
        self._lock = lock
        self._tick = tick

    @classmethod
    def find(cls, lock: Path, tick: Callable[[], float]) -> OsKeyring | None:
        """Return the keyring where it holds a master key; else None."""
        text = _asked()
        return cls(text, lock, tick) if text else None

    def read(self) -> KeyRing:
        """Return the keys; raises MasterKeyRefused."""
        text, self._fresh = self._fresh or _asked() or "", None
        return parse_ring(text, self.name)

    def write(self, ring: KeyRing) -> None:
        """Put other keys there, and see that they arrived; raises MasterKeyRefused."""
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(KEYRING_SERVICE, KEYRING_USER, ring.spell())
        except KeyringError:
            raise _unwritten() from None
        if _asked() != ring.spell():
            raise _unwritten()

    def mark(self) -> object:
        """Return the minute."""
        return int(self._tick() // self.again_s)

    def locked(self) -> AbstractContextManager[None]:
        """Be the only one."""
        return keyfile.locked(self._lock)


class OwnMemory:
    """Keys that live as long as the process, for a database that does too."""

    own = True
    exact = True
    name = "this process's memory"

    def __init__(self, secret: bytes) -> None:
        self._ring = KeyRing(keys=(MasterKey(secret=secret, origin=self.name),))
        self._changes = 0
        self._busy = False

    def read(self) -> KeyRing:
        """Return the keys."""
        return self._ring

    def write(self, ring: KeyRing) -> None:
        """Keep these."""
        self._ring = ring
        self._changes += 1

    def mark(self) -> object:
        """Return how often they changed."""
        return self._changes

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one."""
        if self._busy:
            raise LifecycleRefused("The master key is being changed already.")
        self._busy = True
        try:
            yield
        finally:
            self._busy = False


def _asked() -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None  # the extra is not installed, so nothing can be kept there
    try:
        return keyring.get_password(KEYRING_SERVICE, KEYRING_USER)
    except KeyringError:
        return None  # no usable backend, or a locked one: then the key is missing, and said so


def _unwritten() -> MasterKeyRefused:
    return MasterKeyRefused(
        "The keyring did not take the changed master key.",
        hint="Unlock it, or keep the key in a file.",
    )
