"""Small readings of what people type into options."""

from __future__ import annotations

import re

_BETWEEN = re.compile(r"[\s,]+")


def listed(value: object) -> tuple[str, ...]:
    """Return words with commas or blanks between, or the texts of a list."""
    if isinstance(value, str):
        return tuple(word for word in _BETWEEN.split(value) if word)
    return tuple(str(word) for word in value) if isinstance(value, list | tuple) else ()
