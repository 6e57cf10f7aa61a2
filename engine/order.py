"""What a list is sorted by and how long its page may be: checked once for every concept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LIMIT = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What a page is sorted by and how long it may be; make one with `order_of`."""

    sort: str = "name"
    descending: bool = False
    limit: int = 100


def order_of(sort: str, *, among: Sequence[str], what: str, descending: bool, limit: int) -> Order:
    """Return the order of a page.

    Args:
        sort: What to sort by.
        among: What can be sorted by.
        what: What is sorted, such as `Sources`, for the sentence.
        descending: Whether the last comes first.
        limit: Rows at the most.

    Raises:
        InvalidInput: Nothing is sorted by that, or the limit is not 1 to 1,000.
    """
    if sort not in among:
        raise InvalidInput(
            f"{what} cannot be sorted by {sort[:40]!r}.",
            hint="Sort by " + ", ".join(among),
            field="sort",
        )
    require_limit(limit)
    return Order(sort=sort, descending=descending, limit=limit)


def require_limit(limit: int, maximum: int = MAX_LIMIT) -> None:
    """Raise InvalidInput when a page would have less than one row, or too many."""
    if not 1 <= limit <= maximum:
        raise InvalidInput(f"The limit must be from 1 to {maximum:,}.", field="limit")
