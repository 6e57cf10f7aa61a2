"""A log as one JSON document: an array of entries, or an object that holds one, of any size.

Entries are decoded one after the other, so that memory holds one of them and not the document.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, BinaryIO

from engine.usage.readers.lines import LONGEST, TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = 1 << 18
_BETWEEN = re.compile(r"[\s,]*")
_NAME = re.compile(r'[\s,{]*("(?:[^"\\]|\\.)*")\s*:\s*')


class Values:
    """Reads the entries of a document; `line` is where the last one began."""

    def __init__(self, stream: BinaryIO, envelopes: tuple[str, ...]) -> None:
        self._stream = stream
        self._envelopes = envelopes
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._json = json.JSONDecoder()
        self._text, self._at, self._ended = "", 0, False
        self.line, self._counted = 1, 0

    def __iter__(self) -> Iterator[object]:
        """Yield entries.

        Raises:
            ValueError: What follows cannot be read; nothing after it was.
        """
        while self._next() is not None:
            if self._next() == "[":
                self._at += 1
                yield from self._entries()
            elif self._next() in {"]", "}"}:
                self._at += 1  # the end of an envelope that was walked into
            else:
                yield from self._value()

    def _entries(self) -> Iterator[object]:
        while (character := self._next()) != "]":
            if character is None:
                raise ValueError("the document ends in the middle")
            yield self._one()
        self._at += 1

    def _value(self) -> Iterator[object]:
        """Read a value; an object that is too large for one entry must be an envelope."""
        try:
            yield self._one()
        except _TooLargeError:
            yield from self._envelope()

    def _envelope(self) -> Iterator[object]:
        while found := _NAME.match(self._text, self._at):
            name = json.loads(found[1])
            self._at = found.end()
            if name in self._envelopes and self._next() == "[":
                self._at += 1
                yield from self._entries()
            else:
                self._one()
            self._next()
        if self._text[self._at : self._at + 1] != "}":
            raise ValueError(f"an entry {TOO_LONG}")
        self._at += 1

    def _one(self) -> object:
        """Decode the value that begins here, reading on until it is whole."""
        self._count()
        while True:
            try:
                value, self._at = self._json.raw_decode(self._text, self._at)
            except RecursionError:
                raise ValueError("an entry is nested too deeply") from None
            except ValueError as error:
                if self._ended:
                    raise ValueError(f"this is not JSON: {_why(error)}") from None
                if len(self._text) - self._at > LONGEST:
                    raise _TooLargeError(f"an entry {TOO_LONG}, or is not JSON") from None
                # Twice as much each time, so that a long entry is tried a few times only.
                self._read(max(_PIECE, len(self._text) - self._at))
            else:
                return value

    def _next(self) -> str | None:
        """Return the next character that is no space or comma; None at the end."""
        while True:
            found = _BETWEEN.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return None
            self._read(_PIECE)

    def _read(self, size: int) -> None:
        """Read on, and let go of what is behind."""
        self._count()
        data = self._stream.read(size)
        self._ended = not data
        self._text = self._text[self._at :] + self._decode.decode(data, final=self._ended)
        self._at = self._counted = 0

    def _count(self) -> None:
        self.line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at


class _TooLargeError(ValueError):
    """A value that is longer than an entry may be."""


def _why(error: ValueError) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else "a number is too long"
