"""Sizes as people type them, read alike by the form and the command line."""

from __future__ import annotations

import re
from math import isfinite

from engine.errors import InvalidInput

_SIZE = re.compile(r"([0-9][0-9,_]*(?:\.[0-9]+)?)\s*([kmg]?i?b?)", re.IGNORECASE)
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_BINARY = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def octets(text: str) -> int:
    """Return a number of bytes: 5242880, 500k, 5MiB.

    Raises:
        InvalidInput: It is none.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise InvalidInput(
            "That is not a number of bytes.",
            hint="Such as 5242880, 500k or 5MiB.",
            field="max_result_bytes",
        )
    unit = found[2].lower().removesuffix("b")
    factor = _BINARY[unit[0]] if unit.endswith("i") and unit != "i" else _UNITS.get(unit, 0)
    if not factor:
        raise InvalidInput("That is not a unit of bytes.", field="max_result_bytes")
    count = float(found[1].replace(",", "").replace("_", "")) * factor
    if not isfinite(count) or (factor == 1 and not count.is_integer()):
        raise InvalidInput("That is not a whole number of bytes.", field="max_result_bytes")
    return int(count)
