"""What usage is summed up by, and refusing what it is not."""

from __future__ import annotations

from engine.errors import InvalidInput
from storage.limits.rows import SCOPES


def require_scope(scope: str, *, field: str = "scope") -> None:
    """Raise InvalidInput when usage is not summed up by that; `field` is what it was given as."""
    if scope not in SCOPES:
        raise InvalidInput(
            f"Usage is not summed up by {scope[:40]!r}.",
            hint="Take one of " + ", ".join(SCOPES),
            field=field,
        )
