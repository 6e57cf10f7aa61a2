"""The connections to a server, so that whoever waits on one in vain can be woken.

A server's end, or a proxy's, may be dead without a word: what was sent is acknowledged by a machine
between, and no answer comes. The system then waits for ever, and so does the thread that asked.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg


class Lines:
    """All connections of one engine, as long as they are there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: WeakSet[psycopg.Connection] = WeakSet()

    def add(self, line: psycopg.Connection, *_: object) -> None:
        """Knows one more; called for each that the engine makes."""
        with self._lock:
            self._lines.add(line)

    def hang_up(self) -> None:
        """Ends all of them: who waits for an answer is told that there is none, and may ask anew.

        What was not committed by then is not; of what was just being committed nobody knows.
        """
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            hang_up(line)

    @contextlib.contextmanager
    def unless_within(self, seconds: float) -> Iterator[None]:
        """Hangs up when the block takes longer than this."""
        timer = threading.Timer(seconds, self.hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def hang_up(line: psycopg.Connection) -> None:
    """Wakes whoever waits on a connection in another thread: its end is what it then sees."""
    with contextlib.suppress(Exception):
        handle = socket.socket(fileno=line.fileno())
        try:
            handle.shutdown(socket.SHUT_RDWR)
        finally:
            handle.detach()
