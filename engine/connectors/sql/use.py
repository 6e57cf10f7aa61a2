"""One use of a connection in a thread of its own, which can be interrupted from outside."""

from __future__ import annotations

import threading
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

T = TypeVar("T")

# How what runs on a connection is ended: our own watched ones', and those of files.
_WAYS = ("cut", "interrupt", "close")


class Use(Generic[T]):
    """Does some work on a connection of an engine.

    Attributes:
        reached: Whether there was a connection to work on.
    """

    def __init__(self, engine: Engine, work: Callable[[Connection], T]) -> None:
        self._engine = engine
        self._work = work
        self._held: Any = None
        self._stopped = threading.Event()
        self.reached = False

    def run(self) -> T:
        """Work, in the thread that calls this; it blocks."""
        with self._engine.connect() as connection:
            self.reached = True
            self._held = connection.connection.dbapi_connection
            try:
                with getattr(self._held, "watched", nullcontext)():
                    return self._work(connection)
            finally:
                self._held = None
                if self._stopped.is_set():
                    connection.invalidate()  # what was interrupted is not used again

    def interrupt(self) -> None:
        """End the work, from another thread."""
        self._stopped.set()
        raw = self._held
        if raw is not None:
            way = next(name for name in _WAYS if hasattr(raw, name))
            with suppress(Exception):  # it may have ended by itself
                getattr(raw, way)()
