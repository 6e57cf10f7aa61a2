"""A parameter's declaration as one line of text, and back: forms and the command line share it.

`day date required min=2026-01-01`: the name, the type, then flags and rules in any order. The
name may also be tied to its type by a colon, `day:date`. A value with blanks stands in quotes: in
single ones everything is itself and `''` is one quote; in double ones it is a JSON string. Where
several values are meant commas part them: `allowed=open,'in work',done`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from engine.gateway.errors import SqlGatewayError
from engine.gateway.model import ParameterSpec, ParameterType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LONGEST: Final = 16_384
"""Characters of one declaration at most."""

TYPES: Final = tuple(kind.value for kind in ParameterType)
FLAGS: Final = ("required", "optional", "logged")
RULES: Final[Mapping[str, str]] = {
    "default": "default",
    "min": "min_value",
    "max": "max_value",
    "max_length": "max_length",
    "max_items": "max_items",
    "allowed": "allowed_values",
    "pattern": "pattern",
    "zone": "zone",
    "description": "description",
}
"""The word of each rule, and the attribute of `ParameterSpec` that it sets."""

_HEAD = re.compile(r"\s*([^\s:=,'\"]+)(?:\s*:\s*|\s+)([^\s=,'\"]+)(?:\s+|$)")
_WORD = re.compile(r"([^\s='\"]+)(=?)")
_SINGLE = re.compile(r"'((?:[^']|'')*)'")
_DOUBLE = re.compile(r'"(?:[^"\\]|\\.)*"')
_BARE, _BARE_ITEM = re.compile(r"\S*"), re.compile(r"[^\s,]*")
_INTEGER = re.compile(r"[+-]?\d{1,40}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?", re.ASCII)
_BOOLEANS: Final = {"true": True, "false": False}
_ITEMS_OF: Final[Mapping[ParameterType, ParameterType]] = {
    ParameterType.STRING_LIST: ParameterType.STRING,
    ParameterType.INTEGER_LIST: ParameterType.INTEGER,
}


def parse_declaration(line: str) -> ParameterSpec:
    """Return what one line declares; whether its rules fit together is judged elsewhere.

    Who says neither `required` nor `optional` means required, unless there is a default.

    Raises:
        SqlGatewayError: The line cannot be read (`invalid_declaration`); its `field` is the
            parameter's name once that is known.
    """
    if len(line) > LONGEST:
        raise _refused(None, f"A declaration has at most {LONGEST:,} characters.")
    found = _HEAD.match(line)
    if found is None:
        raise _refused(
            None,
            "A declaration begins with a name and a type.",
            "Such as: day date required min=2026-01-01",
        )
    name, kind = found[1], _kind(found[1], found[2])
    told: dict[str, Any] = {}
    for word, values in _words(line, found.end(), name, kind):
        attribute, value = _meant(name, kind, word, values)
        if attribute in told:
            raise _refused(name, f"It says {word} although that is said already.")
        told[attribute] = value
    told.setdefault("required", "default" not in told)
    return ParameterSpec(name=name, param_type=kind, **told)


def declaration(spec: ParameterSpec) -> str:
    """Return the line that declares a parameter; reading it gives an equal one."""
    parts = [spec.name, spec.param_type.value]
    if spec.required:
        parts.append("required")
    elif spec.default is None:
        parts.append("optional")
    usual = ParameterSpec(name=spec.name, param_type=spec.param_type)
    for word, attribute in RULES.items():
        value = getattr(spec, attribute)
        if value != getattr(usual, attribute):
            parts.append(f"{word}={_written(value)}")
    return " ".join([*parts, *(["logged"] if spec.logged else [])])


# Reading


def _kind(name: str, word: str) -> ParameterType:
    try:
        return ParameterType(word.lower())
    except ValueError:
        raise _refused(
            name, "Its type is none of those there are.", f"Types: {', '.join(TYPES)}."
        ) from None


def _words(
    line: str, place: int, name: str, kind: ParameterType
) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """Yield each word behind the type, with its values; None where there is no `=`."""
    while place < len(line):
        found = _WORD.match(line, place)
        if found is None:
            raise _refused(name, "Behind its type stand only flags and rules.", _known())
        word, place, values = found[1].lower(), found.end(), None
        if found[2]:
            values, place = _values(line, place, name, several=_several(word, kind))
        if place < len(line) and not line[place].isspace():
            raise _refused(name, f"What follows {word} is not parted from it.", _QUOTING)
        yield word, values
        while place < len(line) and line[place].isspace():
            place += 1


def _several(word: str, kind: ParameterType) -> bool:
    return word == "allowed" or (word == "default" and kind in _ITEMS_OF)


def _values(line: str, place: int, name: str, *, several: bool) -> tuple[tuple[str, ...], int]:
    """Return the values from a place on, and where they end."""
    if several and (place == len(line) or line[place].isspace()):
        return (), place
    found: list[str] = []
    while True:
        value, place = _value(line, place, name, _BARE_ITEM if several else _BARE)
        found.append(value)
        if not several or line[place : place + 1] != ",":
            return tuple(found), place
        place += 1


def _value(line: str, place: int, name: str, bare: re.Pattern[str]) -> tuple[str, int]:
    """Return one value, its quotes taken off, and where it ends."""
    if line[place : place + 1] == "'":
        single = _SINGLE.match(line, place)
        if single is not None:
            return single[1].replace("''", "'"), single.end()
    elif line[place : place + 1] == '"':
        double = _DOUBLE.match(line, place)
        if double is not None:
            return _unescaped(name, double[0]), double.end()
    else:
        plain = bare.match(line, place)
        assert plain is not None  # noqa: S101 - the pattern matches nothing, too
        return plain[0], plain.end()
    raise _refused(name, "A quote is not closed.", _QUOTING)


def _unescaped(name: str, quoted: str) -> str:
    try:
        return str(json.loads(quoted))
    except ValueError:
        raise _refused(
            name,
            "What stands in double quotes is not a JSON string.",
            "In single quotes a backslash is itself.",
        ) from None


def _meant(
    name: str, kind: ParameterType, word: str, values: tuple[str, ...] | None
) -> tuple[str, Any]:
    """Return the attribute that a word sets, and to what."""
    if word in FLAGS and values is None:
        return ("logged", True) if word == "logged" else ("required", word == "required")
    attribute = RULES.get(word)
    if attribute is None:
        raise _refused(name, "It has a word that is neither flag nor rule.", _known())
    if values is None:
        raise _refused(name, f"{word} is said without a value.", f"Such as: {word}=…")
    if attribute in {"description", "pattern", "zone"}:
        return attribute, values[0]
    if attribute in {"max_length", "max_items"}:
        return attribute, _typed(name, word, ParameterType.INTEGER, values[0])
    inner = _ITEMS_OF.get(kind, kind)
    typed = tuple(_typed(name, word, inner, value) for value in values)
    if attribute == "allowed_values":
        if not typed:  # a rule that was left empty would let every value in
            raise _refused(name, "allowed is said without a value.", "The empty text is ''.")
        return attribute, typed
    return attribute, list(typed) if _several(word, kind) else typed[0]


def _typed(name: str, word: str, kind: ParameterType, value: str) -> Any:
    """Return a value as JSON has one of that type; dates, timestamps and UUIDs stay text."""
    read = _READ.get(kind)
    found = value if read is None else read(value)
    if found is None:
        raise _refused(name, f"What {word} says is not a value of type {kind.value}.")
    return found


def _number(value: str) -> float | None:
    if _INTEGER.fullmatch(value):
        return int(value)
    return float(value) if _NUMBER.fullmatch(value) else None


_READ: Final[Mapping[ParameterType, Callable[[str], Any]]] = {
    ParameterType.INTEGER: lambda value: int(value) if _INTEGER.fullmatch(value) else None,
    ParameterType.FLOAT: _number,
    ParameterType.BOOLEAN: lambda value: _BOOLEANS.get(value.lower()),
}

_QUOTING: Final = "A value with blanks stands in quotes: allowed=open,'in work'"


def _known() -> str:
    return f"Flags: {', '.join(FLAGS)}. Rules: {'=, '.join(RULES)}=."


def _refused(name: str | None, message: str, hint: str = "") -> SqlGatewayError:
    return SqlGatewayError(message, hint=hint, field=name, code="invalid_declaration")


# Writing


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(_quoted(one) for one in value)
    return _quoted(value)


def _quoted(value: Any) -> str:
    """Return one value, in quotes where it would not be read as one without them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    said = str(value)
    if not said.isprintable():
        return json.dumps(said)
    plain = said and not any(mark.isspace() or mark in ",'\"" for mark in said)
    return said if plain else "'" + said.replace("'", "''") + "'"
