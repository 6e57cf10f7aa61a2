"""An app that tells no secret at its end, sends no colour where none is wanted, ends its work."""

from __future__ import annotations

import os
import re
from inspect import iscoroutine
from typing import Any, Final

from rich.text import Text
from textual.app import App
from textual.worker import Worker, WorkerState
from textual.worker_manager import WorkerManager

from tui import crash

FONT_FACE: Final = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


class Work(WorkerManager):
    """Workers that end in order also when they are cancelled before their first step.

    Two keys that come in one piece do that. Textual's own would stay at work for ever, and Python
    would complain of what was never awaited.
    """

    def _remove_worker(self, worker: Worker[Any]) -> None:
        super()._remove_worker(worker)
        if not worker.is_finished:
            worker.state = WorkerState.CANCELLED
            given = worker._work  # noqa: SLF001 - the worker forgets it
            if iscoroutine(given):
                given.close()


class SafeApp(App[None]):
    """Textual's crash report prints every local variable; this one prints a sentence."""

    def __init__(self, log_file: str) -> None:
        # With NO_COLOR Textual would still paint greys in full colour; so none at all are sent.
        super().__init__(ansi_color=True if no_color() else None)
        self._log_file = log_file
        self._workers = Work(self)

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """Return the screen as SVG that stands alone: opened elsewhere it fetches no font."""
        drawn = super().export_screenshot(title=title, simplify=simplify)
        return FONT_FACE.sub("", drawn)

    def _handle_exception(self, error: Exception) -> None:
        """Take the one way out for every error, also for those that can draw themselves."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._fatal_error()

    def _fatal_error(self) -> None:
        """Write where it came from to the log, and end with a sentence."""
        error = self._exception or RuntimeError()
        self._exit_renderables.append(Text(crash.sentence(error, self._log_file)))
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """Print the first sentence whole: a path that is wrapped can't be copied."""
        if self._exit_renderables:
            self.error_console.print(self._exit_renderables[0], soft_wrap=True)
        self._exit_renderables.clear()


def no_color() -> bool:
    """Return whether the user wants no colour: https://no-color.org, where empty means unset."""
    if os.environ.get("NO_COLOR") == "":
        del os.environ["NO_COLOR"]
    return "NO_COLOR" in os.environ
