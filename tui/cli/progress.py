"""How far something long is: one line on a terminal, written over; nothing anywhere else."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Generic, ParamSpec, TextIO

from tui.cli.streams import is_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")

_EVERY_S = 0.1
_ERASE = "\r\x1b[2K"


class Progress(Generic[P]):
    """One line, renewed not more often than one can read it.

    Args:
        stream: Where it is shown.
        words: Makes the line of what `show` is told.
    """

    def __init__(self, stream: TextIO, words: Callable[P, str]) -> None:
        self._stream = stream
        self._words = words
        self._wanted = is_terminal(stream)
        self._shown_at = 0.0

    def show(self, *told: P.args, **named: P.kwargs) -> None:
        """Say how far it is."""
        now = time.monotonic()
        if not self._wanted or now - self._shown_at < _EVERY_S:
            return
        self._shown_at = now
        self._stream.write(f"{_ERASE}{self._words(*told, **named)}")
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown_at:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._shown_at = 0.0
