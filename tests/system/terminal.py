"""A terminal of 120 by 40 with a program in it: a real pty, what it wrote, what a person sees."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from typing import TYPE_CHECKING, Self

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

PATIENCE_S = 300
COLUMNS, LINES = 120, 40
# What the emulator does not know: private modes asked for, keyboard protocols, strings to the
# terminal itself. They draw nothing.
_UNDRAWN = re.compile(
    rb"\x1b\[[<>=?][0-9;]*[a-gi-zA-Z$]+[pqu]?|\x1b[P\]][^\x07\x1b]*(?:\x07|\x1b\\)"
)

_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[P\]][^\x07\x1b]*(?:\x07|\x1b\\)|[^\[P\]\x1b])"
)


class NotShownError(AssertionError):
    """The program ended, or what was waited for did not come."""


class Terminal:
    """Starts a program on a pty and reads it until it ends; use it in a `with` block."""

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> None:
        self._master, slave = os.openpty()
        size = struct.pack("HHHH", LINES, COLUMNS, 0, 0)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
        self.process = subprocess.Popen(
            argv, env=env, cwd=cwd, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self.raw = bytearray()
        self._hung_up = False
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        if not self._hung_up:
            os.close(self._master)

    @property
    def text(self) -> str:
        """What a person sees now."""
        with self._changed:
            return self._drawn()

    def press(self, *keys: str) -> None:
        """Type keys, as the bytes that a terminal sends."""
        os.write(self._master, "".join(keys).encode())

    def shows(self, *words: str) -> str:
        """Wait until all of the words are on the screen; return it."""
        return self.until(lambda text: all(word in text for word in words), f"{words}")

    def hides(self, *words: str) -> str:
        """Wait until none of the words is on the screen."""
        return self.until(lambda text: not any(word in text for word in words), f"no {words}")

    def wrote(self, words: str) -> None:
        """Wait until the words were written, even if others are in their place by now."""
        deadline = time.monotonic() + PATIENCE_S
        with self._changed:
            while words.encode() not in self.raw:
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    raise NotShownError(f"waited for {words}, exit {self.process.poll()}")
                self._changed.wait(min(left, 1.0))

    def until(self, reached: Callable[[str], bool], what: str) -> str:
        """Wait until the screen fulfils a condition."""
        deadline = time.monotonic() + PATIENCE_S
        with self._changed:
            while not reached(text := self._drawn()):
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    raise NotShownError(f"waited for {what}, exit {self.process.poll()}:\n{text}")
                self._changed.wait(min(left, 1.0))
            return text

    def hang_up(self) -> None:
        """Close the terminal under the program, as a lost connection does."""
        self._hung_up = True
        os.close(self._master)

    def ends(self) -> int:
        """Wait for the program's end; return its exit code."""
        try:
            code = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise NotShownError(f"waited for the end:\n{self.text}") from None
        self._reader.join(PATIENCE_S)
        return code

    def _drawn(self) -> str:
        # The emulator's own way stumbles over wide characters that were written over in part.
        cells = self._screen.buffer
        rows = (cells[line] for line in range(LINES))
        return "\n".join("".join(row[at].data for at in range(COLUMNS)) for row in rows)

    def _read(self) -> None:
        rest = b""
        while True:
            try:
                chunk = os.read(self._master, 65536)
            except OSError:  # the other side is closed: the program ended
                chunk = b""
            data, rest = _whole(rest + chunk)
            with self._changed:
                self.raw += chunk
                self._stream.feed(_UNDRAWN.sub(b"", data))
                self._changed.notify_all()
            if not chunk:
                return


def _whole(data: bytes) -> tuple[bytes, bytes]:
    """Part what came from the beginning of a sequence whose end is still to come."""
    last = data.rfind(b"\x1b")
    if last < 0 or _SEQUENCE.match(data, last):
        return data, b""
    return data[:last], data[last:]
