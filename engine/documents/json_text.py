"""JSON from strangers: no equal keys, no NaN, no depth that only an attack needs."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NoReturn

from engine.documents.limits import MAX_DEPTH, MAX_DIGITS, quoted, too_deep, unusable

if TYPE_CHECKING:
    from collections.abc import Sequence


def load(text: str) -> object:
    """Return the text as plain values.

    Raises:
        InvalidInput: It is not JSON, or has equal keys, numbers without a value, or too many
            levels. The message repeats no value.
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=_mapping,
            parse_constant=_no_number,
            parse_int=_whole,
            parse_float=_real,
        )
    except json.JSONDecodeError as error:
        where = f"Line {error.lineno}, column {error.colno}"
        raise unusable(f"{where} is not JSON: {error.msg}.") from None
    except RecursionError:
        raise too_deep("The file") from None
    _refuse_depth(value, 0)
    return value


def _mapping(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise unusable(f"The file has a key twice in one place: {quoted(key)}.")
        found[key] = value
    return found


def _no_number(word: str) -> NoReturn:
    raise unusable(f"The file has {word} where a number belongs, which is not JSON.")


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise unusable("The file has a number that is far too long.")
    return int(digits)


def _real(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise unusable("The file has a number that is far too large.")
    return value


def _refuse_depth(value: object, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise too_deep("The file")
    if isinstance(value, dict):
        for inner in value.values():
            _refuse_depth(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _refuse_depth(inner, depth + 1)
