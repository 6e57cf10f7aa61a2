"""Every secret that a place holds, for masking whatever comes back of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

from engine.probes import keyword_strings as keywords
from engine.probes.secret_names import is_secret_name
from engine.probes.words import secrets_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.probes.place import Place

_PEM = "-----BEGIN"
# Lines of a key's body are longer; its header has ordinary words.
_HEADER = 20


def known_secrets(place: Place) -> tuple[str, ...]:
    """Return everything that must not come back in a message, the longest first."""
    found = {part for secret in _given(place) for part in _parts(secret)}
    return tuple(sorted(found, key=len, reverse=True))


def _given(place: Place) -> Iterator[str]:
    yield from (place.password or "", place.api_key or "")
    yield from _named(place.oauth)
    yield from _named(place.options)
    for text in (place.url, *place.oauth.values(), *place.options.values()):
        if isinstance(text, str):
            yield from _in_address(text)


def _named(values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, str) and is_secret_name(name):
            yield value


def _in_address(text: str) -> Iterator[str]:
    """Yield the secrets of a connection string: its login's, its query's, its keywords'."""
    if keywords.looks_like_keywords(text):
        pairs = keywords.with_semicolons(text) if ";" in text else keywords.with_blanks(text)
        yield from _named(dict(pairs or ()))
        return
    yield from secrets_in(text, {})
    user_info, at, _ = text.partition("://")[2].partition("/")[0].rpartition("@")
    user, colon, password = user_info.partition(":")
    if at:
        # A lone word before the @ is a token.
        yield from (told := password if colon else user, unquote(told))


def _parts(secret: str) -> Iterator[str]:
    """Yield what of a secret is secret: a key's file has ordinary words in it as well."""
    if secret.lstrip().startswith("{"):
        try:
            told = json.loads(secret)
        except ValueError:
            told = None
        if isinstance(told, dict) and (inner := list(_named(told))):
            for one in inner:
                yield from _parts(one)
            return
    if _PEM in secret:
        lines = (line for line in secret.split() if not line.startswith("-"))
        yield from (line for line in lines if len(line) > _HEADER)
    elif secret:
        yield secret
