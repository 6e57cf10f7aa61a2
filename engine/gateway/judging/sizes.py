"""Refuses what asks for a huge value, endless rows or far too many of them in plain sight.

What depends on the data, or on a parameter, is the business of the caps and the deadline.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from engine.gateway.judging.calls import unquoted
from engine.gateway.judging.findings import Finding, at
from engine.gateway.judging.lexemes import NUMBER, PUNCTUATION, QUOTED, STRING, WORD, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot import exp

    from engine.gateway.judging.lexemes import Lexeme

LARGEST_TEXT: Final = 10_000
MOST_ROWS: Final = 10_000_000

# Which argument of them says how large the value becomes.
_SIZED: Final = {
    **dict.fromkeys(words("repeat lpad rpad list_resize array_resize array_fill bitstring"), 1),
    **dict.fromkeys(words("space zeroblob randomblob random_bytes gen_random_bytes factorial"), 0),
}
_SERIES: Final = words("generate_series range")
_FORMATS: Final = words("printf format")
_GROWING: Final = words("power pow exp factorial")
_WIDE: Final = re.compile(r"%[^%a-zA-Z]*(?:\d{5}|\*)|\{[^}]*\d{5}")
_TOO_LARGE: Final = f"This asks for a value of more than {LARGEST_TEXT:,} characters."
_SIZE_HINT: Final = f"Write a plain number up to {LARGEST_TEXT:,}, or a parameter with a maximum."


def judge_sizes(pieces: Sequence[Lexeme]) -> Iterator[Finding]:
    """Yield calls whose constant arguments ask for too much."""
    for index in range(len(pieces) - 1):
        piece = pieces[index]
        if pieces[index + 1].text != "(" or piece.kind not in {WORD, QUOTED}:
            continue
        name = unquoted(piece).lower()
        if name in _SIZED:
            arguments = _arguments(pieces, index + 1)
            if index > 0 and pieces[index - 1].text == ".":
                # In a chain, `'x'.repeat(9)`, the first argument stands before the full stop.
                yield from _size(piece, [[], *arguments], _SIZED[name])
            yield from _size(piece, arguments, _SIZED[name])
        elif name in _FORMATS:
            yield from _format(_arguments(pieces, index + 1))
        elif name in _SERIES:
            yield from _series(piece, _arguments(pieces, index + 1))


def _arguments(pieces: Sequence[Lexeme], opening: int) -> list[list[Lexeme]]:
    """Return the pieces of each argument of the call whose bracket is at `opening`."""
    arguments: list[list[Lexeme]] = [[]]
    depth = 0
    for piece in pieces[opening:]:
        if piece.kind == PUNCTUATION and piece.text in "([{":
            depth += 1
            if depth == 1:
                continue
        elif piece.kind == PUNCTUATION and piece.text in ")]}":
            depth -= 1
            if depth == 0:
                break
        if depth == 1 and piece.text == ",":
            arguments.append([])
        else:
            arguments[-1].append(piece)
    return arguments


def _size(call: Lexeme, arguments: list[list[Lexeme]], index: int) -> Iterator[Finding]:
    size = arguments[index] if index < len(arguments) else []
    content = [piece for one in arguments[:index] for piece in one]
    nested = any(piece.word in _SIZED and piece.word not in {"lpad", "rpad"} for piece in content)
    if nested or any(_too_large(piece) for piece in size) or _grows(size):
        yield at(size[0] if size else call, "too_large", _TOO_LARGE, _SIZE_HINT)


def _too_large(piece: Lexeme) -> bool:
    number = _number(piece)
    return number is not None and number > LARGEST_TEXT


def _number(piece: Lexeme) -> float | None:
    if piece.kind != NUMBER:
        return None
    text = piece.text.replace("_", "")
    try:
        return float(int(text, 16)) if text[:2].lower() == "0x" else float(text)
    except (ValueError, OverflowError):
        return float("inf")


def _grows(size: list[Lexeme]) -> bool:
    """Tell whether a size is computed from constants alone, by what makes numbers grow."""
    if any(piece.word in _GROWING for piece in size):
        return True
    constant = all(piece.kind in {NUMBER, PUNCTUATION} for piece in size)
    return constant and any(piece.text in "*^<" for piece in size)


def _format(arguments: list[list[Lexeme]]) -> Iterator[Finding]:
    for piece in arguments[0]:
        if piece.kind == STRING and _WIDE.search(piece.text) is not None:
            yield at(piece, "too_large", _TOO_LARGE, "Write the width as a number up to 9999.")


def _series(call: Lexeme, arguments: list[list[Lexeme]]) -> Iterator[Finding]:
    bounds = [_constant(one) for one in arguments]
    known = [bound for bound in bounds if bound is not None]
    if len(known) != len(bounds) or not known:
        return
    start, end = (0.0, known[0]) if len(known) == 1 else (known[0], known[1])
    step = abs(known[2]) if len(known) > 2 and known[2] else 1.0  # noqa: PLR2004 - start, end, step
    if abs(end - start) / step > MOST_ROWS:
        message = f"This makes more than {MOST_ROWS:,} rows."
        yield at(call, "too_many_rows", message, "Narrow its bounds, or make them parameters.")


def _constant(pieces: list[Lexeme]) -> float | None:
    sign = -1 if pieces and pieces[0].text == "-" else 1
    plain = [piece for piece in pieces if piece.text not in {"+", "-"}]
    number = _number(plain[0]) if len(plain) == 1 else None
    return None if number is None else sign * number


def judge_recursion(tree: exp.Expr, pieces: Sequence[Lexeme]) -> Iterator[Finding]:
    """Yield parts of WITH that refer to themselves and have nothing that could ever end them."""
    from sqlglot import exp as nodes

    if any(tree.args.get(part) is not None for part in ("limit", "fetch")):
        return
    starts = {piece.start: piece for piece in pieces}
    for part in tree.find_all(nodes.CTE):
        if _endless(part):
            identifier = part.args["alias"].this
            piece = starts.get(identifier.meta.get("start", -1), pieces[0])
            yield at(
                piece,
                "never_ends",
                "This refers to itself without a condition that could end it.",
                "Add a WHERE to the part that refers to itself, or a LIMIT.",
            )


def _endless(part: Any) -> bool:
    """Tell whether a part is a union whose second half reads itself alone, on no condition."""
    from sqlglot import exp as nodes

    query = part.this
    if not isinstance(query, nodes.Union) or query.args.get("limit") is not None:
        return False
    again = query.expression
    if not isinstance(again, nodes.Select):
        return False
    ends = ("joins", "having", "limit", "group", "qualify", "laterals", "distinct")
    source = again.args.get("from_")
    if source is None or not isinstance(source.this, nodes.Table):
        return False
    same = source.this.name.lower() == part.alias.lower()
    where = again.args.get("where")
    if where is not None and where.find(nodes.Column, nodes.Subquery, nodes.Placeholder):
        return False
    return bool(same) and not any(again.args.get(end) for end in ends)
