"""Judges every call by the name that is written before its bracket.

The names are taken from the text, not from the parser's tree: a parser that knows many dialects
calls the same function by another name in its tree, and the server goes by the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.gateway.judging.findings import Finding, at, named
from engine.gateway.judging.functions import allowed
from engine.gateway.judging.keywords import (
    AFTER,
    AFTER_OPERANDS,
    BEFORE_BRACKETS,
    BRACKETS_OF,
    SIZED,
)
from engine.gateway.judging.lexemes import (
    NO_OPERANDS,
    PLACEHOLDER,
    PUNCTUATION,
    QUOTED,
    STRING,
    WORD,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from engine.gateway.judging.lexemes import Lexeme

# Fields of the composite values that PostgreSQL's own functions return.
_FIELDS: Final = words(
    """
    key value path ordinality lexeme positions weights word ndoc nentry alias description token
    dictionary dictionaries lexemes tokid geom f1 f2 f3 f4 f5 f6 f7 f8 f9
    """
)
_HINT: Final = "Only functions that compute or read may be called."


def unquoted(piece: Lexeme) -> str:
    """Return the name that a WORD or QUOTED piece spells, a bare one in small letters."""
    if piece.kind != QUOTED:
        return piece.word or piece.text
    end = "]" if piece.text[0] == "[" else piece.text[0]
    return piece.text[1:-1].replace(end * 2, end)


def judge_calls(
    pieces: Sequence[Lexeme], dialect: str, names: Collection[int] | None
) -> Iterator[Finding]:
    """Yield each call of a function that is not allowed.

    Args:
        pieces: Of one statement.
        dialect: One of `results.DIALECTS`.
        names: Where the parser found names that take a list of columns in brackets: of tables
            (`AS t(a, b)`) and of parts of WITH; None where it made no tree.
    """
    for index in range(len(pieces) - 1):
        piece = pieces[index]
        if pieces[index + 1].text != "(" or piece.kind == PUNCTUATION:
            continue
        if piece.kind in {WORD, QUOTED}:
            if _may_list(pieces, index, names) and _column_list(pieces, index + 1):
                continue
            finding = _call(pieces, index, dialect)
            if finding is not None:
                yield finding
        elif piece.kind == STRING and dialect in {"sqlite", "mysql"}:
            yield at(piece, "function_not_allowed", "A text cannot be called.", _HINT)
    if dialect in {"postgres", "generic"}:
        yield from _fields(pieces)


def _may_list(pieces: Sequence[Lexeme], index: int, names: Collection[int] | None) -> bool:
    """Tell whether a name is that of a table; without a tree, by what stands before it."""
    if names is not None:
        return pieces[index].start in names
    before = pieces[index - 1] if index else None
    return before is not None and (before.text == ")" or before.word in {"as", "with", "recursive"})


def _column_list(pieces: Sequence[Lexeme], index: int) -> bool:
    """Tell whether a bracket holds names, at most with their types: nothing that is computed."""
    first = pieces[index + 1] if index + 1 < len(pieces) else None
    return first is not None and first.kind in {WORD, QUOTED}


def _call(pieces: Sequence[Lexeme], index: int, dialect: str) -> Finding | None:
    piece = pieces[index]
    before = pieces[index - 1] if index else None
    if before is not None and before.text == ".":
        return _qualified(pieces, index, dialect)
    if piece.kind == WORD and _structural(piece, before, dialect):
        return None
    if _name(piece, dialect) in allowed(dialect):
        return None
    return _refused(piece)


def _name(piece: Lexeme, dialect: str) -> str:
    """Return the name by which the server looks a function up."""
    name = unquoted(piece)
    if not name.isascii():
        return ""
    return name if dialect == "postgres" else name.lower()


def _refused(piece: Lexeme, why: str = "is not allowed in a template") -> Finding:
    return at(piece, "function_not_allowed", f"The function {named(piece.text)} {why}.", _HINT)


def _structural(piece: Lexeme, before: Lexeme | None, dialect: str) -> bool:
    """Tell whether a bare word before a bracket is a keyword or a type."""
    word = piece.word
    if word in BEFORE_BRACKETS or word in BRACKETS_OF.get(dialect, ()):
        return True
    if before is None:
        return False
    if word in SIZED and _operand(before, types=True):
        return True
    if word in AFTER and before.word in AFTER[word]:
        return True
    return word in AFTER_OPERANDS and _operand(before)


def _operand(piece: Lexeme, *, types: bool = False) -> bool:
    """Tell whether a value or a name ends here, after which no call can begin."""
    if types and (piece.text == "::" or piece.word == "as"):
        return True
    if piece.kind == PUNCTUATION:
        return piece.text in ")]}*" and not (types and piece.text == "*")
    return piece.word not in NO_OPERANDS


def _qualified(pieces: Sequence[Lexeme], index: int, dialect: str) -> Finding | None:
    """Judge `schema.name(`, which is `value.name(` on DuckDB."""
    piece, owner = pieces[index], pieces[index - 2] if index > 1 else None
    alone = index < 3 or pieces[index - 3].text != "."  # noqa: PLR2004 - name, dot, schema
    if dialect == "duckdb":
        fine = True
    else:
        schema = unquoted(owner) if owner is not None and owner.kind in {WORD, QUOTED} else ""
        fine = dialect in {"postgres", "generic"} and schema == "pg_catalog" and alone
        if fine and piece.kind == WORD and piece.word in SIZED:
            return None
    if fine and _name(piece, dialect) in allowed(dialect):
        return None
    return _refused(piece) if fine else _refused(piece, "of a schema is not allowed in a template")


def _fields(pieces: Sequence[Lexeme]) -> Iterator[Finding]:
    """Yield fields that could be calls: PostgreSQL reads `('x').f` as `f('x')` where it can."""
    for index in range(1, len(pieces) - 1):
        before, after = pieces[index - 1], pieces[index + 1]
        if pieces[index].text != "." or after.kind not in {WORD, QUOTED}:
            continue
        if before.text not in {")", "]"} and before.kind != PLACEHOLDER:
            continue
        name = unquoted(after)
        if name not in _FIELDS and name not in allowed("postgres"):
            yield at(
                after,
                "field_not_allowed",
                f"{named(after.text)} after a bracket may be the call of a function.",
                "Put the value into FROM, and name its column there.",
            )
