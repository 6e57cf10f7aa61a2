"""What may be said of an integration: each value checked before it comes near the database.

The common fields are declared in fields.py and validated by shapes.py; a provider's own are
declared and validated beside the provider. Every refusal is one sentence with the `field` to
blame, and repeats no secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.integrations.providers import Provider

# What `update_integration` takes; everything else is a mistake of the caller and said so.
CHANGEABLE = (
    "name",
    "provider_type",
    "credential_ref",
    "secret",
    "base_url",
    "config",
    "default_model",
    "budget_limit_cents",
    "token_limit_month",
    "rate_limit_rpm",
    "interval_s",
)


def clean_common(values: Mapping[str, object]) -> dict[str, object]:
    """Return those of the common fields that are among `values`, ready to be stored.

    An empty text takes an optional value away, as it does in a form.

    Raises:
        InvalidInput: A value cannot be used; `field` names it.
    """
    # pydantic must not be paid for by those who only read.
    from engine.integrations.shapes import CommonFields
    from engine.shapes import checked

    given = {name: values[name] for name in CommonFields.model_fields if name in values}
    told = {name: _emptied(name, value) for name, value in given.items()}
    return checked(CommonFields, told).model_dump(include=set(told))


def clean_place(
    provider: Provider, base_url: object, config: object
) -> tuple[str | None, dict[str, str]]:
    """Return base URL and the provider's own fields, ready to be stored.

    Raises:
        InvalidInput: A value cannot be used; `field` names it.
    """
    from engine.integrations.shapes import PlaceFields
    from engine.shapes import checked

    place = checked(PlaceFields, {"base_url": base_url, "config": config})
    return provider.clean(base_url=place.base_url, config=place.config)


def refuse_unknown(changes: Mapping[str, object]) -> None:
    """Raise InvalidInput when `changes` has a key that no integration has."""
    for name in changes:
        if name not in CHANGEABLE:
            raise InvalidInput(
                f"An integration has no field {name[:40]!r} that could be changed.",
                hint="Its fields: " + ", ".join(CHANGEABLE),
                field=name,
            )


def refuse_both(secret: object, credential_ref: object) -> None:
    """Raise InvalidInput when both a secret in the open and a reference to one are given."""
    if secret is not None and credential_ref:
        raise InvalidInput(
            "Give either the credential itself or a reference to it, not both.",
            field="credential_ref",
        )


def _emptied(name: str, value: object) -> object:
    blank = isinstance(value, str) and not value.strip()
    return None if blank and name != "name" else value
