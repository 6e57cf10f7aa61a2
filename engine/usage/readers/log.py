"""Reads a log from its beginning or from where it was left, entry by entry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from engine.errors import InvalidInput
from engine.usage.mapping import Moments, shown
from engine.usage.readers.base import no_mapping
from engine.usage.readers.detecting import CSV, DOCUMENT
from engine.usage.readers.lines import TOO_LONG, Lines
from engine.usage.readers.plain import Plain
from engine.usage.readers.rows import Rows, read_header
from engine.usage.readers.values import Values
from engine.usage.records import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.usage.readers.base import Convert, Found
    from engine.usage.readers.detecting import Kind

_SHOWN_COLUMNS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """How far a log was read: entries, lines and bytes; where the next entry begins.

    It moves on when all that an entry says was yielded: whoever stops in the middle of an entry
    reads it again.
    """

    entries: int = 0
    line: int = 0
    offset: int = 0


class Log:
    """Yields (line, record or refusal or None) of a log, and knows its `position` at each.

    Args:
        stream: Its bytes from the beginning on.
        kind: What it is.
        mapping: Which columns are which fields, for a log of one's own.
    """

    def __init__(self, stream: BinaryIO, kind: Kind, mapping: Mapping[str, str]) -> None:
        self._stream = stream
        self._kind = kind
        self.position = Position()
        self._plain = None
        if kind.format is None:
            self._plain = Plain(mapping, quieted=kind.container == CSV)

    @property
    def naive(self) -> int:
        """How many times named no zone and were taken as UTC."""
        moments: Moments | None = self._plain.moments if self._plain else None
        return moments.naive if moments else 0

    def read(self, start: Position) -> Iterator[tuple[int, Found]]:
        """Yield what its entries say, from a position on.

        Raises:
            InvalidInput: The header names no column that is known.
        """
        if self._kind.container == DOCUMENT:
            yield from self._document(start)
        elif self._kind.container == CSV:
            yield from self._csv(start)
        else:
            yield from self._lines(start)

    def _lines(self, start: Position) -> Iterator[tuple[int, Found]]:
        lines, entries = self._placed(start), start.entries
        for data in lines:
            entries += 1
            if data is None:
                yield lines.line, _refused(lines.line, f"the line {TOO_LONG}")
            elif not data.isspace():
                for found in self._line(lines.line, data):
                    yield lines.line, found
            self._note(lines, entries)

    def _line(self, line: int, data: bytes) -> Iterator[Found]:
        try:
            # Decoded first: of bytes, json takes what begins like UTF-16 for that.
            value = json.loads(data.decode())
        except UnicodeDecodeError as error:
            yield _refused(line, f"the line is not UTF-8 (byte {error.start + 1})")
        except RecursionError:
            yield _refused(line, "the line is nested too deeply")
        except json.JSONDecodeError as error:
            yield _refused(line, f"the line is not JSON: {error.msg} (character {error.pos + 1})")
        except ValueError:
            yield _refused(line, "a number in the line has too many digits")
        else:
            yield from self._entry(line, value)

    def _csv(self, start: Position) -> Iterator[tuple[int, Found]]:
        lines = Lines(self._stream)
        header, separator = read_header(next(iter(lines)) or b"")
        self._check(header)
        if start.offset > lines.offset:
            lines = self._placed(start)
        entries = start.entries
        for row in Rows(lines, header, separator):
            entries += 1
            if isinstance(row, str):
                yield lines.line, _refused(lines.line, f"the row {row}")
            else:
                for found in self._entry(lines.line, row):
                    yield lines.line, found
            self._note(lines, entries)

    def _document(self, start: Position) -> Iterator[tuple[int, Found]]:
        envelopes = self._kind.format.envelopes if self._kind.format else ("data",)
        values, entries = Values(self._stream, envelopes), 0
        try:
            for value in values:
                entries += 1
                if entries <= start.entries:
                    continue
                for found in self._entry(values.line, value):
                    yield values.line, found
                self.position = Position(entries=entries, line=values.line)
        except ValueError as error:
            reason = f"{error}; what comes after it was not read"
            yield values.line, _refused(values.line, reason)

    def _entry(self, line: int, value: object) -> Iterator[Found]:
        """Yield what an entry says; it may be an envelope, or a list of entries."""
        for one in self._opened(value):
            try:
                if not isinstance(one, dict):
                    raise no_mapping(one)
                for found in self._convert(one):
                    yield _at(line, found) if isinstance(found, Refusal) else found
            except (ValueError, RecursionError) as error:
                yield _refused(line, str(error) or "it is nested too deeply")

    def _opened(self, value: object) -> Iterator[object]:
        if isinstance(value, list):
            yield from value
            return
        name = self._envelope(value)
        if name is None or not isinstance(value, dict):
            yield value
        else:
            yield from value[name]

    def _envelope(self, value: object) -> str | None:
        known = self._kind.format
        names = ("data",) if known is None else known.envelopes
        if not isinstance(value, dict) or (known is not None and known.name == "otlp"):
            return None
        return next((name for name in names if isinstance(value.get(name), list)), None)

    @property
    def _convert(self) -> Convert:
        if self._plain is not None:
            return self._plain.convert
        assert self._kind.format is not None  # noqa: S101 - one of both is there
        return self._kind.format.convert

    def _placed(self, start: Position) -> Lines:
        if start.offset:
            self._stream.seek(start.offset)
        return Lines(self._stream, line=start.line, offset=start.offset)

    def _note(self, lines: Lines, entries: int) -> None:
        self.position = Position(entries=entries, line=lines.line, offset=lines.offset)

    def _check(self, header: tuple[str, ...]) -> None:
        """Refuse a header that names nothing that is known, instead of every row."""
        if self._plain is None:
            return
        missing = [name for name in ("call_id", "at") if not self._plain.knows(name, header)]
        if missing:
            columns = ", ".join(shown(name) for name in header[:_SHOWN_COLUMNS])
            raise InvalidInput(
                f"The header names no column for {' and '.join(missing)}: {columns}.",
                hint=f"Say which it is, as in --map {missing[0]}=COLUMN.",
                field="map",
            )


def _refused(line: int, reason: str) -> Refusal:
    sentence = reason[:1].upper() + reason[1:]
    return Refusal(line=line, reason=sentence if sentence.endswith(".") else f"{sentence}.")


def _at(line: int, refusal: Refusal) -> Refusal:
    return Refusal(line=line, reason=refusal.reason)
