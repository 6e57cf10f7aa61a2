"""The log file: where what was not foreseen is kept, without a single value of a variable."""

from __future__ import annotations

import logging
import os
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

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
        return story(ei[1]) if ei[1] is not None else ""


class _PrivateFile(logging.FileHandler):
    """Opens its file at the first record, for its owner alone."""

    def _open(self) -> IO[str]:  # type: ignore[override]
        return _open_private(Path(self.baseFilename))


def configure(settings: Settings) -> None:
    """Send the product's own log records to the log file; nothing is opened before the first."""
    handler = _PrivateFile(log_file(settings), delay=True)
    handler.setFormatter(_Bare(FORMAT))
    for name in OURS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(settings.log_level.upper())
        logger.propagate = False


def story(error: BaseException) -> str:
    """Return where an error came from: types and places of the whole chain, no messages."""
    lines: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        lines += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(seen.__traceback__)
        ]
        lines.append(f"{type(seen).__module__}.{type(seen).__qualname__}")
        seen = seen.__cause__ or seen.__context__
        if seen is not None:
            lines.append("caused by:")
    return "\n".join(lines)


def keep(error: BaseException, settings: Settings | None) -> str | None:
    """Write an error's story to the log file and return the file, or None where it cannot be."""
    try:
        path = log_file(settings)
        with _open_private(path) as target:
            target.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} ERROR tui.cli\n{story(error)}\n")
    except (OSError, ImportError, ValueError):
        # A full disk or a broken installation must not hide the first trouble behind a second.
        return None
    return str(path)


def _open_private(path: Path) -> IO[str]:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")
