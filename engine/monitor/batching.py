"""Results on their way to the database: collected until there are enough, or long enough. Pure."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")

MAX_ROWS = 500
MAX_AGE_S = 0.25


class Batch(Generic[T]):
    """Rows in the order in which they came; the oldest waits at most `max_age_s`.

    Rows are kept until they are confirmed: what could not be written is offered again.
    """

    def __init__(self, *, max_rows: int = MAX_ROWS, max_age_s: float = MAX_AGE_S) -> None:
        self._max_rows = max_rows
        self._max_age_s = max_age_s
        self._rows: list[T] = []
        self._since = 0.0

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: T, now: float) -> None:
        """Add a row; `now` is monotonic seconds."""
        if not self._rows:
            self._since = now
        self._rows.append(row)

    def ripe_in(self, now: float) -> float | None:
        """Return the seconds until the rows should be written; None without any."""
        if not self._rows:
            return None
        if len(self._rows) >= self._max_rows:
            return 0.0
        return max(0.0, self._since + self._max_age_s - now)

    def offer(self) -> list[T]:
        """Return the rows to write next, at most `max_rows`; they stay until confirmed."""
        return self._rows[: self._max_rows]

    def confirm(self, count: int, now: float) -> None:
        """Let go of the first `count` rows: they are safe."""
        del self._rows[:count]
        self._since = now
