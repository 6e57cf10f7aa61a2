"""A file or standard input as a source of an import."""

from __future__ import annotations

import io
import json
import os
import stat
from dataclasses import asdict
from hashlib import blake2b
from typing import TYPE_CHECKING, BinaryIO

from engine.errors import InvalidInput
from engine.usage.readers.detecting import LOOK, detect
from engine.usage.readers.log import Log, Position

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.usage.readers.base import Found

_BEGINNING = 1024
_BUFFER = 1 << 20
_SHOWN = 300


class LogFile:
    """A log that is read from its beginning, or from where an earlier run ended.

    Args:
        stream: Its bytes.
        wanted: Its format, or auto.
        mapping: Which columns are which fields.
        where: What it is called in sentences.
        identity: What tells it and how it is read from others; empty for what cannot be read
            again, such as standard input.

    Raises:
        InvalidInput: It is nothing that can be read.
    """

    keeps_cursor = False

    def __init__(
        self,
        stream: BinaryIO,
        *,
        wanted: str = "auto",
        mapping: Mapping[str, str] | None = None,
        where: str = "The log",
        identity: str = "",
    ) -> None:
        self._where = where
        self._size = os.fstat(stream.fileno()).st_size if identity else 0
        with _readable(where):
            head = _head(stream, whole=wanted == "auto")
        self._stream = _again(stream, head, seekable=bool(identity))
        self.name = _name(identity, head, wanted, mapping or {}) if identity else ""
        self._log: Log | None = None
        self.origin = self.format = ""
        if head.strip():
            kind = detect(head, wanted, mapped=bool(mapping))
            self._log = Log(self._stream, kind, mapping or {})
            self.origin = kind.origin
            self.format = kind.format.title if kind.format else kind.origin

    @property
    def cursor(self) -> Mapping[str, object]:
        """Behind the last entry that was yielded in full."""
        return {} if self._log is None else asdict(self._log.position)

    @property
    def progress(self) -> tuple[int, int]:
        """Bytes read, and bytes that there are."""
        return (self._log.position.offset if self._log else 0), self._size

    @property
    def naive(self) -> int:
        """How many times named no zone and were taken as UTC."""
        return self._log.naive if self._log else 0

    def read(self, cursor: Mapping[str, object]) -> Iterator[tuple[int, Found]]:
        """Yield what the log says; from its beginning when it is shorter than it was.

        Raises:
            InvalidInput: It cannot be read on.
        """
        if self._log is None:
            return
        with _readable(self._where, OSError):
            yield from self._log.read(self._start(cursor))

    def _start(self, cursor: Mapping[str, object]) -> Position:
        known = {
            name: value
            for name, value in cursor.items()
            if name in {"entries", "line", "offset"} and isinstance(value, int) and value >= 0
        }
        start = Position(**known)
        return start if self.name and start.offset <= self._size else Position()

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()


def open_log(
    path: str, *, wanted: str = "auto", mapping: Mapping[str, str] | None = None, how: str = ""
) -> LogFile:
    """Open a log file; `how` is what else decides what becomes of its records.

    Raises:
        InvalidInput: It cannot be read, or is nothing that can be imported.
    """
    where = f"The file {path}" if len(path) <= _SHOWN else f"The file {path[:_SHOWN]}…"
    with _readable(where):
        stream = open(path, "rb", buffering=_BUFFER)  # noqa: PTH123, SIM115 - closed by LogFile
        regular = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    identity = f"{os.path.realpath(path)}\0{how}" if regular else ""
    try:
        return LogFile(stream, wanted=wanted, mapping=mapping, where=where, identity=identity)
    except BaseException:
        stream.close()
        raise


class _readable:  # noqa: N801 - reads as a word where it is used
    """Turns what the system says of a file into a sentence."""

    def __init__(self, where: str, *errors: type[Exception]) -> None:
        self._where = where
        # A ValueError comes of a path with a NUL in it.
        self._errors = errors or (OSError, ValueError)

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, self._errors):
            reason = getattr(error, "strerror", None) or "that is not a path"
            raise InvalidInput(f"{self._where} cannot be read: {reason}.", field="file") from None


def _head(stream: BinaryIO, *, whole: bool) -> bytes:
    """Read the beginning; only the first line where no more is needed to know what it is.

    A log that is still being written to standard input would not show its first calls otherwise.
    """
    if not whole:
        return stream.readline(LOOK)
    pieces, size = [], 0
    while size < LOOK and (piece := stream.read(LOOK - size)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _again(stream: BinaryIO, head: bytes, *, seekable: bool) -> BinaryIO:
    """Give the stream from its beginning on."""
    if seekable:
        stream.seek(0)
        return stream
    return io.BufferedReader(_After(head, stream), _BUFFER)


class _After(io.RawIOBase):
    """What was read already, and then the rest of a stream that cannot go back."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: object, /) -> int:
        """Fill the buffer, with less where less is there."""
        target = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        if self._head:
            piece: bytes | memoryview = self._head[: len(target)]
            self._head = self._head[len(piece) :]
        else:
            one = getattr(self._rest, "read1", self._rest.read)
            piece = one(len(target))
        target[: len(piece)] = piece
        return len(piece)


def _name(identity: str, head: bytes, wanted: str, mapping: Mapping[str, str]) -> str:
    told = "\0".join((identity, wanted, json.dumps(mapping, sort_keys=True)))
    digest = blake2b(told.encode("utf-8", "surrogateescape"), digest_size=16)
    digest.update(head[:_BEGINNING])
    return f"file:{digest.hexdigest()}"
