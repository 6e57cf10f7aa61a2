"""Standard input as the bytes of a log, given up when the import shall end."""

from __future__ import annotations

import io
import os
import stat
import sys
from typing import TYPE_CHECKING, BinaryIO

from engine.usage.importing import Stopped

if TYPE_CHECKING:
    import threading

_BUFFER = 1 << 16
_LOOK_S = 0.2


def standard_input(stop: threading.Event) -> BinaryIO:
    """Return standard input; reading it raises Stopped soon after `stop` was set."""
    try:
        descriptor = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or not a file, as in tests
        text = sys.stdin.read() if sys.stdin is not None else ""
        return io.BytesIO(text.encode("utf-8", "surrogateescape"))
    return io.BufferedReader(_Waiting(descriptor, stop), _BUFFER)


def named_pipe(path: str, stop: threading.Event) -> BinaryIO | None:
    """Return a named pipe as the bytes of a log; None for any other file.

    Opened as other files are, it would wait for who writes to it, and no ctrl-C would end that.
    """
    try:
        if not stat.S_ISFIFO(os.stat(path).st_mode):  # noqa: PTH116 - of what a path may not be
            return None
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None  # whoever opens it says why
    os.set_blocking(descriptor, True)
    return io.BufferedReader(_Waiting(descriptor, stop), _BUFFER)


class _Waiting(io.RawIOBase):
    """Reads a descriptor without waiting for ever: ctrl-C must end an idle pipe's reader too."""

    def __init__(self, descriptor: int, stop: threading.Event) -> None:
        self._descriptor = descriptor
        self._stop = stop

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: object, /) -> int:
        """Fill the buffer with what is there; raises Stopped."""
        while not self._stop.is_set():
            if _is_ready(self._descriptor):
                return os.readv(self._descriptor, [buffer])  # type: ignore[list-item]
        raise Stopped


def _is_ready(descriptor: int) -> bool:
    """Wait a moment for something to read; where that cannot be asked, reading waits itself."""
    import select

    try:
        return bool(select.select([descriptor], [], [], _LOOK_S)[0])
    except (OSError, ValueError):
        return True
