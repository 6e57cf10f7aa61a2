"""Flags made from declared fields, so that neither form nor command line lacks one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from tui.cli.options import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.fields import FieldSpec

METAVARS = {"int": "N", "url": "URL", "text": "TEXT"}


def option_of(spec: FieldSpec, *, help: str, required: bool) -> Callable[..., Any]:  # noqa: A002 - click's word
    """Return the decorator that adds the flag of one field."""
    kind: click.ParamType[str] = Words(spec.choices) if spec.kind == "choice" else click.STRING
    return click.option(
        spec.flag,
        spec.name,
        type=kind,
        metavar=METAVARS.get(spec.kind),
        help=help,
        required=required,
    )


def options_of(specs: Sequence[FieldSpec]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the decorator that adds a flag for each field; none of them must be given."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for spec in reversed(specs):
            function = option_of(spec, help=spec.help or f"{spec.label}.", required=False)(function)
        return function

    return add


def values_of(specs: Sequence[FieldSpec], told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was told of these fields, as typed values.

    An empty text takes a value away.

    Raises:
        InvalidInput: A value does not fit its field.
    """
    values: dict[str, Any] = {}
    for spec in specs:
        text = told.get(spec.name)
        if text is None:
            continue
        if problem := spec.problem(text):
            raise InvalidInput(problem, hint=spec.help, field=spec.name)
        values[spec.name] = _typed(spec, text.strip())
    return values


def _typed(spec: FieldSpec, text: str) -> str | int | None:
    if not text:
        return int(spec.default) if spec.kind == "int" and spec.default else None
    return int(text) if spec.kind == "int" else text


def pairs_of(flag: str, words: Sequence[str]) -> dict[str, str]:
    """Return `NAME=VALUE` words as a mapping; an empty value takes a name away.

    Raises:
        InvalidInput: One has no `=`, or no name before it. It is not repeated: it may be a key.
    """
    pairs: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.strip():
            raise InvalidInput(
                f"--{flag} takes NAME=VALUE.",
                hint=f"Such as --{flag} region=eu-west-1.",
                field=flag,
            )
        pairs[name.strip()] = value
    return pairs
