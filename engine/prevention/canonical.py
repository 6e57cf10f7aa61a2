"""The canonical form: one text for one value, as RFC 8785 (JSON Canonicalization Scheme) has it.

Names are sorted by their UTF-16 code units, nothing stands between the parts, strings are escaped
only where JSON must, and numbers are written as ECMAScript writes them. So any program can make
the same bytes and prove a ledger by itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

MAX_DEPTH = 32
"""Objects and lists within each other; more would be a mistake or an attack."""
# What every reader of JSON takes for the same number: that of a binary64.
_MAX_INT = 2**53 - 1
_PLAIN_BELOW = 21
_SMALLEST_PLAIN = -6


class NotCanonical(ValueError):  # noqa: N818 - it says what the value is
    """A value that has no canonical form; the message says why and does not repeat it."""


def canonical(value: object) -> str:
    """Return the canonical form of JSON-like data.

    Raises:
        NotCanonical: It holds what JSON cannot say alike everywhere: NaN, infinities, whole
            numbers beyond 2^53, halves of characters, names that are no text, or another type.
    """
    return _written(value, MAX_DEPTH)


def _written(value: object, depth: int) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int | float):
        return number(value)
    if not depth:
        raise NotCanonical(f"It is nested deeper than {MAX_DEPTH}.")
    if isinstance(value, Mapping):
        return _object(value, depth - 1)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return f"[{','.join(_written(one, depth - 1) for one in value)}]"
    raise NotCanonical("It holds a value that JSON has no word for.")


def _object(value: Mapping[Any, Any], depth: int) -> str:
    if not all(isinstance(name, str) for name in value):
        raise NotCanonical("It holds a name that is no text.")
    names = sorted(value, key=_code_units)
    pairs = (f"{text(name)}:{_written(value[name], depth)}" for name in names)
    return f"{{{','.join(pairs)}}}"


def _code_units(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def text(value: str) -> str:
    """Return a string in its canonical form.

    Raises:
        NotCanonical: It holds a half of a character, or NUL, which no PostgreSQL keeps.
    """
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NotCanonical("It holds a half of a character.") from None
    if "\0" in value:
        raise NotCanonical("It holds a NUL character.")
    return quoted(value)


def number(value: float) -> str:
    """Return a number as ECMAScript's Number::toString writes it (ECMA-262, 6.1.6.1.20).

    Raises:
        NotCanonical: It is NaN, infinite, or a whole number that a binary64 does not hold.
    """
    if isinstance(value, int):
        if abs(value) > _MAX_INT:
            raise NotCanonical("It holds a whole number beyond 2^53.")
        return str(int(value))
    if not math.isfinite(value):
        raise NotCanonical("It holds NaN or an infinity.")
    if not value:
        return "0"  # minus zero too
    # Python's repr has the same digits, the fewest that give the number back.
    sign, digits, exponent = Decimal(repr(float(value))).normalize().as_tuple()
    return "-" * sign + _placed("".join(map(str, digits)), int(exponent))


def _placed(digits: str, exponent: int) -> str:
    """Return the digits with their point, or with an exponent where that is the form."""
    point = len(digits) + exponent
    if len(digits) <= point <= _PLAIN_BELOW:
        return digits + "0" * exponent
    if 0 < point <= _PLAIN_BELOW:
        return f"{digits[:point]}.{digits[point:]}"
    if _SMALLEST_PLAIN < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
