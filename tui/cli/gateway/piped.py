"""Standard input line by line, for commands that answer each line as it comes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def lines(longest: int) -> Iterator[str | None]:
    """Yield the lines of standard input without their end, at once; None for one too long.

    Args:
        longest: Characters (bytes of a pipe) of a line at most.
    """
    source = getattr(sys.stdin, "buffer", sys.stdin)
    while line := source.readline(longest + 1):
        text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
        if len(line) <= longest or text.endswith("\n"):
            yield text.removeprefix("\ufeff").rstrip("\r\n")
            continue
        while line and line[-1:] not in {b"\n", "\n"}:
            line = source.readline(longest)
        yield None
