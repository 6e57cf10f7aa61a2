"""The key file: read only when nobody else can, made and replaced whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from typing import TYPE_CHECKING

from engine.errors import LifecycleRefused, MasterKeyRefused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Sixteen keys that are locked with a passphrase take 2,400.
_MAX_BYTES = 8192
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def exists(path: Path) -> bool:
    """Return whether something is there, even a link that leads nowhere."""
    return os.path.lexists(path)


def read(path: Path, what: str = "key") -> str:
    """Return the text in the file.

    Args:
        path: Where it is; a link is followed when it is ours.
        what: What is in it, for the refusal: `key` or `passphrase`.

    Raises:
        MasterKeyRefused: It cannot be read, is not a file of ours alone, or is no text.
    """
    _refuse_foreign_link(path, what)
    try:
        # Non-blocking, or a pipe put in its place would hang the caller for ever.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror}", what) from None
    try:
        _refuse_unsafe(path, os.fstat(handle), what)
        content = os.read(handle, _MAX_BYTES + 1)
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror}", what) from None
    finally:
        os.close(handle)
    try:
        text = content.decode("ascii" if what == "key" else "utf-8")
    except UnicodeDecodeError:
        raise _refusal(path, f"holds no {what}", what) from None
    if len(content) > _MAX_BYTES:
        raise _refusal(path, f"holds no {what}: it is too long", what)
    return text


def mark(path: Path) -> object:
    """Return what is another value once the file was replaced or changed; cheap."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode


def make(path: Path, text: str) -> None:
    """Make the file, unless another process is first: then that one's stays.

    Raises:
        MasterKeyRefused: It cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        # One by one: `parents=True` would leave those above open to everybody.
        folders = (path.parent, *path.parent.parents)
        for missing in [folder for folder in folders if not folder.exists()][::-1]:
            missing.mkdir(mode=0o700, exist_ok=True)
        _write(draft, text)
        try:
            # A link appears whole and never replaces: no reader sees half a key, and of two
            # processes that start together both use the first one's.
            os.link(draft, path)
        except FileExistsError:
            return
        finally:
            draft.unlink()
        _sync_folder(path.parent)
    except OSError as error:
        raise _refusal(path, f"cannot be made: {error.strerror}") from None


def replace(path: Path, text: str) -> None:
    """Put other text into the file: whoever reads it gets the former or the new, never half.

    Behind a link the file that it leads to is replaced. When this returns, the new one has
    outlived a power cut.

    Raises:
        MasterKeyRefused: It cannot be written; the former is still there.
    """
    real = path.resolve()
    draft = real.with_name(f".{real.name}.new.{os.urandom(8).hex()}")
    try:
        try:
            _write(draft, text)
            draft.replace(real)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        _sync_folder(real.parent)
    except OSError as error:
        raise MasterKeyRefused(
            f"The key file {path} cannot be written: {error.strerror}.",
            hint=f"Let {real.parent} be writable while the key is changed; nothing was changed.",
        ) from None


def sweep(path: Path) -> None:
    """Remove what a process left that was killed while it replaced the file; hold the lock."""
    real = path.resolve()
    left = re.compile(rf"\.{re.escape(real.name)}\.new\.[0-9a-f]{{16}}")
    with contextlib.suppress(OSError):
        for found in real.parent.iterdir():
            if left.fullmatch(found.name):
                found.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be the only process that changes the keys in this file; a killed one lets go by itself.

    Raises:
        LifecycleRefused: Another process is at it.
        MasterKeyRefused: What is in the lock's place is not ours.
    """
    lock = path.with_name(path.name + ".lock")
    try:
        handle = _lock(lock)
    except OSError as error:
        if os.access(path.parent, os.W_OK):
            raise _refusal(path, f"cannot be locked: {error.strerror}") from None
        # No file can be made here, so nobody replaces the key file either.
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink()
        os.close(handle)


def _lock(path: Path) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            _lock_now(handle)
            # Whoever held it before removed the file at its end: then this lock is on nothing.
            if os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _lock_now(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # no POSIX: the database's own check has to do
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LifecycleRefused(
            "The master key is being changed by another process.",
            hint="Wait for it; `lampboard credentials rotate --status` tells how far it is.",
        ) from None


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Put the folder's own entries on the disk, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _refuse_foreign_link(path: Path, what: str) -> None:
    """Refuse a link that another user put there: it could lead to another file every time."""
    if os.name != "posix":
        return
    try:
        found = path.lstat()
    except OSError:
        return  # opening it tells why
    if stat.S_ISLNK(found.st_mode) and found.st_uid not in {os.geteuid(), 0}:
        raise _refusal(path, "is a link that belongs to another user", what)


def _refuse_unsafe(path: Path, found: os.stat_result, what: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise _refusal(path, "is not a regular file", what)
    if os.name != "posix":
        return
    if found.st_uid not in {os.geteuid(), 0}:
        raise _refusal(path, "belongs to another user", what)
    if found.st_mode & _OTHERS:
        mode = stat.S_IMODE(found.st_mode)
        raise MasterKeyRefused(
            f"The {what} file {path} can be reached by other users (mode {mode:04o}).",
            hint=f"Make it yours alone: chmod 600 '{path}'. If others may have read it, "
            + _AFTERMATH[what],
        )


_AFTERMATH = {
    "key": "change the key (`lampboard credentials rotate`) and the credentials themselves.",
    "passphrase": "change it: `lampboard credentials passphrase change`.",
}


def _refusal(path: Path, problem: str, what: str = "key") -> MasterKeyRefused:
    variable = "LAMPBOARD_MASTER_KEY" if what == "key" else "LAMPBOARD_MASTER_PASSPHRASE"
    return MasterKeyRefused(
        f"The {what} file {path} {problem}.",
        hint=f"Bring the {what} file back from where it was saved, or set {variable}.",
    )
