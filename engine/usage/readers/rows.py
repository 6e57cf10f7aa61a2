"""A log as CSV: rows by the names in its header, with quoted line ends and any usual separator."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from engine.usage.readers.lines import LONGEST, TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.usage.readers.lines import Lines

_SEPARATORS = ",;\t|"
_MOST_COLUMNS = 2_000


class Rows:
    """Reads rows as mappings by the header's names; yields a reason instead of a bad one."""

    def __init__(self, lines: Lines, header: tuple[str, ...], separator: str) -> None:
        # A cell may hold as much as a line; the module's own limit is one for the process.
        csv.field_size_limit(LONGEST)
        self._broken = ""
        self._lines = lines
        self._header = header
        self._rows = csv.reader(self._texts(), delimiter=separator)

    def _texts(self) -> Iterator[str]:
        for line in self._lines:
            if line is None:
                self._broken = TOO_LONG
                yield "\n"
                continue
            try:
                yield line.decode()
            except UnicodeDecodeError as error:
                self._broken = f"is not UTF-8 (byte {error.start + 1})"
                yield line.decode("utf-8", "replace")

    def __iter__(self) -> Iterator[dict[str, str] | str]:
        while True:
            try:
                row = next(self._rows)
            except StopIteration:
                return
            except csv.Error as error:
                self._broken = ""
                yield f"is not CSV: {error}"
                continue
            broken, self._broken = self._broken, ""
            if broken:
                yield broken
            elif row and any(row):
                yield self._named(row)

    def _named(self, row: list[str]) -> dict[str, str] | str:
        if len(row) != len(self._header):
            return f"has {len(row)} columns where the header has {len(self._header)}"
        return dict(zip(self._header, row, strict=True))


def read_header(line: bytes) -> tuple[tuple[str, ...], str]:
    """Return the names in a header and what separates them.

    Raises:
        ValueError: It is no header.
    """
    text = line.decode("utf-8", "strict")
    separator = max(_SEPARATORS, key=text.count)
    names = tuple(name.strip() for name in next(csv.reader([text], delimiter=separator), []))
    if not any(names) or len(names) > _MOST_COLUMNS:
        raise ValueError("the first line is no header with the columns' names")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"the header names {twice[0]!r} twice")
    return names, separator
