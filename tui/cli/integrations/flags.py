"""The flags of `integrations add|edit`, made from the same declared fields as the form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from engine.integrations.fields import COMMON, LIMITS
from engine.integrations.providers import known_providers
from tui.cli.options import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.fields import FieldSpec

BASE_URL = "base_url"
LIMIT_FLAGS = tuple(spec.flag for spec in LIMITS)


def provider_fields() -> dict[str, tuple[FieldSpec, tuple[str, ...]]]:
    """Return every field that some provider has: its declaration, and whose it is.

    Secrets are left out: they are never a flag's value.
    """
    found: dict[str, tuple[FieldSpec, tuple[str, ...]]] = {}
    for provider in known_providers():
        for spec in provider.fields:
            if not spec.secret:
                first, names = found.get(spec.name, (spec, ()))
                found[spec.name] = (first, (*names, provider.name))
    return found


def field_options(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add a flag for every field of an integration.

    Args:
        required: Whether what is required to make one must be given (it need not be to edit).
    """

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        own = provider_fields()
        everyone = len(known_providers())
        for spec, names in reversed(own.values()):
            where = "" if len(names) == everyone else f"[{', '.join(names)}] "
            # Required by one provider is not required by all; the engine says what is missing.
            function = _option(spec, help=where + spec.help, required=False)(function)
        for spec in reversed(COMMON):
            function = _option(spec, help=spec.help, required=required and spec.required)(function)
        return function

    return add


def provider_panel() -> tuple[str, ...]:
    """Return the flags that belong to providers."""
    return tuple(spec.flag for spec, _ in provider_fields().values())


def _option(spec: FieldSpec, *, help: str, required: bool) -> Callable[..., Any]:  # noqa: A002
    kind: click.ParamType[str] = Words(spec.choices) if spec.kind == "choice" else click.STRING
    metavar = {"int": "N", "url": "URL", "text": "TEXT"}.get(spec.kind)
    return click.option(
        spec.flag, spec.name, type=kind, metavar=metavar, help=help, required=required
    )


def common_values(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that every integration has, as typed values; only those that were given.

    An empty text takes a value away. Raises InvalidInput naming the field.
    """
    values: dict[str, Any] = {}
    for spec in COMMON:
        text = told.get(spec.name)
        if text is None:
            continue
        problem = spec.problem(text)
        if problem:
            raise InvalidInput(problem, hint=spec.help, field=spec.name)
        values[spec.name] = _typed(spec, text.strip())
    if told.get(BASE_URL) is not None:
        values[BASE_URL] = told[BASE_URL].strip() or None
    return values


def _typed(spec: FieldSpec, text: str) -> str | int | None:
    if not text:
        return int(spec.default) if spec.kind == "int" and spec.default else None
    return int(text) if spec.kind == "int" else text


def config_values(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the providers' own fields that were given."""
    return {
        name: told[name]
        for name in provider_fields()
        if name != BASE_URL and told.get(name) is not None
    }
