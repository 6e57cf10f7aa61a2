"""How much a file may hold, and how what cannot be used is told."""

from __future__ import annotations

import re

from engine.errors import InvalidInput

MAX_BYTES = 5 * 1024 * 1024
MAX_ITEMS = 100_000
MAX_DEPTH = 20
"""Levels of lists and mappings; ours need five."""
MAX_ALIASED = 100_000
"""Values that aliases may add to a YAML file: ten lines of aliases can stand for billions."""
MAX_DIGITS = 64
"""Characters of a number; beyond it Python's own conversion becomes slow, then refuses."""

# What looks like a field's name may be repeated; anything else might be a key in the wrong place.
_NAME = re.compile(r"[a-z][a-z_]{0,39}")


def unusable(message: str, *, hint: str = "", field: str | None = None) -> InvalidInput:
    """Return the error of a file of which nothing can be used."""
    return InvalidInput(message, hint=hint, field=field)


def too_deep(where: str) -> InvalidInput:
    """Return the error of a file that nests deeper than any of ours."""
    return unusable(f"{where} goes deeper than {MAX_DEPTH} levels, which no Lampboard file does.")


def is_name(text: object) -> bool:
    """Return whether `text` looks like a field's name, and so may be repeated in a message."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def quoted(text: object) -> str:
    """Return a name in quotes, or words that stand for it where it had better not be repeated."""
    return f"{text!r}" if is_name(text) else "that is not shown here"
