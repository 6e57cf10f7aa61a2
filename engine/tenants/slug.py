"""What a tenant's id may look like."""

from __future__ import annotations

import re

from engine.errors import InvalidInput

_SLUG = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")


def require_slug(text: object) -> str:
    """Return `text` when it can be a tenant's id.

    Raises:
        InvalidInput: It is not 1 to 64 letters, digits, dots, dashes or underscores with a letter
            or digit at both ends. The sentence does not repeat it, for it may be anything.
    """
    if isinstance(text, str) and _SLUG.fullmatch(text):
        return text
    raise InvalidInput(
        "A tenant's id is 1 to 64 letters, digits, dots, dashes or underscores,"
        " and begins and ends with a letter or digit.",
        hint="For example acme-prod.",
        field="tenant",
    )
