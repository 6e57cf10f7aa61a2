"""Filters as people type them: words, `!word`, `field:value`, and quotes around blanks."""

from __future__ import annotations

import re

from storage.filters import Term

__all__ = ["Term", "parse_filter"]

# What is typed is bounded: each term costs a comparison a row.
MAX_TERMS = 12
MAX_WORD = 200
_WORD = re.compile(
    r"""(?P<not>!?)(?:(?P<field>[A-Za-z_]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>\S*))"""
)


def parse_filter(text: str) -> tuple[Term, ...]:
    """Return the terms of `text`, all of which a row must match; no text fits everything.

    Nothing typed is an error: an open quote ends with the text, and a word that is not finished
    yet (`health:`) asks for nothing. Words after the twelfth are left out.
    """
    terms = (_term(match) for match in _WORD.finditer(text) if match.group())
    return tuple(term for term in terms if term is not None)[:MAX_TERMS]


def _term(match: re.Match[str]) -> Term | None:
    quoted, bare, field = match["quoted"], match["bare"], match["field"]
    value = (quoted if quoted is not None else bare or "").strip()[:MAX_WORD]
    if not value:
        return None
    return Term(value=value, field=field.lower() if field else None, negated=bool(match["not"]))
