"""Standard output and error as they may be: piped, closed, broken, not UTF-8."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def steady() -> None:
    """Make both streams safe to write to: something is there, and any character can be written."""
    for name in ("stdout", "stderr"):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:  # started with the descriptor closed, as `>&-` does
            # Lives as long as the process does.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def hush() -> None:
    """After a broken pipe: point stdout at nothing, so that the last flush does not fail again."""
    try:
        target = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, target)
    os.close(nothing)


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a person sees this stream."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed already
        return False


def colours(stream: TextIO) -> bool:
    """Return whether to colour: NO_COLOR and TERM=dumb say no, CLICOLOR_FORCE says yes.

    See https://no-color.org and https://bixense.com/clicolors.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("CLICOLOR_FORCE", "0") != "0" or os.environ.get("FORCE_COLOR"):
        return True
    if os.environ.get("TERM") == "dumb" or os.environ.get("CLICOLOR") == "0":
        return False
    return is_terminal(stream)


def columns(stream: TextIO) -> int | None:
    """Return how many cells a line may take, or None where lines have no end (a pipe, a file)."""
    if not is_terminal(stream):
        return None
    import shutil

    return shutil.get_terminal_size().columns
