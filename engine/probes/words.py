"""Words from outside, made fit for one line of a message: no control signs, no secrets, short."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from engine.probes.redaction import MASK, redact
from engine.probes.secret_names import may_name_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["MASK", "one_line", "secrets_in", "whole"]

_MAX = 200
# Cc and Cf drive terminals and the direction of writing, Cs cannot be stored, Co and Cn have no
# look; Zl and Zp break a line.
_UNFIT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Headers that never carry a secret; the value of any other one may be a key.
_OPEN_HEADERS = frozenset(
    {"accept", "accept-encoding", "anthropic-version", "connection", "content-type", "host",
     "user-agent", "x-amz-content-sha256", "x-amz-date"}
)  # fmt: skip
_PARTS = re.compile(r"[\s=;,]+")
# Shorter ones are ordinary words; masking them would only garble the message.
_SECRET_LENGTH = 6


def secrets_in(url: str, headers: Mapping[str, str]) -> tuple[str, ...]:
    """Return what must not come back in a message, the longest first.

    That is the value of each header that may carry a key, each part of it (what follows `Bearer`
    or `session=`), and the values of a URL's query whose names tell of one.
    """
    found: set[str] = set()
    for name, value in headers.items():
        if name.lower() not in _OPEN_HEADERS:
            found.update((value, *_PARTS.split(value)))
    for name, value in parse_qsl(url.partition("?")[2]):
        if may_name_secret(name):
            found.update((value, quote(value, safe="")))
    return tuple(sorted((text for text in found if len(text) >= _SECRET_LENGTH), key=len)[::-1])


def one_line(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` as one short line for people.

    Secrets are masked before anything is cut off, so no half of one remains.
    """
    # What is cut off anyway need not be cleaned; a body may be one word of 2 MiB.
    fit = "".join(map(_fit, redact(text[: _MAX * 8], *secrets)))
    line = " ".join(fit.split())
    return line if len(line) <= _MAX else line[: _MAX - 1].rstrip() + "…"


def whole(text: str) -> str:
    """Return `text` with halves of surrogate pairs replaced, so that it can be stored."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _fit(letter: str) -> str:
    if unicodedata.category(letter) not in _UNFIT:
        return letter
    return "\ufffd" if unicodedata.category(letter) == "Cs" else " "
