"""What may be said of an integration, as pydantic models: the one validation of every way in.

Forms, flags, calls from code and documents all end here. The bounds and labels are those of the
declared fields (fields.py); what a provider asks for besides is checked by its own declarations.

Imported inside the functions that validate, never by what only reads; see `engine.shapes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticKnownError

from engine.fields import INTERVAL
from engine.integrations.fields import (
    COMMON,
    DEFAULT_MODEL,
    MAX_BUDGET_CENTS,
    MAX_RPM,
    MAX_TOKENS,
    NAME,
)
from engine.shapes import Shape, Text, line, whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_SETTING = 2048


def _unlimited(value: object) -> object:
    return 0 if value is None else whole_number(value)


def _setting(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise PydanticKnownError("string_type")
    text = str(value)
    if not text.strip():
        return ""
    return line("It", maximum=_LONGEST_SETTING)(text)


def _settings(value: object) -> object:
    return {} if value is None else value


Name = Annotated[Text, AfterValidator(line("The name", maximum=NAME.maximum or 0))]
Model = Annotated[
    Text, AfterValidator(line("The default model", maximum=DEFAULT_MODEL.maximum or 0))
]
Setting = Annotated[Text, BeforeValidator(_setting)]


class IntegrationShape(Shape):
    """What the shapes of an integration call its fields."""

    LABELS: ClassVar[Mapping[str, str]] = {spec.name: spec.label for spec in COMMON} | {
        "base_url": "The base URL",
        "config": "The provider's fields",
        "credential_ref": "The credential reference",
        "provider_type": "The provider",
        "kind": "The kind",
    }
    HINTS: ClassVar[Mapping[str, str]] = {spec.name: spec.help for spec in COMMON}


class CommonFields(IntegrationShape):
    """The fields that every integration has. A limit of 0, or none, is unlimited."""

    name: Name = ""
    default_model: Model | None = None
    budget_limit_cents: Annotated[
        int, Field(ge=0, le=MAX_BUDGET_CENTS), BeforeValidator(_unlimited)
    ] = 0
    token_limit_month: Annotated[int, Field(ge=0, le=MAX_TOKENS), BeforeValidator(_unlimited)] = 0
    rate_limit_rpm: Annotated[int, Field(ge=0, le=MAX_RPM), BeforeValidator(_unlimited)] = 0
    interval_s: (
        Annotated[
            int, Field(ge=INTERVAL.minimum, le=INTERVAL.maximum), BeforeValidator(whole_number)
        ]
        | None
    ) = None


class PlaceFields(IntegrationShape):
    """Where its API is: the base URL, and the provider's own fields as texts."""

    base_url: Text | None = None
    config: Annotated[dict[Text, Setting], BeforeValidator(_settings)] = Field(default_factory=dict)
