"""One thread that looks at how much connections bring, and ends those that bring too much.

A library that reads a whole row in one call gives nobody else a turn meanwhile, but for threads.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from engine.connectors.sql.watched import received

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

# 200 MB come in 0.2 s over loopback, so that some 5 MB more are there before it is seen.
_LOOK_S = 0.005
# After so many looks at nothing it sleeps until it is woken, which costs more than a look.
_IDLE_LOOKS = 100


class Watchman:
    """Looks at connections as long as there are any, in a daemon thread of its own."""

    def __init__(self) -> None:
        self._watched: dict[int, tuple[socket.socket, int, Callable[[], None]]] = {}
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._asleep = True
        threading.Thread(target=self._work, name="lampboard-watch", daemon=True).start()

    @contextmanager
    def watching(self, sock: socket.socket, most: int, over: Callable[[], None]) -> Iterator[None]:
        """Call `over`, in the thread, when more than `most` bytes have come since the start.

        Args:
            sock: The connection.
            most: Bytes from now on.
            over: Ends the connection; it is called once.
        """
        key = id(sock)
        with self._lock:
            self._watched[key] = (sock, received(sock) + most, over)
            asleep, self._asleep = self._asleep, False
        if asleep:
            self._woken.set()
        try:
            yield
        finally:
            with self._lock:
                self._watched.pop(key, None)

    def _work(self) -> None:
        looks = 0
        while True:
            threading.Event().wait(_LOOK_S)
            looks = 0 if self._look() else looks + 1
            if looks < _IDLE_LOOKS:
                continue
            with self._lock:
                self._asleep = not self._watched
                asleep = self._asleep
            if asleep:
                self._woken.wait()
                self._woken.clear()
            looks = 0

    def _look(self) -> bool:
        """Look at each connection; tell whether there are any."""
        with self._lock:
            for key, (sock, limit, over) in list(self._watched.items()):
                if received(sock) > limit:
                    del self._watched[key]
                    over()
            return bool(self._watched)


@cache
def watchman() -> Watchman:
    """Return the process's own."""
    return Watchman()
