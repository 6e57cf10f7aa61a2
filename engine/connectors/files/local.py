"""A local folder that is never left: each part of a path is opened below the one before.

No part may be a symbolic link, and what was judged is what is opened, because every step starts
from an open folder: to swap a folder for a link in between gains nothing.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from engine.connectors.files.entries import FileEntry, FileList
from engine.probes.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_CHUNK = 256 * 1024


def list_folder(root: str, parts: Sequence[str], *, limit: int) -> FileList:
    """Return what lies in a folder below the root; links are left out."""
    found: list[FileEntry] = []
    with _folder(root, parts) as fd, os.scandir(fd) as entries:
        for entry in entries:
            if len(found) > limit:
                break
            if entry.is_symlink():
                continue
            folder = entry.is_dir(follow_symlinks=False)
            size = None if folder else entry.stat(follow_symlinks=False).st_size
            found.append(FileEntry(path="/".join((*parts, entry.name)), folder=folder, size=size))
    found.sort(key=lambda entry: entry.path)
    return FileList(entries=tuple(found[:limit]), truncated=len(found) > limit)


def read_file(root: str, parts: Sequence[str], *, limit: int) -> bytes:
    """Return a file's bytes, refused when there are more than `limit`."""
    with _folder(root, parts[:-1]) as folder:
        fd = os.open(parts[-1], os.O_RDONLY | _FILE, dir_fd=folder)
        with os.fdopen(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise Refused("not_allowed", "That is no ordinary file.")
            content = file.read(limit + 1)
    if len(content) > limit:
        raise too_large(limit)
    return content


def write_file(root: str, parts: Sequence[str], content: bytes) -> None:
    """Write a file whole, or leave what was there; missing folders are made."""
    with _folder(root, parts[:-1], make=True) as folder:
        name = f".{parts[-1]}.{os.getpid()}.{os.urandom(4).hex()}.part"
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE, 0o600, dir_fd=folder)
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(fd)
            os.replace(name, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(name, dir_fd=folder)
            raise


def delete_file(root: str, parts: Sequence[str]) -> None:
    """Delete a file; a link that lies in the folder is itself deleted, not what it leads to."""
    with _folder(root, parts[:-1]) as folder:
        os.unlink(parts[-1], dir_fd=folder)


def too_large(limit: int) -> Refused:
    """Return the refusal of a file that is larger than the connector may read."""
    return Refused(
        "too_large",
        f"The file is larger than the {limit:,} bytes that this connector reads.",
        "Raise the connector's max_bytes if that is meant.",
    )


@contextmanager
def _folder(root: str, parts: Sequence[str], *, make: bool = False) -> Iterator[int]:
    """Open a folder below the root, part by part."""
    if not root.startswith("/"):
        raise Refused("invalid_request", "The root is not an absolute path.", "Check the folder.")
    fd = os.open(os.path.realpath(root), _FOLDER)
    try:
        for part in parts:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, 0o700, dir_fd=fd)
            inner = os.open(part, _FOLDER, dir_fd=fd)
            os.close(fd)
            fd = inner
        yield fd
    finally:
        os.close(fd)


_MEANINGS: dict[type[OSError], tuple[str, str]] = {
    FileNotFoundError: ("not_found", "There is no such file or folder."),
    NotADirectoryError: ("not_allowed", "A part of the path is no folder, or a link."),
    IsADirectoryError: ("not_allowed", "That is a folder."),
    PermissionError: ("access_denied", "This process may not do that to that file."),
}


def meaning(error: OSError) -> Refused:
    """Return what an error of the file system means, without the path on this machine."""
    for kind, (code, sentence) in _MEANINGS.items():
        if isinstance(error, kind):
            return Refused(code, sentence)
    if error.errno == 40:  # noqa: PLR2004 - ELOOP: a link where none may be
        return Refused("not_allowed", "A part of the path is a link, which is not followed.")
    return Refused("file_error", f"The file system refused: {error.strerror or 'no reason'}.")
