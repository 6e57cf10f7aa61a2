"""Keeping a secret out of what a check reports.

Providers, proxies and error pages echo headers, as they are or the way a log, a page or a URL
writes them. What was sent as a credential is known here, so any part of it that comes back is
masked before the text goes anywhere.
"""

from __future__ import annotations

import base64
import html
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.probes.result import ProbeResult

MASK = "***"
# Messages are cut to length, so a secret may arrive in part: this many signs in a row are enough
# to be taken for it, and too many to be an accident in a random key.
_PIECE = 8
_URL_SAFE = str.maketrans("+/", "-_")


def redact(text: str, secret: str) -> str:
    """Return `text` with every part of `secret` of eight signs or more masked.

    That holds for the secret as it is and in the encodings that an echo may have: percent signs,
    base64, hexadecimal digits, escapes of JSON and HTML. A shorter secret is masked where it
    stands whole.
    """
    size = min(_PIECE, len(secret))
    if not size or len(text) < size:
        return text
    # All forms in one pass: masking one first would leave splinters of the other.
    pieces = {
        form[start : start + size]
        for form in _forms(secret)
        for start in range(len(form) - size + 1)
    }
    return _mask(text, pieces, size)


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    if len(secret) < _PIECE:
        return  # its encodings are too short to be told from ordinary words
    yield json.dumps(secret)[1:-1]
    yield repr(secret)[1:-1]
    yield html.escape(secret)
    raw = secret.encode()
    yield raw.hex()
    yield raw.hex().upper()
    for shift in range(3):
        # Base64 writes three bytes at a time, so it has three ways to write what stands within.
        yield (coded := base64.b64encode(bytes(shift) + raw).decode())
        yield coded.translate(_URL_SAFE)


def redact_result(result: ProbeResult, secret: str) -> ProbeResult:
    """Return `result` with `secret` masked in everything that came from outside."""
    if not secret:
        return result
    details = {name: _redact_value(value, secret) for name, value in result.details.items()}
    if result.ok:  # its words are our own, and most checks end here
        return replace(result, details=details)
    return replace(
        result,
        message=redact(result.message, secret),
        remedy=redact(result.remedy, secret),
        details=details,
    )


def _redact_value(value: object, secret: str) -> object:
    match value:
        case str():
            return redact(value, secret)
        case list() | tuple():
            return [_redact_value(inner, secret) for inner in value]
        case dict():
            return {key: _redact_value(inner, secret) for key, inner in value.items()}
        case _:
            return value


def _mask(text: str, pieces: set[str], size: int) -> str:
    kept: list[str] = []
    copied = start = 0
    while start <= len(text) - size:
        if text[start : start + size] not in pieces:
            start += 1
            continue
        end = start + size
        while end < len(text) and text[end - size + 1 : end + 1] in pieces:
            end += 1
        kept += [text[copied:start], MASK]
        copied = start = end
    return "".join(kept) + text[copied:]
