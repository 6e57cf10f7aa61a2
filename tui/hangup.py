"""Notices a terminal that is gone without a word.

A closed window sends SIGHUP, which ends the dashboard; a broken line under `nohup` does not, and
reading a terminal that is gone returns at once, for ever: two thirds of a core were spent on that.
"""

from __future__ import annotations

import asyncio
import contextlib
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EXIT_HANGUP = 129
"""As shells tell an end by SIGHUP: 128 and the signal's number."""


def leave_on_signals(leave: Callable[[int], None]) -> None:
    """Have a polite kill and a closed window end the dashboard as its own key does.

    On the spot, either would leave the terminal as the dashboard's screen had set it.

    Args:
        leave: Takes the exit code: 128 and the signal's number.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(NotImplementedError):  # Windows' loop has no handlers
                loop.add_signal_handler(number, leave, 128 + number)


def is_gone() -> bool:
    """Tell whether the other side of standard input has hung up."""
    if sys.__stdin__ is None or not hasattr(select, "poll"):
        return False
    look = select.poll()
    try:
        look.register(sys.__stdin__.fileno(), 0)
    except (OSError, ValueError):  # closed here, so nobody can be on its other side
        return True
    lost = select.POLLHUP | select.POLLERR | select.POLLNVAL
    return any(seen & lost for _, seen in look.poll(0))
