"""Files for their owner alone, whatever the umask: logs, which may name things and places."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pathlib import Path

FILE_MODE, FOLDER_MODE = 0o600, 0o700


def open_to_append(path: Path) -> TextIO:
    """Open a text file to append to; it and its folders are made when they are missing.

    Raises:
        OSError: It cannot be made or written.
    """
    make_folder(path.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, FILE_MODE)
    return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")


def make_folder(folder: Path) -> None:
    """Make a folder with all that lead to it; `mkdir` would leave those open to everybody."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)


def open_new(path: Path) -> TextIO:
    """Open a text file that is not there yet; nothing is ever written over.

    Raises:
        OSError: It is there already, or cannot be made.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="")
