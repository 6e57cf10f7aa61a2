"""Bounds in seconds that hold on a busy machine too: time that was lost is not counted."""

from __future__ import annotations

import math
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEAT_S = 0.01


class _Heart(threading.Thread):
    """Beats beside the test, and adds up how late each beat came without work of this process."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.lost_s = 0.0
        self._ended = threading.Event()
        self._end = math.inf
        # Taken here: the thread's own first moment may come late as well.
        self._began = time.monotonic(), time.process_time()

    def run(self) -> None:
        (beat, own), ended = self._began, False
        # The last beat counts as well: what it waits for may have ended as soon as time went on.
        while not ended:
            ended = self._ended.wait(_BEAT_S)
            now, used = min(time.monotonic(), self._end), time.process_time()
            late_s = now - beat - _BEAT_S
            # What this process worked itself is its own time, also where it kept others waiting.
            self.lost_s += max(0.0, late_s - (used - own))
            beat, own = now, used

    def stop(self, at: float) -> None:
        """Counts nothing that was lost after this moment."""
        self._end = at
        self._ended.set()
        self.join()


@contextmanager
def within(limit_s: float) -> Iterator[None]:
    """Fail when the block takes longer than the limit, in seconds that this process had.

    Seconds in which the machine let nothing of this process run are left out, those in which
    the process itself worked or waited are not.
    """
    began = time.monotonic()
    heart = _Heart()
    heart.start()
    try:
        yield
    finally:
        ended = time.monotonic()
        heart.stop(ended)
    took_s = ended - began
    assert took_s - heart.lost_s < limit_s, f"{took_s:.2f} s, {heart.lost_s:.2f} of them lost"
