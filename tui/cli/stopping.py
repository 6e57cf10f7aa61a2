"""Ends a long run in order: on a signal, or when the one who started it is gone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

SAME_WISH_S = 0.5


class Stop(asyncio.Event):
    """Asks a run to end; `interrupted` tells whether ctrl-C did."""

    interrupted = False

    def on_signals(self) -> None:
        """Be set by ctrl-C and by a polite kill; another ctrl-C a moment later ends at once."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows' loop has no handlers
                loop.add_signal_handler(number, self._asked, number)

    def _asked(self, number: int) -> None:
        if self.is_set():
            return
        self.interrupted = number == signal.SIGINT
        self.set()
        loop = asyncio.get_running_loop()
        # Not at once: some senders signal a process and its group, which is one wish, not two.
        loop.call_later(SAME_WISH_S, loop.remove_signal_handler, signal.SIGINT)


def stop_at_end_of_input(stop: asyncio.Event) -> None:
    """Set `stop` when standard input ends: the starter holds its other end, even if killed."""
    loop = asyncio.get_running_loop()

    def wait() -> None:
        # A thread, because not every kind of standard input can be watched by the loop; and past
        # Python's own reader, whose lock a waiting thread keeps: the exit would wait a second.
        while sys.stdin is not None and os.read(sys.stdin.fileno(), 1024):
            pass
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, name="end-of-input", daemon=True).start()


@contextlib.contextmanager
def leaving_in_order() -> Iterator[None]:
    """Let a closed terminal and a polite kill unwind what is open, as an exit does.

    They end a process on the spot otherwise, and what was made for this run alone stays behind.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return

    def leave(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    numbers = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, leave) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
