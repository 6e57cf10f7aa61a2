"""What may be said of a source, as pydantic models: the one validation of every way in.

What a technology asks of its own fields is checked by its declarations, in inputs.py. Imported
inside the functions that validate, never by what only reads; see `engine.shapes`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticKnownError

from engine.errors import InvalidInput
from engine.fields import INTERVAL
from engine.probes.hosts import require_port
from engine.probes.secret_names import is_secret_name
from engine.shapes import Shape, Text, line, sentence, whole_number
from engine.sources.fields import COMMON, DESCRIPTION, MAX_WORD, MAX_WORDS, NAME, OWNER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_SECRET = 16_384
MAX_METADATA = 65_536
_MAX_OPTIONS = 64
_MAX_OPTION = 4096
_MAX_POOL = 1000
_MAX_WAIT_S = 3600
_MAX_RETRIES = 100
_WORD = re.compile(r"[^\s,\"]+")
_TRUTH = {"yes": True, "true": True, "on": True, "1": True}
_TRUTH |= {"no": False, "false": False, "off": False, "0": False}
_LINES = frozenset("\n\r\t")


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _optional(check: Callable[[Any], object] | None = None) -> BeforeValidator:
    """Take an empty text for nothing, as forms do."""

    def empty(value: object) -> object:
        if _blank(value):
            return None
        return check(value) if check else value

    return BeforeValidator(empty)


def _words(label: str, plural: str, pattern: re.Pattern[str] | None) -> Callable[[object], object]:
    def check(value: object) -> object:
        given = value.split(",") if isinstance(value, str) else value
        if given is None:
            return ()
        if not isinstance(given, list | tuple | set | frozenset):
            raise PydanticKnownError("list_type")
        clean = line(f"A {label}", maximum=MAX_WORD)
        found = [clean(word) for word in given if not _blank(word)]
        if pattern and not all(pattern.fullmatch(word) for word in found):
            raise sentence(f"A {label} must not contain blanks, commas or quotes.")
        if len(found) > MAX_WORDS:
            raise sentence(f"A source has at most {MAX_WORDS} {plural}.")
        # The first spelling stays: `PII` and `pii` are one tag.
        once: dict[str, str] = {}
        for word in found:
            once.setdefault(word.casefold(), word)
        return tuple(once.values())

    return check


def _roles(value: object) -> object:
    return () if _blank(value) else _words("role", "roles", re.compile(r"[^,\"]+"))(value)


def _truth(value: object) -> object:
    if isinstance(value, str):
        return _TRUTH.get(value.strip().lower(), value)
    return value


def _port(value: object) -> object:
    try:
        return require_port(value)
    except InvalidInput as error:
        raise sentence(error.message) from None


def _secret(text: str) -> str:
    """Refuse what cannot be a secret; a key in PEM has lines."""
    if len(text) > MAX_SECRET:
        raise sentence(f"It must have at most {MAX_SECRET:,} characters.")
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in _LINES for sign in text):
        raise sentence("It must not contain control characters.")
    return text


def _named(value: object, each: Callable[[str, object], object]) -> dict[str, object]:
    if not isinstance(value, dict):
        raise PydanticKnownError("dict_type")
    if len(value) > _MAX_OPTIONS:
        raise sentence(f"It must have at most {_MAX_OPTIONS} entries.")
    clean = line("A name in it", maximum=MAX_WORD)
    if not all(isinstance(name, str) for name in value):
        raise sentence("A name in it must be text.")
    return {clean(name): each(name, one) for name, one in value.items() if not _blank(one)}


def _oauth(value: object) -> object:
    def each(_name: str, one: object) -> object:
        if isinstance(one, bool) or not isinstance(one, str | int):
            raise sentence("It must have texts as values.")
        return _secret(str(one))

    return _named(value, each) or None


def _options(value: object) -> object:
    def each(name: str, one: object) -> object:
        if isinstance(one, bool | int | float):
            return one
        if not isinstance(one, str):
            raise sentence("It must have texts, numbers or truths as values.")
        if is_secret_name(name):
            return _secret(one)
        return line("A value in it", maximum=_MAX_OPTION)(one)

    return {} if value is None else _named(value, each)


def _metadata(value: object) -> object:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise PydanticKnownError("dict_type")
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        size = len(text.encode("utf-8"))
    except (TypeError, ValueError, RecursionError):
        raise sentence("It must be made of texts, numbers, truths and lists of them.") from None
    if size > MAX_METADATA:
        raise sentence(f"It must have at most {MAX_METADATA:,} bytes as JSON.")
    for name, one in value.items():
        if isinstance(one, str) and one and is_secret_name(str(name)):
            raise sentence("It is shown to everybody, so there is no place for secrets in it.")
    return json.loads(text)


def _max(spec_maximum: int | None) -> int:
    return spec_maximum or 0


Name = Annotated[Text, AfterValidator(line("The name", maximum=_max(NAME.maximum)))]
Line = Annotated[Text, AfterValidator(line("It", maximum=1024))]
Secret = Annotated[Text, AfterValidator(_secret)]
Truth = Annotated[bool, BeforeValidator(_truth)]


class SourceShape(Shape):
    """What the shapes of a source call its fields."""

    LABELS: ClassVar[Mapping[str, str]] = {
        "name": "The name",
        "description": "The description",
        "tags": "The tags",
        "metadata": "The metadata",
        "access_roles": "The roles",
        "owner_id": "The owner",
        "interval_s": "The interval",
        "connection_string": "The connection string",
        "host": "The host",
        "port": "The port",
        "username": "The user",
        "password": "The password",
        "database": "The database",
        "auth_type": "The way of authentication",
        "api_key": "The API key",
        "oauth_config": "The OAuth fields",
        "pool_size": "The size of the pool",
        "pool_timeout": "The pool's timeout",
        "max_retries": "The number of retries",
        "ssl_enabled": "TLS",
        "ssl_verify": "Verification of TLS",
        "ssl_cert_path": "The CA file",
        "options": "The options",
    }
    HINTS: ClassVar[Mapping[str, str]] = {spec.name: spec.help for spec in COMMON}


class CommonFields(SourceShape):
    """The fields that every source has."""

    name: Name = ""
    description: Annotated[
        Annotated[Text, AfterValidator(line("It", maximum=_max(DESCRIPTION.maximum)))] | None,
        _optional(),
    ] = None
    tags: Annotated[tuple[str, ...], BeforeValidator(_words("tag", "tags", _WORD))] = ()
    metadata: Annotated[dict[str, Any], BeforeValidator(_metadata)] = Field(default_factory=dict)
    access_roles: Annotated[tuple[str, ...], BeforeValidator(_roles)] = ()
    owner_id: Annotated[
        Annotated[Text, AfterValidator(line("It", maximum=_max(OWNER.maximum)))] | None,
        _optional(),
    ] = None
    interval_s: Annotated[
        Annotated[int, Field(ge=INTERVAL.minimum, le=INTERVAL.maximum)] | None,
        _optional(whole_number),
    ] = None


class ConfigFields(SourceShape):
    """How a source is reached, by the names of `DataSourceConfig`."""

    connection_string: Annotated[Secret | None, _optional()] = None
    host: Annotated[Line | None, _optional()] = None
    port: Annotated[int | None, _optional(_port)] = None
    username: Annotated[Line | None, _optional()] = None
    password: Annotated[Secret | None, _optional()] = None
    database: Annotated[Line | None, _optional()] = None
    auth_type: Annotated[Line | None, _optional()] = None
    api_key: Annotated[Secret | None, _optional()] = None
    oauth_config: Annotated[dict[str, str] | None, _optional(_oauth)] = None
    pool_size: Annotated[int, Field(ge=1, le=_MAX_POOL), BeforeValidator(whole_number)] = 5
    pool_timeout: Annotated[int, Field(ge=1, le=_MAX_WAIT_S), BeforeValidator(whole_number)] = 30
    max_retries: Annotated[int, Field(ge=0, le=_MAX_RETRIES), BeforeValidator(whole_number)] = 3
    ssl_enabled: Truth = False
    ssl_verify: Truth = True
    ssl_cert_path: Annotated[Line | None, _optional()] = None
    options: Annotated[dict[str, Any], BeforeValidator(_options)] = Field(default_factory=dict)
