"""Where identifiers come from: an injected maker, random in life and counted in pictures."""

from __future__ import annotations

import uuid
from typing import Protocol


class IdMaker(Protocol):
    """Makes a new identifier at each call."""

    def __call__(self) -> str:
        """Return an identifier that was not given before."""
        ...


def random_id() -> str:
    """Return a random UUID (version 4) as text."""
    return str(uuid.uuid4())


class CountingIds:
    """Identifiers that count up and look like UUIDs, the same in every run."""

    def __init__(self, start: int = 1) -> None:
        self._next = start

    def __call__(self) -> str:
        """Return the next identifier."""
        number, self._next = self._next, self._next + 1
        return str(uuid.UUID(int=number))
