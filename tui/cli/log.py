"""The log file: where what was not foreseen is kept, without a single value of a variable."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tui.crash import trace
from tui.private import open_to_append

if TYPE_CHECKING:
    from types import TracebackType

    from engine.settings import Settings

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
OURS = ("tui", "engine", "storage")


def default_log_file() -> Path:
    """Return the user's own log file; it need not exist."""
    from platformdirs import user_log_path

    return user_log_path("lampboard", appauthor=False) / "lampboard.log"


def log_file(settings: Settings | None) -> Path:
    """Return the log file of this run."""
    if settings is not None and settings.log_file:
        return Path(settings.log_file).expanduser()
    return default_log_file()


class _Bare(logging.Formatter):
    """Shows where an error came from; never what it said, for it may quote a secret."""

    def formatException(  # noqa: N802 - logging's own name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return trace(ei[1]) if ei[1] is not None else ""


class _PrivateFile(logging.FileHandler):
    """Opens its file at the first record, for its owner alone."""

    def _open(self) -> IO[str]:  # type: ignore[override]
        return open_to_append(Path(self.baseFilename))


_NOWHERE = logging.NullHandler()


def configure(settings: Settings) -> None:
    """Send the product's own log records to the log file; nothing is opened before the first.

    Those of libraries go nowhere: without a handler Python prints them, and they quote answers.
    """
    logging.getLogger().addHandler(_NOWHERE)
    handler = _PrivateFile(log_file(settings), delay=True)
    handler.setFormatter(_Bare(FORMAT))
    for name in OURS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(settings.log_level.upper())
        logger.propagate = False


def keep(error: BaseException, settings: Settings | None) -> str | None:
    """Log where an error came from; return the file, or None where it cannot be written."""
    try:
        path = log_file(settings)
        with open_to_append(path) as target:
            target.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} command error {trace(error)}\n")
    except (OSError, ImportError, ValueError):
        # A full disk or a broken installation must not hide the first trouble behind a second.
        return None
    return str(path)
