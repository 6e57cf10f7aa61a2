"""What every pydantic model of the house shares: kinds of values, and refusals as sentences.

Importing pydantic costs 90 ms, so this module is imported inside the functions that validate,
never by what only reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Strict, ValidationError
from pydantic_core import PydanticCustomError, PydanticKnownError

from engine.errors import InvalidInput
from engine.text import require_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import ErrorDetails

S = TypeVar("S", bound="Shape")

SENTENCE = "sentence"
"""The type of errors whose message is a finished sentence already."""
_WHOLE = re.compile(r"\s*-?[0-9]+\s*")
_NOT_WHOLE = "must be a whole number"
# What follows the label, by pydantic's type of error (https://docs.pydantic.dev/latest/errors).
_REST = {
    "int_type": _NOT_WHOLE,
    "int_parsing": _NOT_WHOLE,
    "int_parsing_size": "is far too large",
    "greater_than_equal": "must be at least {ge:,}",
    "less_than_equal": "must be at most {le:,}",
    "string_type": "must be text",
    "string_unicode": "must be text",
    "bool_type": "must be true or false",
    "dict_type": "must be names with values",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "too_long": "must have at most {max_length:,} entries",
    "missing": "is missing",
}

Text = Annotated[str, Strict()]


class Shape(BaseModel):
    """A model of what may be said of a thing.

    `LABELS` are what sentences call a field (`The name`), `HINTS` what to do about it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    LABELS: ClassVar[Mapping[str, str]] = {}
    HINTS: ClassVar[Mapping[str, str]] = {}


def sentence(message: str) -> PydanticCustomError:
    """Return an error for a validator to raise whose message is `message`, braces and all."""
    return PydanticCustomError(SENTENCE, "{sentence}", {"sentence": message})


def line(label: str, *, maximum: int) -> Callable[[str], str]:
    """Return a validator of one line of text; see `engine.text.require_line`."""

    def check(text: str) -> str:
        try:
            return require_line(text, label, "", maximum=maximum)
        except InvalidInput as error:
            raise sentence(error.message) from None

    return check


def whole_number(value: object) -> object:
    """Let whole numbers and their digits pass, for pydantic to convert and bound them."""
    # Else 1.0, True, "1_000" and other scripts' digits would pass for whole numbers.
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise PydanticKnownError("int_type")
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise PydanticKnownError("int_type")
    return value


def checked(model: type[S], values: Mapping[str, object]) -> S:
    """Return the validated model.

    Raises:
        InvalidInput: A value cannot be used; `field` names it and the sentence does not repeat it.
    """
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        found = details(error)[0]
        path = path_of(found)
        hint = model.HINTS.get(path[0], "")
        raise InvalidInput(message_of(found, model.LABELS), hint=hint, field=path[-1]) from None


def details(error: ValidationError) -> list[ErrorDetails]:
    """Return what is wrong, without the values themselves: one of them may be a key."""
    return error.errors(include_url=False, include_input=False)


def path_of(found: ErrorDetails) -> tuple[str, ...]:
    """Return the names that lead to the field, outermost first."""
    return tuple(str(part)[:40] for part in found["loc"] if part != "[key]") or ("",)


def message_of(found: ErrorDetails, labels: Mapping[str, str]) -> str:
    """Return one sentence for people that says what is wrong with the field."""
    name = path_of(found)[-1]
    label = labels.get(name) or (f"The field {name}" if name else "It")
    context: dict[str, Any] = found.get("ctx") or {}
    if found["type"] == SENTENCE:
        return _spoken(str(context["sentence"]), label)
    rest = _REST.get(found["type"], "cannot be used")
    return f"{label} {rest.format(**context)}."


def _spoken(text: str, label: str) -> str:
    """Put the label where a value's sentence could only say `It`."""
    return label + text.removeprefix("It") if text.startswith("It ") else text
