"""What may be said of an integration: each value checked before it comes near the database.

The common fields are declared in fields.py, a provider's own beside the provider.
Every refusal is one sentence with the `field` to blame, and repeats no secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import InvalidInput
from engine.integrations.fields import DEFAULT_MODEL, INTERVAL, LIMITS
from engine.text import MAX_NAME, require_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields import FieldSpec
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

    Raises:
        InvalidInput: A value cannot be used; `field` names it.
    """
    cleaned: dict[str, object] = {}
    if "name" in values:
        cleaned["name"] = require_line(values["name"], "The name", "name")
    if "default_model" in values:
        cleaned["default_model"] = _optional_line(DEFAULT_MODEL, values["default_model"])
    for spec in LIMITS:
        if spec.name in values:
            cleaned[spec.name] = _whole(spec, values[spec.name]) or 0
    if "interval_s" in values:
        cleaned["interval_s"] = _whole(INTERVAL, values["interval_s"])
    return cleaned


def clean_place(
    provider: Provider, base_url: object, config: object
) -> tuple[str | None, dict[str, str]]:
    """Return base URL and the provider's own fields, ready to be stored.

    Raises:
        InvalidInput: A value cannot be used; `field` names it.
    """
    if base_url is not None and not isinstance(base_url, str):
        raise InvalidInput("The base URL must be text.", field="base_url")
    if config is not None and not isinstance(config, dict):
        raise InvalidInput("The provider's fields must be names with values.", field="config")
    given: dict[str, object] = {str(name): value for name, value in (config or {}).items()}
    for name, value in given.items():
        if isinstance(value, str) and value.strip():
            require_line(value, f"The field {name[:40]}", name, maximum=2048)
    return provider.clean(base_url=base_url, config=given)


def refuse_unknown(changes: Mapping[str, object]) -> None:
    """Raise InvalidInput when `changes` has a key that no integration has."""
    for name in changes:
        if name not in CHANGEABLE:
            raise InvalidInput(
                f"An integration has no field {name[:40]!r} that could be changed.",
                hint="Its fields: " + ", ".join(CHANGEABLE),
                field=name,
            )


def _optional_line(spec: FieldSpec, value: object) -> str | None:
    if value is None or value == "":
        return None
    return require_line(value, f"The {spec.label.lower()}", spec.name, maximum=MAX_NAME)


def _whole(spec: FieldSpec, value: object) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise InvalidInput(f"{spec.label} must be a whole number.", field=spec.name)
    try:
        text = str(value)
    except ValueError:  # Python writes out no more than 4,300 digits
        raise InvalidInput(f"{spec.label} is far too large.", field=spec.name) from None
    problem = spec.problem(text)
    if problem:
        raise InvalidInput(problem, hint=spec.help, field=spec.name)
    return int(text) if text.strip() else None
