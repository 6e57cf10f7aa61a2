"""The form that a request must have before anything is sent.

The grammar is narrower than the standard's on purpose: what two parsers could read differently
is refused, so the host that is judged is the host that is connected to.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from engine.http.addresses import parse_host
from engine.http.messages import HttpFault

if TYPE_CHECKING:
    from collections.abc import Mapping

_ADDRESS = re.compile(
    r"(?i:https?)://(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:[/?][!\"$-\[\]-~]*)?"
)
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MAX_PORT = 65535


@lru_cache(maxsize=4096)
def require_url(url: str) -> None:
    """Refuse a URL that cannot be checked safely.

    Raises:
        HttpFault: `address_blocked` for one with a user name in it, else `invalid_url`. The text
            never repeats the URL, which may carry a key.
    """
    form = _ADDRESS.fullmatch(url)
    if form is None:
        raise _has_user(url) or _invalid("The address is not a plain http:// or https:// URL.")
    if form["port"] and not 0 < int(form["port"]) <= _MAX_PORT:
        raise _invalid("The port of the address is not between 1 and 65535.")
    try:
        parse_host(form["host"].strip("[]"))
    except ValueError as error:
        raise _invalid("The host of the address looks like a number, but is no address.") from error


def require_headers(headers: Mapping[str, str]) -> None:
    """Refuse headers that would break the request; the text names the header, never its value."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise _unsendable("A header's name has characters that no header may have.")
        if not (value.isascii() and value.isprintable()):
            raise _unsendable(
                f"The value for the header {name} has characters that cannot be sent."
            )


def _has_user(url: str) -> HttpFault | None:
    try:
        found = "@" in urlsplit(url).netloc
    except ValueError:
        return None
    if not found:
        return None
    return HttpFault(
        code="address_blocked",
        stage="request",
        message="The address has a user name before its host, so it was not connected to.",
        remedy="Write the address without 'user:password@'; a credential has its own field.",
    )


def _invalid(message: str) -> HttpFault:
    return HttpFault(
        code="invalid_url",
        stage="request",
        message=message,
        remedy="Correct the base URL; write a name in other letters in its xn-- form.",
    )


def _unsendable(message: str) -> HttpFault:
    return HttpFault(
        code="invalid_request",
        stage="request",
        message=message,
        remedy="Enter the credential again, without line breaks or blanks from copying.",
    )
