"""Holds a template's placeholders against its declared parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.gateway.judging.findings import Finding, at, named
from engine.gateway.judging.lexemes import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.gateway.judging.lexemes import Lexeme
    from engine.gateway.model import ParameterSpec


def judge_parameter_use(
    pieces: Sequence[Lexeme], parameters: Sequence[ParameterSpec]
) -> Iterator[Finding]:
    """Yield placeholders that nothing declares, and declared parameters that nothing uses."""
    used = [piece for piece in pieces if piece.kind == PLACEHOLDER]
    if used and used[0].text[0] == "$":
        yield from _by_position(used, parameters)
        return
    declared = {parameter.name for parameter in parameters}
    for piece in used:
        if piece.text[1:] not in declared:
            yield at(
                piece,
                "placeholder_not_declared",
                f"No parameter is declared for {named(piece.text)}.",
                "Declare it with its type, or take the placeholder out.",
            )
    names = {piece.text[1:] for piece in used}
    yield from _unused(parameter.name for parameter in parameters if parameter.name not in names)


def _by_position(used: Sequence[Lexeme], parameters: Sequence[ParameterSpec]) -> Iterator[Finding]:
    for piece in used:
        # A number of more digits than any list has entries is not made a number at all.
        position = int(piece.text[1:]) if len(piece.text) < 6 else 0  # noqa: PLR2004
        if not 1 <= position <= len(parameters):
            yield at(
                piece,
                "placeholder_not_declared",
                f"No parameter is declared for {named(piece.text)}.",
                "Placeholders by position run from $1 to the number of parameters.",
            )
    places = {piece.text for piece in used}
    yield from _unused(
        parameter.name
        for position, parameter in enumerate(parameters, 1)
        if f"${position}" not in places
    )


def _unused(names: Iterator[str]) -> Iterator[Finding]:
    for name in names:
        yield Finding(
            "parameter_not_used",
            f"The parameter {named(name)} is declared, and nothing in the SQL uses it.",
            "Use it, or take it out; a placeholder inside quotes is part of the text.",
        )
