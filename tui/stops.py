"""Goes on after a stop from outside: `kill -STOP`, a debugger, a batch system.

Textual sets the terminal up anew at every SIGCONT, but takes it down only for ctrl+z (SIGTSTP).
After a bare stop two threads read the keyboard, and a dashboard that waits for both never ends.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def go_on_after_stops(driver: Any, leaving: Callable[[], bool]) -> None:
    """Have each end of a stop find the terminal taken down, however the stop came.

    Call it in the loop of the dashboard, as soon as there is a driver.

    Args:
        driver: Textual's driver of the terminal.
        leaving: Tells whether the dashboard is about to end: then nothing is set up any more.
    """
    number = getattr(signal, "SIGCONT", None)
    if number is None or threading.current_thread() is not threading.main_thread():
        return
    resume = signal.getsignal(number)
    if not callable(resume):
        return
    loop = asyncio.get_running_loop()

    def anew() -> None:
        if not leaving():
            driver.suspend_application_mode()
            resume(number, None)

    def go_on(*told: Any) -> None:
        if leaving():
            return
        # Nothing public tells of a SIGTSTP; a driver without the word has no terminal to set up.
        if getattr(driver, "_must_signal_resume", True):
            resume(*told)
        else:
            # A bare stop may have come while a line was handed to the thread that writes. What
            # writes right here would wait for a lock that the interrupted code below it holds.
            loop.call_soon_threadsafe(anew)

    signal.signal(number, go_on)
