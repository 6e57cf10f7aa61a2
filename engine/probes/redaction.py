"""Keeping secrets out of what a check reports.

Servers, proxies and error pages echo what they are sent, as it is or the way a log, a page or a
URL writes it. What was sent is known here, so any part of it that comes back is masked before the
text goes anywhere.
"""

from __future__ import annotations

import base64
import html
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from engine.probes.result import ProbeResult

MASK = "***"
# Messages are cut to length, so a secret may arrive in part: this many signs in a row are enough
# to be taken for it, and too many to be an accident in a random key.
_PIECE = 8
# A password may be made of words, and our own sentences are too: one plain word that it shares
# with a message (`password`, `certificate`) is no echo of it.
_WORD = 11
_URL_SAFE = str.maketrans("+/", "-_")


def redact(text: str, *secrets: str) -> str:
    """Return `text` with every part of a secret of eight signs or more masked.

    That holds for the secret as it is and in the encodings that an echo may have: percent signs,
    base64, hexadecimal digits, escapes of JSON and HTML. A shorter secret is masked where it
    stands whole.
    """
    long = [secret for secret in secrets if len(secret) >= _PIECE]
    if long and len(text) >= _PIECE:
        # All forms in one pass: masking one first would leave splinters of the other.
        forms = {form for secret in long for form in _forms(secret)}
        pieces = {
            form[start : start + _PIECE]
            for form in forms
            for start in range(len(form) - _PIECE + 1)
        }
        text = _mask(text, pieces, forms)
    for short in sorted(set(secrets).difference(long, {""}), key=len, reverse=True):
        # Its encodings are too short to be told from ordinary words, but for the percent signs.
        text = text.replace(short, MASK).replace(quote(short, safe=""), MASK)
    return text


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield json.dumps(secret)[1:-1]
    yield repr(secret)[1:-1]
    yield html.escape(secret)
    raw = secret.encode("utf-8", "replace")
    yield raw.hex()
    yield raw.hex().upper()
    for shift in range(3):
        # Base64 writes three bytes at a time, so it has three ways to write what stands within.
        yield (coded := base64.b64encode(bytes(shift) + raw).decode())
        yield coded.translate(_URL_SAFE)


def _pieces(form: str) -> Iterator[str]:
    return (form[start : start + _PIECE] for start in range(len(form) - _PIECE + 1))


def redact_result(result: ProbeResult, *secrets: str) -> ProbeResult:
    """Return `result` with `secrets` masked in everything that came from outside."""
    if not any(secrets):
        return result
    details = {name: redact_value(value, *secrets) for name, value in result.details.items()}
    if result.ok:  # its words are our own, and most checks end here
        return replace(result, details=details)
    return replace(
        result,
        message=redact(result.message, *secrets),
        remedy=redact(result.remedy, *secrets),
        details=details,
    )


def redact_value(value: object, *secrets: str) -> object:
    """Return a JSON-ready value with `secrets` masked in each of its texts, names included."""
    match value:
        case str():
            return redact(value, *secrets)
        case list() | tuple():
            return [redact_value(inner, *secrets) for inner in value]
        case dict():
            return {
                redact_value(name, *secrets): redact_value(inner, *secrets)
                for name, inner in value.items()
            }
        case _:
            return value


def _mask(text: str, pieces: Collection[str], forms: Collection[str]) -> str:
    kept: list[str] = []
    copied = start = 0
    while start <= len(text) - _PIECE:
        if text[start : start + _PIECE] not in pieces:
            start += 1
            continue
        end = start + _PIECE
        while end < len(text) and text[end - _PIECE + 1 : end + 1] in pieces:
            end += 1
        if (found := text[start:end]) in forms or not _is_word(found):
            kept += [text[copied:start], MASK]
            copied = end
        start = end
    return "".join(kept) + text[copied:]


def _is_word(text: str) -> bool:
    return len(text) <= _WORD and text.isalpha() and (text.islower() or text[1:].islower())
