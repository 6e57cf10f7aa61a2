"""Which functions a statement may call, told without parsing it.

A parser that reads a text otherwise than the database does would miss a call. So nothing is
parsed: every word that could be followed by arguments counts, in strings and comments too. That
finds too many, never too few; the database is then asked which of them are functions.
"""

from __future__ import annotations

import re

# What may stand between a name and its arguments: a quote that ends the name, blanks, a comment.
_CALLED = re.compile(r"([^\W\d][\w$]*)[\"`\]]?\s*(?=\(|--|/\*|#)")
# A name spelled by the numbers of its letters, which no word of the text shows.
_SPELLED_OUT = re.compile(r"[uU]&\"")


def called(sql: str) -> frozenset[str]:
    """Return every word of a statement that may be a function's name, as written and in lower case.

    Words that are only followed by a bracket or a comment are among them.
    """
    found = set(_CALLED.findall(sql))
    return frozenset(found | {word.lower() for word in found})


def spells_names_out(sql: str) -> bool:
    """Tell whether a name is written as `U&"…"`, by which it would not be found."""
    return _SPELLED_OUT.search(sql) is not None
