"""How data is printed: as a table, JSON, YAML, CSV or names. Data only; narration is on stderr."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tui.cli.table import Column

Record = "Mapping[str, Any]"

_BEYOND_ASCII = re.compile(r"[^\x00-\x7e]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Output:
    """Where data goes, and in which format."""

    format: str
    stream: TextIO

    def record(
        self, record: Mapping[str, Any], *, table: Callable[[], str], name: str = "name"
    ) -> None:
        """Print one thing; `table` makes its text for people, `name` is its key for `-o name`."""
        match self.format:
            case "json":
                self._write(as_json(record, self.stream) + "\n")
            case "yaml":
                self._write(as_yaml(record))
            case "csv":
                from tui.csv_text import lines

                self._write("".join(lines([record])))
            case "name":
                self._write(_one_line(record.get(name)) + "\n")
            case _:
                self._write(table())

    def listing(
        self,
        batches: Iterable[Sequence[Any]],
        total: int,
        columns: Sequence[Column],
        *,
        name: str = "name",
    ) -> None:
        """Print many records, batch by batch as they come; `total` says how many there are.

        The records answer to `to_dict()`; a table shows the columns that were declared.
        """
        match self.format:
            case "json":
                self._stream_json(batches, total)
            case "yaml":
                self._stream_yaml(batches, total)
            case "csv":
                self._stream_csv(batches)
            case "name":
                for batch in batches:
                    self._write("".join(_one_line(getattr(row, name)) + "\n" for row in batch))
            case _:
                self._table(batches, columns)

    def _stream_json(self, batches: Iterable[Sequence[Any]], total: int) -> None:
        self._write('{"items": [')
        between = "\n  "
        for batch in batches:
            for row in batch:
                self._write(between + as_json(row.to_dict(), self.stream, indent=None))
                between = ",\n  "
        self._write(("]" if between == "\n  " else "\n]") + f', "total": {total}}}\n')

    def _stream_yaml(self, batches: Iterable[Sequence[Any]], total: int) -> None:
        self._write(f"total: {total}\n")
        first = True
        for batch in batches:
            if batch:
                self._write(("items:\n" if first else "") + as_yaml([r.to_dict() for r in batch]))
                first = False
        if first:
            self._write("items: []\n")

    def _stream_csv(self, batches: Iterable[Sequence[Any]]) -> None:
        from tui.csv_text import lines

        header = True
        for batch in batches:
            for line in lines([row.to_dict() for row in batch], header=header):
                self._write(line)
            header = header and not batch

    def _table(self, batches: Iterable[Sequence[Any]], columns: Sequence[Column]) -> None:
        from tui.cli.table import render

        rows = [row for batch in batches for row in batch]
        self._write(render(rows, columns, self.stream))

    def _write(self, text: str) -> None:
        self.stream.write(text)


def as_json(value: object, stream: TextIO, *, indent: int | None = 2) -> str:
    """Return JSON that is safe to show.

    It is data and keeps every character; what a terminal would obey or hide is there as an escape.
    """
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "")
    plain = encoding != "utf8"
    text = json.dumps(value, ensure_ascii=plain, indent=indent, default=str)
    return text if plain else _BEYOND_ASCII.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    character = match.group()
    return character if character.isprintable() else json.dumps(character)[1:-1]


def as_yaml(value: object) -> str:
    """Return YAML in the order of the fields, safe to show."""
    import yaml

    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=1000)
    if text.replace("\n", "").isprintable():
        return text
    # YAML lets line separators and bidi marks pass; its plain form escapes all beyond ASCII.
    plain: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=False, width=1000)
    return plain


def _one_line(value: object) -> str:
    from tui.text import clean

    return clean(str(value if value is not None else ""))
