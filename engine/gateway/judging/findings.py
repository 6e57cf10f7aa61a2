"""What a rule found at a place in the SQL, and the refusal that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from engine.gateway.results import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.gateway.judging.lexemes import Lexeme, Unreadable

SHOWN = 60


class Finding(NamedTuple):
    """One thing that is not allowed.

    Attributes:
        code: Which rule.
        message: One sentence for people.
        hint: What to do.
        start: Where, in characters from 0; None where no place is to blame.
        length: How many characters are to blame.
    """

    code: str
    message: str
    hint: str = ""
    start: int | None = None
    length: int = 1


def at(piece: Lexeme, code: str, message: str, hint: str = "") -> Finding:
    """Return a finding whose place is one piece."""
    return Finding(code, message, hint, piece.start, len(piece.text))


def of_unreadable(error: Unreadable) -> Finding:
    """Return what kept a text from being read."""
    return Finding(error.code, error.message, error.hint, error.start, error.length)


def named(text: str) -> str:
    """Return a piece of the SQL as a sentence may repeat it: one line, not too long."""
    line = " ".join(text.split())
    return f"`{line if len(line) <= SHOWN else line[: SHOWN - 1] + '…'}`"


def refusals(sql: str, findings: Iterable[Finding]) -> tuple[Refusal, ...]:
    """Return the refusals in the order of their places, each place and rule once."""
    unique = dict.fromkeys(findings)
    once: dict[tuple[str, int | None], Finding] = {}
    for finding in unique:
        once.setdefault((finding.code, finding.start), finding)
    ordered = sorted(once.values(), key=lambda one: (one.start is None, one.start or 0))
    return tuple(_refusal(sql, finding) for finding in ordered)


def _refusal(sql: str, finding: Finding) -> Refusal:
    """Lines end at newlines alone; a tab is one character like any other."""
    if finding.start is None:
        return Refusal(code=finding.code, message=finding.message, hint=finding.hint)
    begins = sql.rfind("\n", 0, finding.start) + 1
    return Refusal(
        code=finding.code,
        message=finding.message,
        hint=finding.hint,
        line=sql.count("\n", 0, finding.start) + 1,
        column=finding.start - begins + 1,
        length=max(1, finding.length),
    )
