"""Patterns over fingerprints, written with words, and the one that reads a whole expression.

In a pattern a word in capitals is that keyword, a word in small letters with a colon before it is
one of the classes below, blanks are for people, and anything else is a regular expression over the
characters of `tokens.py`.
"""

from __future__ import annotations

import re

from engine.gateway.tripwire.tokens import CODES, FIXED

_SOFT = [
    "all",
    "top",
    "database",
    "schema",
    "view",
    "index",
    "procedure",
    "function",
    "trigger",
    "user",
    "login",
    "role",
    "data",
    "time",
    "do",
    "if",
    "end",
    "for",
    "only",
    "add",
    "column",
    "temp",
    "print",
    "kill",
    "open",
    "delay",
    "values",
    "load",
    "call",
    "copy",
    "set",
]
"""Keywords that databases also take as names."""

_COMPARING = ["like", "rlike", "regexp", "ilike", "glob", "similar", "in", "between", "is"]

CLASSES = {
    "name": "[w" + "".join(CODES[word] for word in _SOFT) + "]",
    "named": "[wg" + "".join(CODES[word] for word in _SOFT) + "]",
    "literal": "[nskvS]",
    "equal": "(?:!?(?:=|SOUNDS LIKE|[LIKE RLIKE REGEXP ILIKE GLOB BETWEEN]|IN (?=[(])))",
    "compare": "(?:!?(?:=|SOUNDS LIKE|SIMILAR|["
    + "".join(CODES[word] for word in _COMPARING)
    + "]))",
    "bool": "[ta]",
    "pre": "(?:[(!mo*]|BINARY)",
    "call": "[fFg]",
    "end": r"(?:\Z|[cC;])",
    "stop": r"(?:\Z|[cC;])",
}

_WORD = re.compile(r"(?<!\?):([a-z]+)|([A-Z]{2,})")


def pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern that is written with words."""
    return re.compile(_spelled(text))


def _spelled(text: str) -> str:
    def fill(match: re.Match[str]) -> str:
        name, keyword = match.groups()
        return _spelled(CLASSES[name]) if name else FIXED[keyword.lower()]

    return _WORD.sub(fill, text).replace(" ", "")


_PREFIX = (
    r"(?:[(!mo*]|[fFg](?=\((?!\)))|[BINARY DISTINCT ALL CASE WHEN SELECT EXISTS ANY SOME MATCH]"
    r"|TOP n|[LIKE IF] (?=\()|COLLATE :name)"
)
_ATOM = r"(?:s*+S?+(?<=[sS])|[nkv]|:name|p(?=:compare)|(?<=[(,])\*(?=[),])|[fFg]\(\)|\*(?=FROM))"
_SUFFIX = r"(?:[)z]|END|ASC|DESC)"
_BINARY = (
    r"(?:[omta=,*]|!?[LIKE RLIKE REGEXP ILIKE GLOB IN BETWEEN IS]|SOUNDS LIKE|[ORDER GROUP] BY"
    r"|[SIMILAR DIV MOD FROM WHERE LIMIT OFFSET HAVING AS WHEN THEN ELSE UNION ESCAPE AGAINST ON]"
    r"|INTO [OUTFILE DUMPFILE])"
)
_STEP = f"(?:{_BINARY}{_PREFIX}*+{_ATOM}{_SUFFIX}*+)"
CONTINUATION = pattern(f"[)z]*+({_STEP}++)([)z]*+)(:end)")
"""What may follow an operand: operators with operands, to the end, a comment or a semicolon."""

EXPRESSION = pattern(f"[)z]*+({_PREFIX}*+{_ATOM}{_SUFFIX}*+{_STEP}*+)(:end)")
"""A whole expression, to the end, a comment or a semicolon."""
