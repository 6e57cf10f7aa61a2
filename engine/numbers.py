"""Numbers as people type them, in forms, settings and on the command line: pure.

Python reads more as a number than people mean: other scripts' digits, and `1_000`. What cannot be
told by looking at it is refused, and so is a plus sign; blanks around it do not count.
"""

from __future__ import annotations

import re

# Of more digits nothing here can be; the database would not take it either.
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?(?:(?:[0-9]+\.?|[0-9]*\.[0-9]+)(?:[eE][+-]?[0-9]+)?|nan|inf)")


def whole(typed: str) -> int | None:
    """Return a whole number, such as 12 or -1; None when it is none."""
    said = typed.strip()
    return int(said) if _WHOLE.fullmatch(said) else None


def decimal(typed: str) -> float | None:
    """Return a number with or without decimals, such as 12, 0.5 or 1e3; None when it is none.

    It may be endless, or `nan`, which is between no bounds: those who know the bounds say so.
    """
    said = typed.strip()
    return float(said) if _DECIMAL.fullmatch(said) else None
