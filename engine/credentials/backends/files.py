"""`file:///run/secrets/name`: secrets that Kubernetes, Docker or systemd mount as files.

Anybody's permission to read is accepted: Kubernetes mounts secrets as 0644 and Docker as 0444,
both inside a container of their own. What is never read: the master key's file, the database,
what lets Lampboard itself into a vault, and the kernel's files, for whoever may point a thing to
a file may also choose the host that it is sent to.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from engine.credentials.backends.base import MAX_SECRET_BYTES
from engine.credentials.references import file_path
from engine.credentials.types import Credential
from engine.errors import CredentialUnreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from engine.settings import Settings

MOUNTS = ("/run/secrets", "/var/run/secrets")
"""Where secrets are mounted; what a shared workspace may read unless told otherwise."""

_KERNEL = tuple(Path(name) for name in ("/proc", "/sys", "/dev"))
_BESIDE = ("", "-wal", "-shm", "-journal", ".key")


class FileBackend:
    """Reads secrets of files.

    Args:
        folders: Those whose files may be read; None is any.
        never: Files that are not read wherever they are.
    """

    scheme = "file"

    def __init__(
        self, folders: Collection[str] | None = None, never: Collection[Path] = ()
    ) -> None:
        self._folders = folders
        self._never = tuple(never)

    @classmethod
    def of(cls, settings: Settings, environment: Mapping[str, str]) -> FileBackend:
        """Return what the settings allow.

        Whoever can write to a shared database could otherwise have every file that a monitor's
        user can read sent to a host of their own.
        """
        listed = settings.allow_secret_files or (MOUNTS if settings.is_shared else None)
        return cls(listed, tuple(_own(settings, environment)))

    def get(self, path: str) -> Credential:
        """Return what the file holds, without white space around it; see `CredentialBackend.get`.

        Links are followed, as Kubernetes mounts secrets through two; where they lead is judged.
        """
        named = Path(file_path(path))
        try:
            real = named.resolve(strict=True)
            self._refuse_place(real)
            handle = os.open(real, os.O_RDONLY | _NO_HANG)
        except FileNotFoundError:
            raise _unreadable("The secret's file is not there.") from None
        except (OSError, RuntimeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise _unreadable(f"The secret's file cannot be read: {reason}.") from None
        try:
            content = self._read(handle)
        finally:
            os.close(handle)
        return Credential(content)

    def _refuse_place(self, real: Path) -> None:
        if any(real.is_relative_to(place) for place in _KERNEL):
            raise _refused("The kernel's own files are no credentials.")
        if self._folders is None:
            return
        folders = [Path(folder).resolve() for folder in self._folders]
        if not any(real.is_relative_to(folder) for folder in folders):
            raise _refused("The secret's file is in no folder that may be read here.")

    def _read(self, handle: int) -> str:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise _unreadable("What the reference points to is not a regular file.")
        if any(_same(found, own) for own in self._never):
            raise _refused("Lampboard's own files cannot be used as a credential.")
        if found.st_size > MAX_SECRET_BYTES:
            raise _unreadable("The secret's file is larger than 64 KiB.")
        content = os.read(handle, MAX_SECRET_BYTES + 1)
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            raise _unreadable("The secret's file does not hold text.") from None


_NO_HANG = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NOCTTY", 0)


def _own(settings: Settings, environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files that are Lampboard's own, whether they are there or not."""
    from engine.credentials.backends.vault_settings import VaultSettings
    from engine.credentials.masterkey import default_key_file

    named = (
        settings.master_key_file,
        settings.master_passphrase_file,
        default_key_file(settings.database),
        settings.config_file,
        *VaultSettings.of(settings, environment).secret_files(),
    )
    yield from (Path(name).expanduser() for name in named if name)
    if settings.database.startswith("sqlite"):
        path = settings.database.partition("://")[2].removeprefix("/").partition("?")[0]
        yield from (Path(path + ending) for ending in _BESIDE if path)


def _same(found: os.stat_result, path: Path) -> bool:
    try:
        return os.path.samestat(found, path.stat())
    except OSError:
        return False


def _unreadable(message: str) -> CredentialUnreadable:
    return CredentialUnreadable(
        message, hint="Check that it is mounted where the check runs, and may be read there."
    )


def _refused(message: str) -> CredentialUnreadable:
    return CredentialUnreadable(
        message,
        hint="Mount secrets in a folder that allow_secret_files lists where the check runs.",
    )
