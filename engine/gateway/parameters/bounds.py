"""What a declaration demands of a value that is of its type already."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine.gateway.model import ParameterType
from engine.gateway.parameters.patterns import pattern_of
from engine.gateway.parameters.refusing import Unfit
from engine.gateway.parameters.scalars import scalar

if TYPE_CHECKING:
    from engine.gateway.model import ParameterSpec

MAX_MATCHED = 10_000
"""Characters of a text that is held against a pattern."""


def check_bounds(spec: ParameterSpec, kind: ParameterType, value: Any) -> None:
    """Refuse a value that is too small, too great, too long, not allowed or of another shape.

    Args:
        spec: The declaration.
        kind: The type of one value; a list's is that of its values.
        value: As `scalar` returned it.

    Raises:
        Unfit: Why; the demand is told, the value is not.
    """
    _check_range(spec, kind, value)
    if kind is ParameterType.STRING:
        _check_text(spec, value)
    if spec.allowed_values and value not in _bounds(kind, spec.zone, tuple(spec.allowed_values)):
        raise Unfit("is not one of its allowed values")


def _check_range(spec: ParameterSpec, kind: ParameterType, value: Any) -> None:
    if spec.min_value is not None:
        (least,) = _bounds(kind, spec.zone, (spec.min_value,))
        if value < least:
            raise Unfit(f"must be at least {spec.min_value}")
    if spec.max_value is not None:
        (greatest,) = _bounds(kind, spec.zone, (spec.max_value,))
        if value > greatest:
            raise Unfit(f"must be at most {spec.max_value}")


def _check_text(spec: ParameterSpec, value: str) -> None:
    if spec.max_length is not None and len(value) > spec.max_length:
        raise Unfit(f"must be at most {spec.max_length:,} characters long")
    if spec.pattern is None:
        return
    if len(value) > MAX_MATCHED:
        raise Unfit(f"must be at most {MAX_MATCHED:,} characters long")
    if not pattern_of(spec.pattern).matches(value):
        raise Unfit("does not match its pattern", f"The whole text must match {spec.pattern}")


@lru_cache(maxsize=512, typed=True)
def _bounds(kind: ParameterType, zone: str | None, told: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what a declaration names, as values; read once, not at each run."""
    return tuple(scalar(kind, one, zone) for one in told)
