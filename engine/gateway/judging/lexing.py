"""Reads SQL into tokens exactly as each server does, so that nothing hides in a string or comment.

A parser that was made for many servers forgives what one of them would not; here everything that
two of them could read differently is refused: it is the base on which all else is judged.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.gateway.judging.lexemes import (
    NUMBER,
    PLACEHOLDER,
    PUNCTUATION,
    STRING,
    WORD,
    Lexeme,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS: Final = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """How one server reads characters."""

    words: str
    strings: tuple[str, ...]
    quoted: tuple[str, ...]
    punctuation: frozenset[str]
    hash_comments: bool = False
    nested_comments: bool = False
    dollar_quotes: bool = False
    dashes_need_space: bool = False


_PLAIN = r"'(?:[^']|'')*+'"
_ESCAPED = r"'(?:[^'\\]|\\.|'')*+'"
_DOUBLE = r'"(?:[^"]|"")*+"'
_BACKTICK = r"`(?:[^`]|``)*+`"
_WORD = r"[^\W\d][\w$]*+"
_EVERYWHERE = frozenset("+-*/%<>=!&|~^.,;:()[]")

_POSTGRES = Habits(
    words=_WORD,
    strings=(f"[eE]{_ESCAPED}", f"[bBxXnN]?{_PLAIN}"),
    quoted=(_DOUBLE,),
    punctuation=_EVERYWHERE | frozenset("@#?"),
    nested_comments=True,
    dollar_quotes=True,
)

_HABITS: Final = {
    "postgres": _POSTGRES,
    "duckdb": Habits(
        words=_WORD,
        strings=(f"[eE]{_ESCAPED}", f"[bBxX]?{_PLAIN}"),
        quoted=(_DOUBLE,),
        punctuation=_EVERYWHERE | frozenset("@#{}"),
        nested_comments=True,
        dollar_quotes=True,
    ),
    "mysql": Habits(
        words=_WORD,
        strings=(f"[bBxXnN]?{_ESCAPED}", r'"(?:[^"\\]|\\.|"")*+"'),
        quoted=(_BACKTICK,),
        punctuation=_EVERYWHERE - frozenset("[]"),
        hash_comments=True,
        dashes_need_space=True,
    ),
    "sqlite": Habits(
        words=_WORD,
        strings=(f"[xX]?{_PLAIN}",),
        quoted=(_DOUBLE, _BACKTICK, r"\[[^\]]*+\]"),
        punctuation=_EVERYWHERE - frozenset("[]"),
    ),
    "generic": Habits(
        words=_WORD,
        strings=(_PLAIN,),
        quoted=(_DOUBLE,),
        punctuation=_EVERYWHERE,
    ),
}

_DIGITS = r"\d++(?:_\d++)*+"
_NUMBER = rf"0[xX][0-9a-fA-F]++|0b[01]++|(?:{_DIGITS}(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?"
_SPACE = re.compile(r"[ \t\r\n]+")
_TAG = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_EXECUTED = re.compile(r"/\*(?:!|\+|M!|T!)", re.IGNORECASE)
_UNICODE_ESCAPES = re.compile(r"[uU]&['\"]")
_BLAMED = frozenset("'\"`[")


def lex(sql: str, dialect: str) -> Iterator[Lexeme]:
    """Yield the pieces of `sql` in order; a colon and the name after it are still two of them.

    Raises:
        Unreadable: At the first place that cannot be read, or not in one way only.
    """
    if len(sql) > MAX_CHARACTERS:
        raise Unreadable(
            "too_long",
            f"The SQL has {len(sql):,} characters; a template has at most {MAX_CHARACTERS:,}.",
            start=0,
        )
    _refuse_odd_characters(sql)
    yield from _pieces(sql, dialect)


def _refuse_odd_characters(sql: str) -> None:
    """Refuse what some server ends a text at, or cannot take at all."""
    for match in re.finditer(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", sql):
        raise Unreadable(
            "character_not_allowed",
            f"The character U+{ord(match.group()):04X} may not be in a template.",
            start=match.start(),
            hint="Remove it, or give it as a parameter.",
        )


def _pattern(habits: Habits) -> re.Pattern[str]:
    """Return the pattern of everything but white space, comments and dollar quotes."""
    return re.compile(
        f"(?P<string>{'|'.join(habits.strings)})|(?P<quoted>{'|'.join(habits.quoted)})"
        rf"|(?P<placeholder>\$\d++)|(?P<number>{_NUMBER})|(?P<word>{habits.words})"
        r"|(?P<punctuation>::|:=|[^\w\s])",
        re.DOTALL,
    )


_PATTERNS: Final = {name: _pattern(habits) for name, habits in _HABITS.items()}


def _pieces(sql: str, dialect: str) -> Iterator[Lexeme]:
    habits, pattern, at = _HABITS[dialect], _PATTERNS[dialect], 0
    while at < len(sql):
        if (space := _SPACE.match(sql, at)) is not None:
            at = space.end()
        elif (after := _comment(sql, at, habits)) is not None:
            at = after
        elif habits.dollar_quotes and (tag := _TAG.match(sql, at)) is not None:
            yield (quote := Lexeme(STRING, _dollar_quote(sql, tag), at))
            at = quote.end
        else:
            found = pattern.match(sql, at)
            if found is None or _UNICODE_ESCAPES.match(sql, at) is not None:
                raise _odd(sql, at)
            piece = Lexeme(str(found.lastgroup), found.group(), at)
            _refuse_odd_piece(piece, sql, habits)
            yield piece
            at = piece.end


def _comment(sql: str, at: int, habits: Habits) -> int | None:
    """Return where a comment that begins here has ended; None when none does."""
    if sql.startswith("--", at) or (habits.hash_comments and sql[at] == "#"):
        if habits.dashes_need_space and sql[at] == "-" and sql[at + 2 : at + 3] not in "\n\t ":
            raise Unreadable(
                "ambiguous_comment",
                "`--` begins a comment here only when a space follows.",
                start=at,
                length=2,
                hint="Write a space after it; or, between two numbers, a space inside it.",
            )
        return _line_comment(sql, at)
    if sql.startswith("/*", at):
        return _block_comment(sql, at, nested=habits.nested_comments)
    return None


def _line_comment(sql: str, at: int) -> int:
    end = sql.find("\n", at)
    end = len(sql) if end < 0 else end
    lone = sql.find("\r", at, end)
    if 0 <= lone < end - 1:
        raise Unreadable(
            "ambiguous_comment",
            "A carriage return ends this comment on some servers and not on others.",
            start=lone,
            hint="End the line with a newline.",
        )
    return end


def _block_comment(sql: str, at: int, *, nested: bool) -> int:
    if _EXECUTED.match(sql, at) is not None:
        raise Unreadable(
            "executed_comment",
            "A comment that begins with `/*!`, `/*M!` or `/*+` is obeyed by some servers.",
            start=at,
            length=3,
            hint="Write a plain comment, or none.",
        )
    depth = 0
    for mark in re.compile(r"/\*|\*/").finditer(sql, at):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
        if depth > 1 and not nested:
            raise Unreadable(
                "ambiguous_comment",
                "A comment inside a comment is read differently by different servers.",
                start=mark.start(),
                length=2,
                hint="Take the inner `/*` out.",
            )
    raise Unreadable(
        "unfinished", "This comment is never closed.", start=at, length=2, hint="Close it with */."
    )


def _dollar_quote(sql: str, tag: re.Match[str]) -> str:
    end = sql.find(tag.group(), tag.end())
    if end < 0:
        raise Unreadable(
            "unfinished",
            "This dollar-quoted text is never closed.",
            start=tag.start(),
            length=len(tag.group()),
            hint="Close it with the same mark.",
        )
    return sql[tag.start() : end + len(tag.group())]


def _odd(sql: str, at: int) -> Unreadable:
    """Return why nothing could be read here."""
    character = sql[at]
    if character in "uU":
        return Unreadable(
            "unicode_escapes",
            "Names and texts with unicode escapes (U&) may not be in a template.",
            start=at,
            length=3,
            hint="Write the characters themselves.",
        )
    return Unreadable(
        "character_not_allowed",
        f"The character U+{ord(character):04X} may not stand here.",
        start=at,
        hint="White space is a space, a tab or a newline.",
    )


def _refuse_odd_piece(piece: Lexeme, sql: str, habits: Habits) -> None:
    """Refuse quotes that never close, foreign punctuation, and words glued to what is before."""
    text = piece.text
    if piece.kind == PUNCTUATION and text[0] not in habits.punctuation:
        if text in _BLAMED and text in {quote[-1] for quote in (*habits.quoted, *habits.strings)}:
            raise Unreadable(
                "unfinished",
                "This quote is never closed.",
                start=piece.start,
                hint=f"Close it with {text if text != '[' else ']'}.",
            )
        raise Unreadable(
            "character_not_allowed",
            f"`{text}` has no place in this dialect's templates."
            if text.isascii()
            else f"The character U+{ord(text[0]):04X} may not stand here.",
            start=piece.start,
        )
    if piece.kind in {NUMBER, PLACEHOLDER} and re.match(r"[\w$]", sql[piece.end : piece.end + 1]):
        raise Unreadable(
            "glued",
            "A number and what follows it must be apart.",
            start=piece.start,
            length=len(text) + 1,
            hint="Put a space between them.",
        )
    if piece.kind == WORD and not text.isascii():
        _refuse_odd_word(piece)


def _refuse_odd_word(piece: Lexeme) -> None:
    for offset, character in enumerate(piece.text):
        letter = character.isascii() or unicodedata.category(character)[0] in "LM"
        if not letter or unicodedata.normalize("NFKC", character).isascii() != character.isascii():
            raise Unreadable(
                "character_not_allowed",
                f"The character U+{ord(character):04X} may not be in a bare name.",
                start=piece.start + offset,
                hint="Quote the name.",
            )
