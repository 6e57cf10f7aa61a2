"""What follows the sign that closes the quotes around a value: does it go on as SQL?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from engine.gateway.tripwire.grammar import CONTINUATION, pattern
from engine.gateway.tripwire.rules import AFTER_SEMICOLON, CLAUSES, STATEMENTS, begins

if TYPE_CHECKING:
    from engine.gateway.tripwire.tokens import Scan

LONGEST_PIECE = 6
LONGEST_WORD = 16
"""Characters of an open string after which it is prose: with a blank before them, and without."""

_QUOTES = "'\"`"
_CLOSED = pattern(r"[)z]*(?:,[kn])*[)z]*")
_STACKED = re.compile(r"[^;]{0,12};+[)z;]*")
_COMMENTED = re.compile(r"[)z]*;*c\Z")
_BOOLEAN = re.compile(r"[ta]")
_VALUE = re.compile(r"[nskvSfF]")
_COMPARISON = pattern(r":compare")
_COUNT = re.compile(r"[ta][(m]*n")
_QUOTED_OPERATOR = pattern(r"(?:!?[RLIKE REGEXP DIV MOD]|!LIKE|SOUNDS LIKE|a|XOR)S")
_QUOTED = re.compile(r"[ta]S")
_LONE = re.compile(r"[om*a=]S")
_HOT = re.compile(
    r"(['\"`])[\s)]{0,8}(?:(?:or|and|xor|union|having|order\s{1,4}by|group\s{1,4}by)\b|\|\||&&|;)"
)


class Breakout(NamedTuple):
    """A sign that may close the quotes around the value: where, and what is before it."""

    at: int
    quote: str
    before: str
    even: bool


def closing(text: str) -> tuple[Breakout, ...]:
    """Return the signs that may close the quotes around a value.

    They are the first of each kind, and the first that an SQL word follows where it does not
    close a quotation of the value's own.
    """
    places = {text.find(quote) for quote in _QUOTES}
    for match in _HOT.finditer(text):
        if text.count(match.group(1), 0, match.start()) % 2 == 0:
            places.add(match.start())
            break
    places.discard(-1)
    return tuple(
        Breakout(at, text[at], text[at - 1 : at], text.count(text[at]) % 2 == 0)
        for at in sorted(places)
    )


def broken_out(breakout: Breakout, rest: Scan) -> str | None:
    """Return the code of what follows the closed quotes, if it goes on as SQL."""
    said = rest.fingerprint
    closed = _CLOSED.match(said)
    start = closed.end() if closed else 0
    code = begins(CLAUSES, rest, start) or begins(STATEMENTS, rest, start)
    stacked = _STACKED.match(said)
    if code is None and stacked:
        code = begins(AFTER_SEMICOLON, rest, stacked.end())
    if code is None and _COMMENTED.match(said):
        code = None if breakout.quote in rest.tokens[-1] else "comment"
    return code or _continued(breakout, rest)


def _continued(breakout: Breakout, rest: Scan) -> str | None:
    if _is_quoted_operator(breakout, rest):
        return "breakout"
    match = CONTINUATION.match(rest.fingerprint)
    if not match or _is_quotation(breakout, rest) or _is_link(rest):
        return None
    said, end = match.group(1), match.group(3)
    if _is_measure(breakout, said, end):
        return None
    compared, values = _COMPARISON.search(said), _VALUE.search(said)
    if _BOOLEAN.search(said):
        goes_on = bool(values or compared)
    else:
        goes_on = bool(values and (compared or end == "c")) or _is_lone(breakout, rest, said)
    return "breakout" if goes_on else None


def _is_lone(breakout: Breakout, rest: Scan, said: str) -> bool:
    """Whether the value is but an operator between two quotes, such as '-'."""
    if breakout.before or not _LONE.fullmatch(said) or rest.tokens[0] == "%":
        return False
    return len(rest.tokens[-1]) == 1


def _is_quotation(breakout: Breakout, rest: Scan) -> bool:
    """Whether the sign opens a quotation in prose: Use '=' here."""
    opened = breakout.before.isspace() or breakout.before in tuple("([{:")
    if opened and breakout.even:
        return True
    last = rest.tokens[-1]
    if _QUOTED.fullmatch(rest.fingerprint) and len(last) > LONGEST_WORD:
        return True
    return rest.fingerprint[-1] == "S" and last[1:2].isspace() and len(last) > LONGEST_PIECE


def _is_quoted_operator(breakout: Breakout, rest: Scan) -> bool:
    """Whether it is two strings with an operator between them: a 'rlike' b."""
    if breakout.quote == "`" or not _QUOTED_OPERATOR.fullmatch(rest.fingerprint):
        return False
    last = rest.tokens[-1][1:].strip()
    return len(last) < LONGEST_PIECE and (not last or last.isalnum())


def _is_link(rest: Scan) -> bool:
    """Whether it is the next field of a link: 9"&page=1."""
    return rest.tokens[0] == "&" and rest.fingerprint[1:3] == "w="


def _is_measure(breakout: Breakout, said: str, end: str) -> bool:
    """Whether it is a measure in inches: 10" or 12."""
    return breakout.before.isdigit() and end == "" and bool(_COUNT.fullmatch(said))
