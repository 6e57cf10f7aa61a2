"""SQL as toned lines: keywords, texts, comments and placeholders stand apart. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol, cast

from tui import text
from tui.widgets.cells import Cell, Span, fit, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tui.theme import Tone

MOST: Final = 32_768
"""Characters from which SQL is shown in one tone: it is drawn anew with each key."""

_PLACEHOLDER = re.compile(r"(?<![:\w]):[^\W\d]\w{0,62}(?!:)|\$\d{1,3}\b")
_LITERAL: Final = frozenset({"healthy", "muted"})
"""Tones of what holds no placeholder: texts, numbers and comments."""


class Lexer(Protocol):
    """What takes a text apart."""

    def get_tokens_unprocessed(self, text: str) -> Iterable[tuple[int, object, str]]:
        """Yield the place, kind and text of each token."""
        ...


@lru_cache(maxsize=64)
def sql_lines(sql: str, dialect: str | None = None) -> tuple[Cell, ...]:
    """Return each line of a statement as toned spans; as many lines as `text.lines` returns."""
    lines = text.lines(sql)
    whole = "\n".join(lines)
    tones = _tones(whole, dialect)
    return tuple(_spans(lines, tones))


def _spans(lines: list[str], tones: list[Tone]) -> Iterator[Cell]:
    place = 0
    for line in lines:
        letters = [Span(*pair) for pair in zip(line, tones[place : place + len(line)], strict=True)]
        yield joined(letters)
        place += len(line) + 1


def _tones(sql: str, dialect: str | None) -> list[Tone]:
    """Return the tone of each character."""
    tones: list[Tone] = ["plain"] * len(sql)
    if len(sql) > MOST:
        return tones
    for place, kind, value in _lexer(dialect).get_tokens_unprocessed(sql):
        tone = _tone(str(kind))
        # Some lexers take the dot between two names for the start of a number.
        if tone != "plain" and value != ".":
            tones[place : place + len(value)] = [tone] * len(value)
    for found in _PLACEHOLDER.finditer(sql):
        if tones[found.start()] not in _LITERAL:
            tones[found.start() : found.end()] = ["strong"] * len(found[0])
    return tones


def _tone(kind: str) -> Tone:
    for start, tone in _TONES.items():
        if kind.startswith(start):
            return tone
    return "plain"


_TONES: Final[Mapping[str, Tone]] = {
    "Token.Keyword": "accent",
    "Token.Operator.Word": "accent",
    # A name in double quotes is a name.
    "Token.Literal.String.Symbol": "plain",
    "Token.Literal.String.Name": "plain",
    "Token.Literal": "healthy",
    "Token.Comment": "muted",
}


_LEXERS: Final[Mapping[str, str]] = {
    "postgres": "postgresql",
    "duckdb": "postgresql",
    "mysql": "mysql",
}


@lru_cache(maxsize=8)
def _lexer(dialect: str | None) -> Lexer:
    # Rich brings it, and says what a lexer is; it draws nothing here.
    from rich.syntax import Syntax

    return cast("Lexer", Syntax("", _LEXERS.get(dialect or "", "sql")).lexer)


def numbered(lines: tuple[Cell, ...], width: int) -> list[Cell]:
    """Return lines behind their numbers, folded where they are wider than `width` cells."""
    room = len(str(len(lines))) + 2
    found: list[Cell] = []
    for number, line in enumerate(lines, 1):
        for place, part in enumerate(folded(line, max(1, width - room))):
            head = f"{number:>{room - 2}}  " if place == 0 else " " * room
            found.append((Span(head, "muted"), *part))
    return found


def folded(line: Cell, width: int) -> list[Cell]:
    """Return one line as several of at most `width` cells, cut after blanks where there are any."""
    words = "".join(span.text for span in line)
    tones = [span.tone for span in line for _ in span.text]
    found: list[Cell] = []
    place = 0
    while place < len(words):
        size = _fitting(words, place, width)
        part = zip(words[place : place + size], tones[place : place + size], strict=True)
        found.append(joined([Span(*pair) for pair in part]))
        place += size
    return found or [()]


def _fitting(words: str, place: int, width: int) -> int:
    """Return how many characters from a place on fit into a line."""
    size = min(len(words) - place, width)
    while size > 1 and text.width(words[place : place + size]) > width:
        size -= 1
    if place + size >= len(words):
        return size
    blank = words.rfind(" ", place + 1, place + size)
    return blank + 1 - place if blank > place + size // 2 else size


def one_line(sql: str, dialect: str | None, width: int) -> Cell:
    """Return a statement on one line, its blanks drawn together."""
    return fit(next(iter(sql_lines(" ".join(sql.split()), dialect))), width)
