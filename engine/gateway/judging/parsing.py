"""Has sqlglot parse the statement, in bounded time, and holds its reading against our own.

A placeholder reaches it as a placeholder of one character, so that every place stays where it is.
"""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from engine.gateway.judging.findings import Finding, named
from engine.gateway.judging.lexemes import NUMBER, PLACEHOLDER, PUNCTUATION, WORD, words
from engine.gateway.judging.shape import too_deep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlglot import Token, exp
    from sqlglot.dialects.dialect import Dialect

    from engine.gateway.judging.lexemes import Lexeme

# Real templates need 2 steps for each token; some nestings make the parser try again and again.
_STEPS_PER_TOKEN: Final = 40
_STEPS: Final = 4_000

_EXPECTED: Final = re.compile(r"Expect(?:ed|ing) ([A-Z]+|\S)(?: after [A-Z]+)?", re.IGNORECASE)
_SIGNS: Final = frozenset("+-*/<>=~!@#%^&|?")
_RARE: Final = words(
    """
    <<= >>= ~= <<| |>> &<| |&> ## <% %> <<% %>> <<-> <->> <<<-> <->>> <+> <~> <%> <#> ^@ ~<~ ~>~
    ~<=~ ~>=~ *= *<> *< *> *<= *>= <^ >^ ?# ?-| ?|| #= <@> #<=# #># @>> <<@ @~ ^~ ^?
    """
)


