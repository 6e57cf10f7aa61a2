"""The log, in a file or on stderr: what happened, without a single value of a variable."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tui.cli.log_lines import Lines
from tui.private import open_to_append

if TYPE_CHECKING:
    from engine.settings import Settings

OURS = ("tui", "engine", "storage")
STDERR = "-"
"""The log file that is none."""


def default_log_file() -> Path:
    """Return the user's own log file; it need not exist."""
    from platformdirs import user_log_path

    return user_log_path("lampboard", appauthor=False) / "lampboard.log"


def log_file(settings: Settings | None) -> Path | None:
    """Return the log file of this run; None where that is stderr."""
    if settings is None or not settings.log_file:
        return default_log_file()
    return None if settings.log_file == STDERR else Path(settings.log_file).expanduser()


def in_a_file(settings: Settings) -> Settings:
    """Return the settings of a run that has no stderr to write to, as a dashboard."""
    if settings.log_file != STDERR:
        return settings
    from dataclasses import replace

    return replace(settings, log_file=str(default_log_file()))


class _Silent(logging.Handler):
    """Says nothing of a line that cannot be written: Python's own way prints what it is made of."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Drop the line: a full disk must not end what works without it."""


class _PrivateFile(_Silent, logging.FileHandler):
    """Opens its file at the first record, for its owner alone; again when it was moved away.

    `logging.handlers` has one that follows a file, and takes a tenth of a command's start to load.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            self._follow()
            super().emit(record)
        except OSError:  # it could not be opened
            self.handleError(record)

    def _follow(self) -> None:
        """Let go of a file that is no longer there under its name: what rotates logs took it."""
        if self.stream is None:
            return
        with suppress(FileNotFoundError):
            there = Path(self.baseFilename).stat()
            if os.path.samestat(there, os.fstat(self.stream.fileno())):
                return
        former, self.stream = self.stream, None
        former.close()

    def _open(self) -> IO[str]:  # type: ignore[override]
        return open_to_append(Path(self.baseFilename))


class _Stderr(_Silent, logging.StreamHandler[IO[str]]):
    """Writes to what is stderr at the time."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self.stream = sys.stderr
        super().emit(record)


_NOWHERE = logging.NullHandler()


def configure(settings: Settings) -> None:
    """Send the product's own log records to the log; nothing is opened before the first.

    Those of libraries go nowhere: without a handler Python prints them, and they quote answers.
    """
    logging.getLogger().addHandler(_NOWHERE)
    handler = _handler(settings)
    for name in OURS:
        logger = logging.getLogger(name)
        for former in logger.handlers:
            former.close()
        logger.handlers = [handler]
        logger.setLevel(settings.log_level.upper())
        logger.propagate = False


def _handler(settings: Settings | None) -> logging.Handler:
    path = log_file(settings)
    handler = _Stderr() if path is None else _PrivateFile(path, delay=True)
    handler.setFormatter(Lines("text" if settings is None else settings.log_format))
    return handler


def keep(error: BaseException, settings: Settings | None) -> str | None:
    """Log where an error came from; return where that is, or None where it cannot be written."""
    try:
        path = log_file(settings)
        raised = (type(error), error, error.__traceback__)
        record = logging.LogRecord("tui.cli", logging.ERROR, "", 0, "A command failed.", (), raised)
        line = Lines("text" if settings is None else settings.log_format).format(record)
        if path is None:
            sys.stderr.write(f"{line}\n")
            return "above, on stderr"
        with open_to_append(path) as target:
            target.write(f"{line}\n")
    except (OSError, ImportError, ValueError):
        # A full disk or a broken installation must not hide the first trouble behind a second.
        return None
    return str(path)
