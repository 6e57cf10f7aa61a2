"""Text that people give as a name: what can be kept at all. Cleaning for show is not done here."""

from __future__ import annotations

import unicodedata

from engine.errors import InvalidInput

MAX_NAME = 200
# Cc are control characters; Cs are halves of characters, which no database can keep.
_REFUSED = frozenset({"Cc", "Cs"})


def require_line(value: object, label: str, field: str, *, maximum: int = MAX_NAME) -> str:
    """Return `value` without blanks around it, when it can be kept as one line of text.

    Args:
        value: What was given.
        label: What the sentence calls it, such as `The name`.
        field: The input field to blame.
        maximum: The most characters it may have.

    Raises:
        InvalidInput: It is no text, empty, too long, or has control characters in it. The
            sentence does not repeat it.
    """
    return _required(value, label, field, maximum=maximum)


def require_lines(value: object, label: str, field: str, *, maximum: int) -> str:
    """Return `value` likewise, when it can be kept as lines of text.

    Raises:
        InvalidInput: As of `require_line`, but for line breaks and tabs.
    """
    if isinstance(value, str):
        value = value.replace("\r\n", "\n")
    return _required(value, label, field, maximum=maximum, allowed="\n\t")


def _required(value: object, label: str, field: str, *, maximum: int, allowed: str = "") -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"{label} must be text.", field=field)
    text = value.strip()
    if any(unicodedata.category(letter) in _REFUSED for letter in text if letter not in allowed):
        raise InvalidInput(f"{label} must not contain control characters.", field=field)
    if not any(letter.isprintable() for letter in text):
        raise InvalidInput(f"{label} must not be empty.", field=field)
    if len(text) > maximum:
        raise InvalidInput(f"{label} must have at most {maximum:,} characters.", field=field)
    return text
