"""Notices a terminal that is gone without a word.

A closed window sends SIGHUP, which ends the dashboard; a broken line under `nohup` does not, and
reading a terminal that is gone returns at once, for ever: two thirds of a core were spent on that.
"""

from __future__ import annotations

import select
import sys

EXIT_HANGUP = 129
"""As shells tell an end by SIGHUP: 128 and the signal's number."""


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
