"""Reads text as the words and signs of SQL, each folded to one character: its fingerprint.

Patterns over the fingerprint are the grammar (`grammar.py`). Every token takes at least one
character of the text and none is read twice, so the time is linear.

The characters: `n` number, `s` closed string, `S` string that is not closed, `v` variable, `k`
constant, `w` name, `X` name of a procedure that attacks use, `p` word that only prose has, `f`
call of a known function, `F` of one that attacks use, `g` of any other (an opening parenthesis
follows these three), `=` comparison, `t` and, or, xor in letters, `a` the same in signs, `!` not,
`m` minus, `*` times, `o` any other operator, `c` comment with nothing to read in it, `C` comment
with text, `V` comment that only attacks have, `q` question mark, `x` any other sign, `z` a
closing parenthesis too many, and `(`, `)`, `,`, `;`. Keywords have a character of their own each.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.gateway.tripwire.words import (
    ATTACKING,
    ATTACKING_PREFIXES,
    BOOLEANS,
    CATALOG_NAMES,
    CATALOGS,
    CONSTANTS,
    KEYWORDS,
    KNOWN,
    NEGATIONS,
    PROSE,
)

MOST = 700
MOST_LAST = 200
"""Tokens of one reading at most; of more, the first and these last ones are kept."""

CODES = {word: chr(0xE000 + index) for index, word in enumerate(dict.fromkeys(KEYWORDS))}

_GLUED = (
    "union|select|and|or|xor|div|mod|having|from|where|limit|order|group|into|is|like|rlike|regexp"
    "|between|in"
)
"""What may stand behind a number without a blank: 1or 1=1."""

# Alternatives that cannot begin another come first, the commonest before the rare.
TOKEN = re.compile(
    r"""
    (?!n')[^\W\d][\w$]*(?:\.+[\w$]+)*
    | [(),;+%^?{}]
    | n?'[^']*(?:''[^']*)*'?
    | "[^"]*(?:""[^"]*)*"?
    | --[^\n]*
    | (?:0x[0-9a-f]+|0b[01]+)\b
    | (?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d*)?[df]?(?=(?:"""
    + _GLUED
    + r""")(?!\w)|\W|\Z)
    | [\w$]+(?:\.+[\w$]+)*
    | /\*!\d*
    | /\*.*?(?:\*/|\Z)
    | \*/
    | \#[^\n]*
    | `[^`]*`?
    | @>|<@|<=>|<>|!=|<=|>=|==|<<|>>|\|\||&&|:=|!~|~\*
    | @@?[\w$.]*
    | \\n(?!\w)
    | ::\s*\w+
    | [=<>*/|&~!:\\.-]
    """,
    re.VERBOSE | re.DOTALL,
)
_EMPTY_COMMENT = re.compile(r"(?:--|\#|/\*)[\W_]*+a?+[\W_]*+\Z")

_SIGNS = {
    "(": "(",
    ")": ")",
    ",": ",",
    ";": ";",
    "*": "*",
    "-": "m",
    "!": "!",
    "||": "a",
    "&&": "a",
    "\\n": "k",
    "*/": "",
    "\\": "",
    "?": "q",
} | dict.fromkeys(("=", "<", ">", "<=>", "<>", "!=", "<=", ">=", "==", "!~", "~*", "@>", "<@"), "=")
_SIGNS |= dict.fromkeys(("+", "/", "%", "^", "|", "&", "~", "<<", ">>", ":="), "o")
_SIGNS |= dict.fromkeys((":", "{", "}", "."), "x")

_WORDS = (
    dict.fromkeys(PROSE, "p")
    | dict.fromkeys(CONSTANTS, "k")
    | CODES
    | dict.fromkeys(BOOLEANS, "t")
    | dict.fromkeys(NEGATIONS, "!")
)
FIXED = _SIGNS | _WORDS
"""The character of every token that has always the same."""

_ATTACKING, _KNOWN = frozenset(ATTACKING), frozenset(KNOWN)
_CATALOGS, _CATALOG_NAMES = frozenset(CATALOGS), frozenset(CATALOG_NAMES)


class Scan(NamedTuple):
    """Tokens and their fingerprint: one character a token, in the same order."""

    tokens: list[str]
    fingerprint: str


def scan(text: str) -> Scan:
    """Return the tokens of a tidied text; comments between tokens are left out."""
    found = TOKEN.findall(text)
    if len(found) > MOST:
        found = found[: MOST - MOST_LAST] + found[-MOST_LAST:]
    fixed = FIXED.get
    kinds = [fixed(token) if token in FIXED else _kind(token) for token in found]
    _mark_calls(found, kinds)
    kept = [(token, kind) for token, kind in zip(found, kinds, strict=True) if kind]
    kept = [pair for i, pair in enumerate(kept) if pair[1] not in "cC" or i == len(kept) - 1]
    return Scan([pair[0] for pair in kept], "".join(pair[1] for pair in kept))


def _kind(token: str) -> str:
    first = token[0]
    if first in "'\"`" or token.startswith("n'"):
        return _quoted(token)
    if token.startswith(("/*", "--", "#")):
        return _comment(token)
    if first in "@:":  # a type behind two colons changes nothing
        return "v" if first == "@" else ""
    if first.isdigit() or first == ".":
        return "n" if _is_number(token) else "w"
    return "X" if token.startswith(ATTACKING_PREFIXES) else "w"


def _quoted(token: str) -> str:
    if token[0] == "`":
        return "S" if token.count("`") % 2 else "w"
    return "sS"[token.count('"' if token[0] == '"' else "'") % 2]


def _comment(token: str) -> str:
    if token.startswith("/*!"):  # MySQL runs what is in it; with a version no prose has it
        return "V" if len(token) >= len("/*!12345") - 1 else ""
    if "sp_password" in token:  # keeps a statement out of SQL Server's log
        return "V"
    return "c" if _EMPTY_COMMENT.match(token) else "C"


def _is_number(token: str) -> bool:
    return token.startswith(("0x", "0b")) or not token.strip("0123456789.e+-df")


def _mark_calls(tokens: list[str], kinds: list[str | None]) -> None:
    depth = 0
    for index, token in enumerate(tokens):
        if token == "(":  # noqa: S105 - a sign of SQL
            depth += 1
            if index:
                kinds[index - 1] = _call(tokens[index - 1], kinds[index - 1] or "")
        elif token == ")":  # noqa: S105 - a sign of SQL
            depth -= 1
            if depth < 0:
                depth = 0
                kinds[index] = "z"


def _call(name: str, kind: str) -> str:
    if name in _ATTACKING or name.startswith(ATTACKING_PREFIXES):
        return "F"
    if name in _KNOWN and kind not in "t!":
        return "f"
    return "g" if kind in "wp" and not name.startswith("`") else kind


def is_catalog(name: str) -> bool:
    """Return whether a name is one of a database's own catalogues."""
    bare = name.strip("`")
    return bare in _CATALOG_NAMES or not _CATALOGS.isdisjoint(bare.split("."))
