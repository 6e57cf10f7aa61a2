"""Hosts and ports as people give them: what can be one at all. Nothing is looked up here."""

from __future__ import annotations

import re
from ipaddress import ip_address

from engine.errors import InvalidInput

MAX_PORT = 65_535
_MAX_HOST = 253
# Letters of any language, because names are written in them; signs of a URL are none.
_NAME = re.compile(r"[\w](?:[\w.-]*[\w.])?")
_DIGITS = re.compile(r"[0-9]{1,5}")


def require_host(value: object, *, field: str = "host") -> str:
    """Return a host name or address without blanks around it.

    Raises:
        InvalidInput: It is neither; the sentence does not repeat it.
    """
    text = value.strip() if isinstance(value, str) else ""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if _is_address(bare):
        return bare
    if len(text) <= _MAX_HOST and _NAME.fullmatch(text) and ".." not in text:
        return text
    raise InvalidInput(
        "The host is not a valid name or address.",
        hint="Give the name alone, such as db.example.com; port, user and password go elsewhere.",
        field=field,
    )


def require_port(value: object, *, field: str = "port") -> int:
    """Return a port from 1 to 65,535.

    Raises:
        InvalidInput: It is none; the sentence does not repeat it.
    """
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidInput("The port must be a whole number.", field=field)
    if not 1 <= value <= MAX_PORT:
        raise InvalidInput(f"The port must be from 1 to {MAX_PORT:,}.", field=field)
    return value


def _is_address(text: str) -> bool:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return text.isprintable() and " " not in text
