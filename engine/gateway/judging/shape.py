"""The outer shape: one statement that begins like a query, brackets that close, no locks."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from engine.gateway.judging.findings import Finding, at, named
from engine.gateway.judging.keywords import BEGINNINGS, NEVER, STATEMENTS, USUAL_BEGINNINGS
from engine.gateway.judging.lexemes import NUMBER, PLACEHOLDER, PUNCTUATION, QUOTED, STRING, WORD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from engine.gateway.judging.lexemes import Lexeme

# The parser needs some 25 frames for each; Python gives it a thousand, less what its caller uses.
MAX_DEPTH: Final = 24
_PAIRS: Final = {")": "(", "]": "[", "}": "{"}
_LOCKING: Final = frozenset({"update", "share", "no", "key"})
_OF_LOCKS: Final = frozenset({"update", "share", "locked", "nowait"})
# What no column can be called anywhere, so that a list before it is empty.
_ENDING_LISTS: Final = frozenset(
    {"from", "where", "group", "having", "order", "limit", "union", "intersect", "except"}
)
_AFTER_COMMA: Final = "After this comma something is missing."
_READ_ONLY: Final = "A template reads: it begins with SELECT, WITH or VALUES."


def one_statement(pieces: Sequence[Lexeme]) -> Sequence[Lexeme]:
    """Return the pieces without the one semicolon that may end a statement."""
    return pieces[:-1] if pieces and pieces[-1].text == ";" else pieces


def outline(pieces: Sequence[Lexeme], dialect: str) -> Iterator[Finding]:
    """Yield what makes it no single query at all; the parser is not asked where there is any.

    Args:
        pieces: As `one_statement` returned them.
        dialect: One of `results.DIALECTS`.
    """
    if not pieces or all(piece.text == ";" for piece in pieces):
        yield Finding("empty", "There is no statement here.", _READ_ONLY)
        return
    yield from _beginning(pieces, dialect)
    for index, piece in enumerate(pieces):
        if piece.text == ";":
            after = pieces[min(index + 1, len(pieces) - 1)]
            yield at(
                after,
                "more_than_one_statement",
                "A template is exactly one statement; another begins here.",
                "Register each statement as a template of its own.",
            )
            break
    yield from _brackets(pieces)
    yield from _commas(pieces, dialect)


def _beginning(pieces: Sequence[Lexeme], dialect: str) -> Iterator[Finding]:
    first = next((piece for piece in pieces if piece.text != "("), pieces[0])
    if first.word not in BEGINNINGS.get(dialect, USUAL_BEGINNINGS):
        message = f"{named(first.text)} does not begin a query."
        yield at(first, "not_a_query", message, _READ_ONLY)


def _brackets(pieces: Sequence[Lexeme]) -> Iterator[Finding]:
    """Yield the first bracket that does not fit; or that, like a CASE, is nested too deeply."""
    opened: list[Lexeme] = []
    cases = 0
    for piece in pieces:
        cases = max(0, cases + (piece.word == "case") - (piece.word == "end"))
        if piece.kind == PUNCTUATION and piece.text in "([{":
            opened.append(piece)
        if len(opened) + cases > MAX_DEPTH:
            yield too_deep(piece)
            return
        if piece.kind != PUNCTUATION:
            continue
        if piece.text in _PAIRS and (not opened or opened.pop().text != _PAIRS[piece.text]):
            yield at(piece, "unfinished", "This bracket was never opened.")
            return
    if opened:
        yield at(opened[-1], "unfinished", "This bracket is never closed.")


def too_deep(piece: Lexeme | None = None) -> Finding:
    """Return the refusal of what is nested beyond what can be read."""
    message = "The SQL is nested too deeply to be judged."
    hint = "Take parts of it apart with WITH."
    if piece is None:
        return Finding("too_deep", message, hint)
    return at(piece, "too_deep", message, hint)


def writing(pieces: Sequence[Lexeme]) -> Iterator[Finding]:
    """Yield locks and words that only a writing statement has, wherever they stand."""
    locks = False
    for index, piece in enumerate(pieces):
        if piece.kind != WORD:
            continue
        before = pieces[index - 1] if index else None
        after = pieces[index + 1] if index + 1 < len(pieces) else None
        if before is not None and (before.text == "." or before.word == "as"):
            continue
        if locks and piece.word in _OF_LOCKS:
            continue
        if piece.word == "for" and after is not None and after.word in _LOCKING:
            locks = True
            message = "A template may not lock the rows that it reads."
            yield at(piece, "locks_rows", message, f"Leave {named('FOR ' + after.text)} out.")
        elif piece.word == "lock" and after is not None and after.word == "in":
            locks = True
            message = "A template may not lock the rows that it reads."
            yield at(piece, "locks_rows", message, "Leave LOCK IN SHARE MODE out.")
        elif piece.word == "into":
            message = "INTO writes the result somewhere, and a template only reads."
            yield at(piece, "writes", message, "Leave INTO out.")
        elif piece.word in NEVER and not (after is not None and after.text == "("):
            message = f"{named(piece.text)} is no part of a reading statement."
            yield at(piece, "writes", message, "Quote it if it is a name.")


def _commas(pieces: Sequence[Lexeme], dialect: str) -> Iterator[Finding]:
    """Yield the commas that nothing follows; DuckDB lets a list end with one."""
    if pieces[-1].text == "," and dialect != "duckdb":
        yield at(pieces[-1], "syntax", _AFTER_COMMA)
    for comma, after in pairwise(pieces):
        if comma.text != ",":
            continue
        if after.text == ",":
            yield at(after, "syntax", "Between these commas something is missing.")
        elif (after.text == ")" or after.word in _ENDING_LISTS) and dialect != "duckdb":
            yield at(comma, "syntax", _AFTER_COMMA)


def nested_statements(pieces: Sequence[Lexeme]) -> Iterator[Finding]:
    """Yield statements other than queries in brackets, which a parser may take for two names."""
    for before, piece, after in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if before.text == "(" and piece.word in STATEMENTS and after.kind in {WORD, QUOTED, STRING}:
            yield at(
                piece, "not_a_query", f"{named(piece.text)} does not begin a query.", _READ_ONLY
            )


def empty_lists(pieces: Sequence[Lexeme], dialect: str) -> Iterator[Finding]:
    """Yield each SELECT that lists no columns.

    PostgreSQL runs one, but its rows have nothing in them; all others refuse it when it is run.
    Right behind EXISTS PostgreSQL's own pages write it so, and there it means something.
    """
    for index, piece in enumerate(pieces):
        before = pieces[index - 1] if index else None
        if piece.word != "select" or (before is not None and before.text == "."):
            continue
        of_exists = (
            index > 1 and pieces[index - 1].text == "(" and pieces[index - 2].word == "exists"
        )
        follows = pieces[index + 1 : index + 3]
        if follows and follows[0].word in {"all", "distinct"}:
            of_exists = of_exists and follows[0].word == "all"
            follows = follows[1:]
        after = follows[0] if follows else None
        empty = after is None or after.text in {")", ";", ","} or after.word in _ENDING_LISTS
        if empty and not (
            of_exists and dialect == "postgres" and (after is None or after.text != ",")
        ):
            yield no_columns(piece)


def no_columns(piece: Lexeme) -> Finding:
    """Return the refusal of a SELECT that lists nothing."""
    message = "This SELECT lists no columns, so its rows would have nothing in them."
    return at(piece, "no_columns", message, "Name what it returns, such as SELECT id FROM orders.")


def misplaced_placeholders(pieces: Sequence[Lexeme], names: Collection[int]) -> Iterator[Finding]:
    """Yield placeholders where a name or a type belongs: after a value, a cast or a full stop.

    Args:
        pieces: Of one statement.
        names: Where the parser found names.
    """
    for before, piece in pairwise(pieces):
        value = before.kind in {QUOTED, STRING, NUMBER, PLACEHOLDER} or before.start in names
        mark = before.word == "as" or before.text in {".", "::", ")", "]"}
        if piece.kind == PLACEHOLDER and (value or mark):
            yield at(
                piece,
                "placeholder_misplaced",
                f"{named(piece.text)} stands where a name belongs, and a parameter is a value.",
                "Write the name itself.",
            )


def mixed_placeholders(pieces: Sequence[Lexeme]) -> Iterator[Finding]:
    """Yield the first placeholder of the other kind, where both kinds are used."""
    kinds = [piece for piece in pieces if piece.kind == PLACEHOLDER]
    for piece in kinds:
        if piece.text[0] != kinds[0].text[0]:
            yield at(
                piece,
                "mixed_placeholders",
                "Placeholders by name and by position may not be mixed.",
                "Write all of them as :name, or all as $1 to $n.",
            )
            return
