"""What happens when the dashboard fails: a sentence for the person, the path for the log.

Textual prints every local variable of every frame, keys and passwords included. Here the log gets
the kind of the error and where it came from, never a value: neither locals nor the error's own
words, which may repeat a value too.
"""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import Path

from tui import private


def trace(error: BaseException) -> str:
    """Return where an error came from, link by link of its chain, without any value."""
    links: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        places = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        links.append("\n".join([type(current).__qualname__, *places]))
        current = current.__cause__ or current.__context__ or _carried(current)
    return "\ncaused by ".join(links)


def _carried(error: BaseException) -> BaseException | None:
    """Return the error that another carries as data, as Textual's `WorkerFailed` does."""
    carried = getattr(error, "error", None)
    return carried if isinstance(carried, BaseException) else None


def write(error: BaseException, log_file: str) -> bool:
    """Append an error's trace to the log file (0600); return whether that worked."""
    path = Path(log_file)
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        with private.open_to_append(path) as file:
            file.write(f"{stamp} dashboard error {trace(error)}\n")
    except OSError:
        return False
    return True


def sentence(error: BaseException, log_file: str) -> str:
    """Write the log and return the one sentence that is printed after the terminal is restored."""
    kind = type(error).__name__
    if write(error, log_file):
        return f"Lampboard stopped on an unexpected {kind}. Details are in {log_file}"
    return f"Lampboard stopped on an unexpected {kind}, and {log_file} cannot be written."
