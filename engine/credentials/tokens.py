"""Secrets that say themselves when they expire: JSON Web Tokens (RFC 7519)."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime

_PARTS = 3
_LONGEST = 16 * 1024


def token_expiry(secret: str) -> datetime | None:
    """Return the `exp` of a secret that is a JWT (section 4.1.4: seconds since 1970 in UTC).

    None for any other secret, and for a token that does not say. Its signature is not looked at:
    this is a hint for a person, nothing is let in by it.
    """
    parts = secret.split(".")
    if len(parts) != _PARTS or len(secret) > _LONGEST:
        return None
    header, claims = (_object(part) for part in parts[:2])
    if "alg" not in header:
        return None
    at = claims.get("exp")
    if isinstance(at, bool) or not isinstance(at, int | float):
        return None
    try:
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _object(part: str) -> dict[str, object]:
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
