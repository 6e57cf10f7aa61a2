"""A log as lines: each with its number and where the next begins, however long one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 16 * 1024 * 1024
"""Bytes of one entry: spend logs may hold a whole conversation, but no more than that."""

TOO_LONG = f"is longer than {LONGEST // (1024 * 1024)} MiB"
_PIECE = 1 << 16
_MARK = b"\xef\xbb\xbf"


class Lines:
    """Reads the lines of a stream, and knows where it is; a longer one than allowed is None.

    Args:
        stream: Where to read from.
        line: How many lines before were read.
        offset: How many bytes.
    """

    def __init__(self, stream: BinaryIO, *, line: int = 0, offset: int = 0) -> None:
        self._stream = stream
        self.line = line
        self.offset = offset

    def __iter__(self) -> Iterator[bytes | None]:
        while data := self._stream.readline(LONGEST + 1):
            first = self.offset == 0
            self.line += 1
            self.offset += len(data)
            if len(data) > LONGEST:
                data = data[-1:]
                self._skip(data)
                yield None
            else:
                yield data.removeprefix(_MARK) if first else data

    def _skip(self, data: bytes) -> None:
        """Pass over the rest of a line that is too long."""
        while data and not data.endswith(b"\n"):
            data = self._stream.readline(_PIECE)
            self.offset += len(data)