class Refused(Exception):  # noqa: N818 - it says what became of the statement
    """The statement cannot be judged further."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class _OutOfSteps(Exception):  # noqa: N818 - it stops the parser and goes no further
    """The parser has tried for too long."""


def parse(sql: str, pieces: Sequence[Lexeme], dialect: str) -> exp.Expr:
    """Return the tree of the one statement.

    Raises:
        Refused: When it does not parse, when it would take too long, or when the parser's tokens
            are not the pieces that were read here.
    """
    speaks = _dialect(dialect)
    text = _filled(sql, pieces, dialect)
    tokens = _tokens(speaks, text, pieces)
    parser = _bounded(speaks, len(tokens))
    try:
        trees = [tree for tree in parser.parse(tokens, text) if tree is not None]
    except RecursionError:
        raise Refused(too_deep()) from None
    except _OutOfSteps:
        raise Refused(_tangled()) from None
    except Exception as error:  # noqa: BLE001 - whatever a parser stumbles on is not accepted
        raise Refused(_unparsed(error, parser, pieces)) from None
    if len(trees) != 1:
        raise Refused(Finding("not_a_query", "This is not one query."))
    tree: exp.Expr = trees[0]
    return tree


@cache
def _dialect(name: str) -> Dialect:
    from sqlglot.dialects.dialect import Dialect

    # It warns of what it cannot express in other dialects, which nobody asks it to.
    logger = logging.getLogger("sqlglot")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    dialect: Any = Dialect.get_or_raise(None if name == "generic" else name)
    # To shift the index in `a[1]` it would work out the types of all that stands before, again for
    # each bracket of a chain; nobody here looks at the index.
    dialect.INDEX_OFFSET = 0
    speaks: Dialect = dialect
    return speaks


def _filled(sql: str, pieces: Sequence[Lexeme], dialect: str) -> str:
    """Return the text with what the parser does not know replaced by what it does.

    Each placeholder becomes `0` and spaces, each of PostgreSQL's rarer operators `+` and spaces.
    """
    sql = _operators(sql, pieces) if dialect == "postgres" else sql
    parts, at = [], 0
    for piece in pieces:
        if piece.kind == PLACEHOLDER:
            parts += [sql[at : piece.start], "0".ljust(len(piece.text))]
            at = piece.end
        elif piece.kind == NUMBER and "_" in piece.text:
            plain = piece.text.replace("_", "")
            parts += [sql[at : piece.start], plain.ljust(len(piece.text))]
            at = piece.end
    end = pieces[-1].end if pieces else len(sql)
    return "".join((*parts, sql[at:end]))


def _operators(sql: str, pieces: Sequence[Lexeme]) -> str:
    """Return the text with `+` in the place of operators of two operands that have no meaning here.

    Operators are read as PostgreSQL does: as long as they go on, without a space.
    """
    parts, at = [], 0
    run: list[Lexeme] = []
    for piece, after in zip(pieces, (*pieces[1:], None), strict=True):
        if piece.kind != PUNCTUATION or piece.text not in _SIGNS:
            continue
        run.append(piece)
        if after is not None and after.start == piece.end and after.text in _SIGNS:
            continue
        start, end = run[0].start, piece.end
        if sql[start:end] in _RARE:
            parts += [sql[at:start], "+".ljust(end - start)]
            at = end
        run.clear()
    return "".join((*parts, sql[at:]))


def _tokens(speaks: Dialect, text: str, pieces: Sequence[Lexeme]) -> list[Token]:
    from sqlglot import TokenType

    try:
        tokens: list[Token] = speaks.tokenize(text)
    except Exception:  # noqa: BLE001 - whatever a tokenizer stumbles on is not accepted
        raise Refused(_disagreed(pieces[0])) from None
    starts = {piece.start: piece for piece in pieces}
    ends = {piece.end for piece in pieces}
    for token in tokens:
        piece = starts.get(token.start)
        if piece is not None and piece.kind == PLACEHOLDER:
            token.token_type, token.text = TokenType.PLACEHOLDER, "?"
        elif not _agrees(token, piece, ends, pieces):
            raise Refused(_disagreed(piece or _around(pieces, token.start)))
    return tokens


def _agrees(token: Token, piece: Lexeme | None, ends: set[int], pieces: Sequence[Lexeme]) -> bool:
    """Tell whether a token is made of whole pieces; numbers may be in parts."""
    if piece is None:
        return _around(pieces, token.start).kind == NUMBER
    if piece.kind in {WORD, PUNCTUATION, NUMBER}:
        return token.end + 1 in ends or piece.kind == NUMBER
    return token.end + 1 == piece.end


def _around(pieces: Sequence[Lexeme], start: int) -> Lexeme:
    """Return the piece that a place is in, else the first."""
    from bisect import bisect_right

    found = bisect_right(pieces, start, key=lambda piece: piece.start)
    return pieces[max(0, found - 1)]


def _bounded(speaks: Dialect, tokens: int) -> Any:
    """Return a parser that gives up after a number of steps."""
    from sqlglot.errors import ErrorLevel

    parser: Any = speaks.parser(error_level=ErrorLevel.IMMEDIATE)
    left = _STEPS + _STEPS_PER_TOKEN * tokens
    advance = parser._advance  # noqa: SLF001 - the one step that all of its parsing is made of

    def step(times: int = 1) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise _OutOfSteps
        advance(times)

    parser._advance = step  # noqa: SLF001 - the same
    return parser


def _tangled() -> Finding:
    return Finding(
        "too_deep",
        "The SQL is nested in a way that takes too long to judge.",
        "Take parts of it apart with WITH.",
    )


def _disagreed(piece: Lexeme) -> Finding:
    return Finding(
        "ambiguous_text",
        f"{named(piece.text)} can be read in more than one way.",
        "Write it in a plainer way, or give it as a parameter.",
        piece.start,
        len(piece.text),
    )


def _unparsed(error: Exception, parser: Any, pieces: Sequence[Lexeme]) -> Finding:
    """Return a refusal that points at where the parser stood."""
    from sqlglot.errors import ParseError

    token = getattr(parser, "_curr", None)
    # Behind the last token it stands on none, or on one that has no text of its own.
    ended = token is None or getattr(token.token_type, "name", "") == "SENTINEL"
    piece = pieces[-1] if token is None or ended else _around(pieces, token.start)
    what = "The SQL ends too early" if ended else f"The SQL cannot be read at {named(piece.text)}"
    told = _description(error) if isinstance(error, ParseError) else ""
    message = f"{what}: {told}." if told else f"{what}."
    return Finding("syntax", message, "", piece.start, len(piece.text))


def _description(error: Any) -> str:
    """Return what the parser said, if it is fit for people."""
    text = str(error.errors[0].get("description") or "") if error.errors else ""
    found = _EXPECTED.fullmatch(text.strip().rstrip("."))
    return f"{found[1]} is expected" if found is not None else ""
