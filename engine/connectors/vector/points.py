"""Vectors with what belongs to them, as every store here knows them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.connectors.base import refuse
from engine.jsonable import JsonRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, kw_only=True, slots=True)
class Point(JsonRecord):
    """A vector to be kept: its id, its numbers, and what is known of it beside."""

    id: str
    vector: Sequence[float]
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Match(JsonRecord):
    """A vector that was found.

    Attributes:
        id: Its id.
        score: How near it is, as the store counts: for cosine, 1 is the same direction.
        payload: What is known of it beside.
    """

    id: str
    score: float
    payload: Mapping[str, Any] = field(default_factory=dict)


def require_vector(vector: Sequence[float], dimension: int) -> list[float]:
    """Return a vector of so many finite numbers.

    Raises:
        ConnectorError: It is none.
    """
    if len(vector) != dimension:
        raise refuse(
            "invalid_vector",
            f"The vector has {len(vector):,} numbers, and this connector's have {dimension:,}.",
            "Change the vector, or the connector's vector_dimension.",
        )
    numbers = [float(number) for number in vector]
    if not all(math.isfinite(number) for number in numbers):
        raise refuse("invalid_vector", "The vector has a number that is not finite.")
    return numbers
