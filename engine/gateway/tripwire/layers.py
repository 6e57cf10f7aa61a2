"""Takes the disguises of a value off: encodings, odd blanks, full-width letters.

Each reading is at most as long as what it was made from, and there are at most four.
"""

from __future__ import annotations

import base64
import binascii
import re
import sys

ROUNDS = 4
"""How often what was decoded is decoded again: a value goes through few hands that decode."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{10,}={0,2}")
_URL_SAFE = re.compile(r"[-_]")
_ENCODED = re.compile(
    r"%(?P<percent>[0-9a-f]{2})|%u(?P<unicode>[0-9a-f]{4})|&#(?P<decimal>\d{1,6});?"
    r"|&#x(?P<hex>[0-9a-f]{1,5});?|&(?P<name>quot|apos|amp|lt|gt|lpar|rpar|num|nbsp|sol|equals|semi|comma|percnt"
    r"|plus);"
    r"|\\u(?P<escape>[0-9a-f]{4})|\\x(?P<byte>[0-9a-f]{2})",
    re.IGNORECASE | re.ASCII,
)
_NAMES = {
    "quot": '"',
    "apos": "'",
    "amp": "&",
    "lt": "<",
    "gt": ">",
    "lpar": "(",
    "rpar": ")",
    "num": "#",
    "nbsp": " ",
    "sol": "/",
    "equals": "=",
    "semi": ";",
    "comma": ",",
    "percnt": "%",
    "plus": "+",
}
# Two bytes that a lax decoder takes for one ASCII character: %c0%a7 is an apostrophe.
_OVERLONG = re.compile("\xc0([\x80-\xbf])|\xe0\x80([\x80-\xbf])|\xc1([\x80-\xbf])")
_UTF8 = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")

_CUT = re.compile(r"(?<=[A-Za-z])/\*\*/(?=[A-Za-z])")
_SPRINKLED = re.compile(r"(?:%[A-Za-z]){2}")
_ESCAPED = re.compile(r"\\(?=['\"`])")

_INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\ufe0f"
)
_BLANKS = (
    "\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000"
)
_LINES = "\r\u2028\u2029"
_APOSTROPHES = "\u2018\u2019\u201b\u02b9\u02bc\u2032\u00b4\uff07"
_QUOTES = "\u201c\u201d\u201f\u2033\uff02"
_PLAIN = (
    dict.fromkeys(range(32), " ")
    | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, _INVISIBLE), "")
    | dict.fromkeys(map(ord, _BLANKS), " ")
    | dict.fromkeys(map(ord, _LINES), "\n")
    | dict.fromkeys(map(ord, _APOSTROPHES), "'")
    | dict.fromkeys(map(ord, _QUOTES), '"')
    | {0x7F: " ", 0x0A: "\n", 0x0D: "\n", 0x2013: "--", 0x2014: "--"}
)


def readings(value: str) -> tuple[str, ...]:
    """Return the value in plain small letters, and once more with its encodings taken off."""
    plain = tidied(value)
    found = [plain]
    bare = _joined(_decoded(value))
    if bare != value:
        found.append(tidied(bare))
    if value.count("+") > 1:
        found.append(tidied(bare.replace("+", " ")))
    hidden = _from_base64(value)
    if hidden:
        found.append(tidied(hidden))
    return tuple(dict.fromkeys(found))


def _joined(value: str) -> str:
    """Joins words that were cut by empty comments, percent signs or backslashes."""
    if "/**/" in value:
        value = _CUT.sub("", value)
    if _SPRINKLED.search(value):
        value = value.replace("%", "")
    return _ESCAPED.sub("", value)


def tidied(value: str) -> str:
    """Return small letters, plain quotes and plain blanks; what cannot be seen is gone."""
    return value.translate(_PLAIN).lower()


def _decoded(value: str) -> str:
    for _ in range(ROUNDS):
        if not any(mark in value for mark in "%&\\"):
            return value
        blanks = "%" in value and " " not in value and re.search(r"%[0-9a-fA-F]{2}", value)
        bare = _ENCODED.sub(_character, value.replace("+", " ") if blanks else value)
        bare = _UTF8.sub(_whole, _OVERLONG.sub(_shortest, bare))
        if bare == value:
            return value
        value = bare
    return value


def _character(match: re.Match[str]) -> str:
    kind, text = match.lastgroup, match.group(match.lastgroup or 0)
    if kind == "name":
        return _NAMES[text.lower()]
    code = int(text, 10 if kind == "decimal" else 16)
    return chr(code) if code <= sys.maxunicode else " "


def _shortest(match: re.Match[str]) -> str:
    lead = 0x40 if match.group(3) else 0
    tail = match.group(1) or match.group(2) or match.group(3)
    return chr(lead + (ord(tail) & 0x3F))


def _whole(match: re.Match[str]) -> str:
    return match.group().encode("latin-1").decode("utf-8", "replace")


def _from_base64(value: str) -> str:
    text = value.strip()
    if len(text) % 4 or not _BASE64.fullmatch(text):
        return ""
    try:
        decoded = base64.b64decode(text, altchars=b"-_" if _URL_SAFE.search(text) else None).decode(
            "ascii"
        )
    except (binascii.Error, ValueError):
        return ""
    return decoded if decoded.isprintable() else ""
