"""What a person typed into a form or a command line, made into a value as JSON has it."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any

from engine.gateway.model import ParameterType
from engine.gateway.parameters.refusing import Unfit, invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.gateway.model import ParameterSpec

_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_MOST_DIGITS = 400
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_AS_LIST = "Separate values by commas, or write a JSON list: [1, 2]."


def parse_text(spec: ParameterSpec, text: str) -> Any:
    """Return a typed text as a value for `coerce`, which judges it.

    Texts are taken as they are, to the blank; whatever else is read without blanks around it.
    A list is comma-separated as in CSV, or written as a JSON list.

    Raises:
        SqlGatewayError: `invalid_parameter`: it cannot be read as the parameter's type.
    """
    read = _READERS.get(ParameterType(spec.param_type))
    if read is None:
        return text
    try:
        return read(text.strip())
    except Unfit as unfit:
        raise invalid(spec.name, unfit) from None


def _integer(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise Unfit("must be a whole number")
    return int(text)


def _float(text: str) -> float:
    if len(text) > _MOST_DIGITS or not _NUMBER.fullmatch(text):
        raise Unfit("must be a number", "Write it as 12.5 or 1e6.")
    return float(text)


def _boolean(text: str) -> bool:
    word = text.lower()
    if word not in _TRUE | _FALSE:
        raise Unfit("must be true or false")
    return word in _TRUE


def _plain(text: str) -> str:
    return text


def _texts(text: str) -> list[Any]:
    return _from_json(text) if text.startswith("[") else [one.strip() for one in _split(text)]


def _integers(text: str) -> list[Any]:
    if text.startswith("["):
        return _from_json(text)
    return [_integer(one.strip()) for one in _split(text)]


def _split(text: str) -> list[str]:
    if not text:
        return []
    try:
        return next(csv.reader([text], skipinitialspace=True, strict=True))
    except (csv.Error, StopIteration):
        raise Unfit("must be a list", _AS_LIST) from None


def _from_json(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Unfit("must be a list", _AS_LIST) from None
    if type(found) is not list:
        raise Unfit("must be a list", _AS_LIST)
    return found


_READERS: dict[ParameterType, Callable[[str], Any]] = {
    ParameterType.INTEGER: _integer,
    ParameterType.FLOAT: _float,
    ParameterType.BOOLEAN: _boolean,
    ParameterType.DATE: _plain,
    ParameterType.TIMESTAMP: _plain,
    ParameterType.UUID: _plain,
    ParameterType.STRING_LIST: _texts,
    ParameterType.INTEGER_LIST: _integers,
}
