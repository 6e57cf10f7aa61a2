"""The key file: read only when nobody else can, made whole or not at all."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from engine.credentials.masterkey import KEY_BYTES, MasterKey, parse_key
from engine.errors import MasterKeyRefused

if TYPE_CHECKING:
    from pathlib import Path

_MAX_BYTES = 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def exists(path: Path) -> bool:
    """Return whether something is there, even a link that leads nowhere."""
    return os.path.lexists(path)


def read(path: Path) -> MasterKey:
    """Return the key in the file.

    Raises:
        MasterKeyRefused: It cannot be read, is not a file of ours alone, or holds no key.
    """
    try:
        # Non-blocking, or a pipe put in its place would hang the caller for ever.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror}") from None
    try:
        _refuse_unsafe(path, os.fstat(handle))
        content = os.read(handle, _MAX_BYTES)
    finally:
        os.close(handle)
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError:
        raise _refusal(path, "holds no key") from None
    return MasterKey(secret=parse_key(text, f"the key file {path}"), origin=f"the key file {path}")


def make(path: Path) -> MasterKey:
    """Make the file with a new key, unless another process is first; then return that one's.

    Raises:
        MasterKeyRefused: It cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        # One by one: `parents=True` would leave those above open to everybody.
        folders = (path.parent, *path.parent.parents)
        for missing in [folder for folder in folders if not folder.exists()][::-1]:
            missing.mkdir(mode=0o700, exist_ok=True)
        _write(draft, os.urandom(KEY_BYTES).hex() + "\n")
        try:
            # A link appears whole and never replaces: no reader sees half a key, and of two
            # processes that start together both use the first one's.
            os.link(draft, path)
        except FileExistsError:
            return read(path)
        finally:
            draft.unlink()
    except OSError as error:
        raise _refusal(path, f"cannot be made: {error.strerror}") from None
    return read(path)


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _refuse_unsafe(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _refusal(path, "is not a regular file")
    if os.name != "posix":
        return
    if found.st_uid not in {os.geteuid(), 0}:
        raise _refusal(path, "belongs to another user")
    if found.st_mode & _OTHERS:
        mode = stat.S_IMODE(found.st_mode)
        raise MasterKeyRefused(
            f"The key file {path} can be reached by other users (mode {mode:04o}).",
            hint=f"Make it yours alone: chmod 600 '{path}'. If others may have read it, "
            "enter the credentials again under a new key.",
        )


def _refusal(path: Path, problem: str) -> MasterKeyRefused:
    return MasterKeyRefused(
        f"The key file {path} {problem}.",
        hint="Bring the key file back from where it was saved, or set LAMPBOARD_MASTER_KEY.",
    )
