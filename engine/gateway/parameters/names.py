"""What a parameter may be called."""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def is_name(name: object) -> bool:
    """Tell whether something may be a placeholder's name: a word of ASCII, at most 63 long."""
    return type(name) is str and _NAME.fullmatch(name) is not None
