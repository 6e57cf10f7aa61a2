"""Finds the placeholders of a statement: `:name`, or `$1` to `$n`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from engine.gateway.judging.lexemes import (
    NO_OPERANDS,
    PLACEHOLDER,
    PUNCTUATION,
    STRING,
    WORD,
    Lexeme,
    Unreadable,
)
from engine.gateway.judging.lexing import lex

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PIECES: Final = 10_000


class Placeholder(NamedTuple):
    """Where a value goes.

    Attributes:
        name: The parameter's name, or `$1` for one that goes by its position.
        start: Where it begins in the SQL, in characters from 0.
    """

    name: str
    start: int


def placeholder_of(piece: Lexeme) -> Placeholder:
    """Return what a piece of kind PLACEHOLDER stands for."""
    return Placeholder(piece.text.removeprefix(":"), piece.start)


def read(sql: str, dialect: str) -> tuple[Lexeme, ...]:
    """Return the pieces of `sql` in order, each placeholder as one.

    Raises:
        Unreadable: At the first place that cannot be read, or not in one way only.
    """
    pieces: list[Lexeme] = []
    for piece in _settled(lex(sql, dialect), dialect):
        pieces.append(piece)
        if len(pieces) > MAX_PIECES:
            raise Unreadable(
                "too_long",
                f"The SQL has more than {MAX_PIECES:,} words and signs.",
                start=piece.start,
                length=len(piece.text),
            )
    return tuple(pieces)


def split_placeholders(sql: str, dialect: str) -> tuple[str | Placeholder, ...]:
    """Return the statement in pieces, in order: SQL text as written, and placeholders.

    Joined again with each placeholder's spelling between them, they are the whole text. Nothing in
    a string, a quoted name, a comment, a cast (`::`), an assignment (`:=`), a slice (`a[1:n]`) or a
    pair (`{'a':b}`) is a placeholder.

    Args:
        sql: One statement.
        dialect: One of `results.DIALECTS`.

    Raises:
        InvalidInput: When the text cannot be read in one way only; registration refuses it too.
    """
    from engine.errors import InvalidInput

    try:
        pieces = read(sql, dialect)
    except Unreadable as error:
        raise InvalidInput(error.message, hint=error.hint, field="sql") from None
    parts: list[str | Placeholder] = []
    at = 0
    for piece in pieces:
        if piece.kind == PLACEHOLDER:
            if at < piece.start:
                parts.append(sql[at : piece.start])
            parts.append(placeholder_of(piece))
            at = piece.end
    if at < len(sql):
        parts.append(sql[at:])
    return tuple(parts)


def _settled(pieces: Iterator[Lexeme], dialect: str) -> Iterator[Lexeme]:
    """Join a colon and its name where they are a placeholder; refuse continued escape texts."""
    before: Lexeme | None = None
    colon: Lexeme | None = None
    brackets: list[str] = []
    for piece in pieces:
        if colon is not None:
            if piece.kind == WORD and piece.start == colon.end and _free(colon, before, brackets):
                yield (before := Lexeme(PLACEHOLDER, f":{piece.text}", colon.start))
                colon = None
                continue
            yield (before := colon)
            colon = None
        _track(piece, brackets)
        if piece.text == ":":
            colon = piece
            continue
        if piece.kind == STRING and before is not None and before.kind == STRING:
            _refuse_continued(before, piece, dialect)
        yield (before := piece)
    if colon is not None:
        yield colon


def _track(piece: Lexeme, brackets: list[str]) -> None:
    if piece.kind == PUNCTUATION and piece.text in "([{":
        brackets.append(piece.text)
    elif piece.kind == PUNCTUATION and piece.text in ")]}" and brackets:
        brackets.pop()


def _free(colon: Lexeme, before: Lexeme | None, brackets: list[str]) -> bool:
    """Tell whether a colon begins a placeholder: after an operand it parts a slice or a pair."""
    if before is None:
        return True
    operand = before.kind != PUNCTUATION or before.text in ")]}"
    if operand and before.end == colon.start:
        return False
    separates = bool(brackets) and brackets[-1] in "[{"
    return not (separates and operand and before.word not in NO_OPERANDS)


def _refuse_continued(before: Lexeme, piece: Lexeme, dialect: str) -> None:
    """Refuse a text that goes on after a line's end: its escapes would go on with it."""
    if dialect in {"postgres", "duckdb"} and before.text[0] in "eE":
        raise Unreadable(
            "ambiguous_text",
            "A text that goes on in a second pair of quotes is read differently by servers.",
            start=piece.start,
            length=len(piece.text),
            hint="Write it in one pair of quotes.",
        )
