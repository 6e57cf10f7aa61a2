"""What may be said of an integration, as pydantic models: the one validation of every way in.

Forms, flags, calls from code and documents all end here. The bounds and labels are those of the
declared fields (fields.py); what a provider asks for besides is checked by its own declarations.

Importing pydantic costs 90 ms, so this module is imported inside the functions that validate,
never by what only reads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from engine.errors import InvalidInput
from engine.integrations.fields import (
    COMMON,
    DEFAULT_MODEL,
    INTERVAL,
    MAX_BUDGET_CENTS,
    MAX_RPM,
    MAX_TOKENS,
)
from engine.text import require_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)

SENTENCE = "sentence"
"""The type of errors whose message is a finished sentence already."""
_LONGEST_SETTING = 2048
_WHOLE = re.compile(r"\s*-?[0-9]+\s*")
_LABELS = {spec.name: spec.label for spec in COMMON} | {
    "base_url": "The base URL",
    "config": "The provider's fields",
    "credential_ref": "The credential reference",
    "provider_type": "The provider",
    "kind": "The kind",
}
_SPECS = {spec.name: spec for spec in COMMON}
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
    "missing": "is missing",
}


def sentence(message: str) -> PydanticCustomError:
    """Return an error for a validator to raise whose message is `message`, braces and all."""
    return PydanticCustomError(SENTENCE, "{sentence}", {"sentence": message})


def _line(label: str, *, maximum: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        try:
            return require_line(text, label, "", maximum=maximum)
        except InvalidInput as error:
            raise sentence(error.message) from None

    return check


def _number(value: object) -> object:
    # Else 1.0, True, "1_000" and other scripts' digits would pass for whole numbers.
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise PydanticKnownError("int_type")
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise PydanticKnownError("int_type")
    return value


def _unlimited(value: object) -> object:
    return 0 if value is None else _number(value)


def _setting(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise PydanticKnownError("string_type")
    text = str(value)
    if not text.strip():
        return ""
    return _line("It", maximum=_LONGEST_SETTING)(text)


def _settings(value: object) -> object:
    return {} if value is None else value


Text = Annotated[str, Strict()]
Name = Annotated[Text, AfterValidator(_line("The name", maximum=_SPECS["name"].maximum or 0))]
Model = Annotated[
    Text, AfterValidator(_line("The default model", maximum=DEFAULT_MODEL.maximum or 0))
]
Setting = Annotated[Text, BeforeValidator(_setting)]


class CommonFields(BaseModel):
    """The fields that every integration has. A limit of 0, or none, is unlimited."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Name = ""
    default_model: Model | None = None
    budget_limit_cents: Annotated[
        int, Field(ge=0, le=MAX_BUDGET_CENTS), BeforeValidator(_unlimited)
    ] = 0
    token_limit_month: Annotated[int, Field(ge=0, le=MAX_TOKENS), BeforeValidator(_unlimited)] = 0
    rate_limit_rpm: Annotated[int, Field(ge=0, le=MAX_RPM), BeforeValidator(_unlimited)] = 0
    interval_s: (
        Annotated[int, Field(ge=INTERVAL.minimum, le=INTERVAL.maximum), BeforeValidator(_number)]
        | None
    ) = None


class PlaceFields(BaseModel):
    """Where its API is: the base URL, and the provider's own fields as texts."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    base_url: Text | None = None
    config: Annotated[dict[Text, Setting], BeforeValidator(_settings)] = Field(default_factory=dict)


def checked(model: type[M], values: Mapping[str, object]) -> M:
    """Return the validated model.

    Raises:
        InvalidInput: A value cannot be used; `field` names it and the sentence does not repeat it.
    """
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        found = details(error)[0]
        path = path_of(found)
        spec = _SPECS.get(path[0])
        hint = spec.help if spec else ""
        raise InvalidInput(message_of(found), hint=hint, field=path[-1]) from None


def details(error: ValidationError) -> list[ErrorDetails]:
    """Return what is wrong, without the values themselves: one of them may be a key."""
    return error.errors(include_url=False, include_input=False)


def path_of(found: ErrorDetails) -> tuple[str, ...]:
    """Return the names that lead to the field, outermost first."""
    return tuple(str(part)[:40] for part in found["loc"] if part != "[key]") or ("",)


def message_of(found: ErrorDetails) -> str:
    """Return one sentence for people that says what is wrong with the field."""
    name = path_of(found)[-1]
    label = _LABELS.get(name) or (f"The field {name}" if name else "It")
    context: dict[str, Any] = found.get("ctx") or {}
    if found["type"] == SENTENCE:
        return _spoken(str(context["sentence"]), label)
    rest = _REST.get(found["type"], "cannot be used")
    return f"{label} {rest.format(**context)}."


def _spoken(text: str, label: str) -> str:
    """Put the label where a setting's sentence could only say `It`."""
    return label + text.removeprefix("It") if text.startswith("It ") else text
