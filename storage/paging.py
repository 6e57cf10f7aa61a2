"""Pages of a list: where one starts, and what it holds. Knows no SQL and imports nothing heavy.

Every list has a total order that ends in something unique, so a row's place is a *key*: the
values it is sorted by, then its number. Going on after a key costs the same on the first page
and on the five-hundredth; only `at(offset)` has to count its way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

Key: TypeAlias = "tuple[str | int | float, ...]"
Row = TypeVar("Row")


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """Where a page starts. Make one with `start`, `end`, `after`, `before` or `at`."""

    place: Literal["start", "end", "after", "before", "at"] = "start"
    key: Key = ()
    offset: int = 0

    @property
    def backwards(self) -> bool:
        """Whether the page is read from its last row upwards."""
        return self.place in {"end", "before"}


def start() -> Anchor:
    """The first rows of the list."""
    return Anchor()


def end() -> Anchor:
    """The last rows of the list, in the list's own order."""
    return Anchor(place="end")


def after(key: Key) -> Anchor:
    """The rows that follow the one with this key, whether or not it still exists."""
    return Anchor(place="after", key=tuple(key))


def before(key: Key) -> Anchor:
    """The rows right before the one with this key, in the list's own order."""
    return Anchor(place="before", key=tuple(key))


def at(offset: int) -> Anchor:
    """The rows from the one at this place on, counted from 0."""
    return Anchor(place="at", offset=max(0, offset))


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[Row]):
    """Some neighbouring rows of a list, and each one's key for going on from it."""

    rows: tuple[Row, ...]
    keys: tuple[Key, ...]
    total: int | None = None
