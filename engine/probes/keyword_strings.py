"""Connection strings made of keywords: libpq's `host=… user=…`, and `Server=…;User Id=…`.

Both are pairs of a name and a value; what separates them, and how a value is quoted, differs.
"""

from __future__ import annotations

import re

from engine.probes.secret_names import is_secret_name
from engine.probes.words import MASK

# libpq: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
_LIBPQ = re.compile(r"\s*([A-Za-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?:\s+|$)")
# A value with a semicolon in it is quoted, or stands in braces.
_SEMICOLONS = re.compile(
    r"\s*([A-Za-z_][A-Za-z0-9_ ]*?)\s*=\s*"
    r"(?:\"([^\"]*)\"|'([^']*)'|\{([^}]*)\}|([^;\"'{]*))\s*(?:;|$)"
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_QUOTED = re.compile(r"[\s'\\]")
_FIRST = re.compile(r"\s*[A-Za-z_][A-Za-z0-9_ ]*=")

Pairs = list[tuple[str, str]]


def looks_like_keywords(text: str) -> bool:
    """Tell whether `text` begins with a keyword, an equals sign and no scheme before it."""
    return bool(_FIRST.match(text))


def with_blanks(text: str) -> Pairs | None:
    """Return the pairs of a libpq string, names in lower case; None where it is not whole."""
    found = _pairs(_LIBPQ, text)
    if found is None:
        return None
    return [(name.lower(), _ESCAPED.sub(r"\1", value)) for name, value in found]


def with_semicolons(text: str) -> Pairs | None:
    """Return the pairs of a string with semicolons; None where it is not whole."""
    return _pairs(_SEMICOLONS, text)


def masked_with_blanks(pairs: Pairs) -> str:
    """Return the libpq string again, secrets masked."""
    return " ".join(f"{name}={_quoted(_shown(name, value))}" for name, value in pairs)


def masked_with_semicolons(pairs: Pairs) -> str:
    """Return the string with semicolons again, secrets masked."""
    return ";".join(f"{name}={_shown(name, value)}" for name, value in pairs)


def _pairs(pattern: re.Pattern[str], text: str) -> Pairs | None:
    found: Pairs = []
    at = 0
    while at < len(text):
        match = pattern.match(text, at)
        if match is None or match.end() == at:
            return None
        name, *values = match.groups()
        found.append((name, next((value for value in values if value is not None), "")))
        at = match.end()
    return found


def _shown(name: str, value: str) -> str:
    return MASK if value and is_secret_name(name) else value


def _quoted(value: str) -> str:
    if value and not _QUOTED.search(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
