"""What each step of one exchange takes, noted by whoever does the step."""

from __future__ import annotations

from contextvars import ContextVar
from time import perf_counter
from typing import TYPE_CHECKING

from engine.http.messages import Stage

if TYPE_CHECKING:
    import ssl

_MS = 1000.0


class Steps:
    """The clock of one exchange, running from its creation.

    Attributes:
        stage: The step that is under way.
        connect_by: Event-loop time by which the connection, TLS included, must stand.
        ssl_context: Whom this exchange trusts; None is the connector's own trust.
    """

    __slots__ = ("_done", "_entered", "connect_by", "ssl_context", "stage", "started")

    def __init__(self, connect_by: float, ssl_context: ssl.SSLContext | None = None) -> None:
        self.started = self._entered = perf_counter()
        self.connect_by = connect_by
        self.ssl_context = ssl_context
        self.stage = "request"
        self._done: list[Stage] = []

    def enter(self, stage: str) -> None:
        """End the step under way and begin another."""
        self._close(ok=True)
        self.stage = stage

    def finish(self, *, ok: bool) -> tuple[Stage, ...]:
        """End the last step and return all of them."""
        self._close(ok=ok)
        return tuple(self._done)

    @property
    def elapsed_ms(self) -> float:
        """Milliseconds since the beginning."""
        return (perf_counter() - self.started) * _MS

    def _close(self, *, ok: bool) -> None:
        now = perf_counter()
        # Preparing the request is ours and takes microseconds: no step that people should see.
        if self.stage != "request":
            ms = round((now - self._entered) * _MS, 2)
            self._done.append(Stage(name=self.stage, ms=ms, ok=ok))
        self._entered = now


# The connector is called by the library, which passes nothing of ours along.
CURRENT: ContextVar[Steps] = ContextVar("lampboard_http_steps")
