"""The window of rows that a table holds: what to ask for next, and where answers belong. Pure.

Row numbers are exact where the window was reached from the start, and corrected wherever an end
of the list is met; in between, rows that others insert may shift them, which nobody notices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.widgets.row_source import Ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.widgets.row_source import Row

PAGE = 100
"""Rows in one answer: two to four screens, so that paging ahead is one request a screen."""

KEPT = 400
"""Rows held at once; a window never grows with the list."""


class Window:
    """Consecutive rows from row number `first` on; `total` is None while it is not known."""

    def __init__(self) -> None:
        self.first = 0
        self.rows: list[Row] = []
        self.total: int | None = None
        self._last_known = False

    @property
    def end(self) -> int:
        """The number of the row after the last one held."""
        return self.first + len(self.rows)

    @property
    def length(self) -> int:
        """How many rows the list has, as far as it is known."""
        return self.end if self.total is None else max(self.total, self.end)

    @property
    def is_whole(self) -> bool:
        """Whether it holds every row of the list, as far as it is known."""
        return self.first == 0 and self._complete_below()

    def row(self, index: int) -> Row | None:
        """Return the row with this number, None while it is not held."""
        return self.rows[index - self.first] if self.first <= index < self.end else None

    def index(self, key: str) -> int | None:
        """Return the number of the row with this key, None while it is not held."""
        for place, row in enumerate(self.rows):
            if row.key == key:
                return self.first + place
        return None

    def wanted(self, top: int, height: int) -> Ask | None:
        """Return what to ask for when rows from `top` on are in sight, None if nothing."""
        bottom = min(top + height, self.length)
        if not self.rows:
            return Ask(position="start", limit=PAGE) if self.total != 0 else None
        if bottom <= self.first or top >= self.end:
            return self._far(top, height)
        if bottom + height > self.end and not self._complete_below():
            return Ask(position="after", limit=PAGE, anchor=self.rows[-1].anchor)
        if top - height < self.first and self.first > 0:
            return Ask(position="before", limit=PAGE, anchor=self.rows[0].anchor)
        return None

    def _complete_below(self) -> bool:
        return self._last_known if self.total is None else self.end >= self.total

    def _far(self, top: int, height: int) -> Ask:
        if top <= PAGE:
            return Ask(position="start", limit=PAGE + height)
        if top + height + PAGE >= self.length:
            return Ask(position="end", limit=PAGE + height)
        return Ask(position="at", limit=PAGE, offset=max(0, top - (PAGE - height) // 2))

    def again(self, top: int, height: int) -> Ask:
        """Return what to ask for to have the rows in sight afresh, by key where possible."""
        if top <= height or not self.rows or self.first > top:
            return Ask(position="start", limit=max(PAGE, top + 2 * height))
        if self.total is not None and top + 2 * height >= self.total:
            return Ask(position="end", limit=PAGE + height)
        before = min(max(0, top - height - self.first), len(self.rows) - 1)
        return Ask(
            position="after",
            limit=PAGE + height,
            anchor=self.rows[before].anchor,
            offset=self.first + before + 1,
        )

    def reach(self, top: int, height: int) -> int:
        """Return how many rows from the first on hold all that `again()` asks for."""
        ask = self.again(top, height)
        return self.length if ask.position == "end" else ask.offset + ask.limit

    def replace(self, ask: Ask, rows: Sequence[Row]) -> None:
        """Take the answer to `again()` or to a far jump in place of what is held."""
        self.rows = list(rows)
        short = len(rows) < ask.limit
        match ask.position:
            case "start":
                self.first = 0
            case "end":
                self.first = 0 if short else max(0, self.length_known() - len(rows))
            case _:
                self.first = ask.offset
        self._note_end(short=short and ask.position != "before")

    def length_known(self) -> int:
        """Return the total, or what is held where it was never counted."""
        return len(self.rows) if self.total is None else self.total

    def take(self, ask: Ask, rows: Sequence[Row]) -> int:
        """Take an answer to `wanted()`; return by how much row numbers moved (mostly 0)."""
        if ask.position == "after":
            self.rows.extend(rows)
            self._note_end(short=len(rows) < ask.limit)
            self._trim_top()
            return 0
        if ask.position == "before":
            return self._take_before(ask, rows)
        self.replace(ask, rows)
        return 0

    def _take_before(self, ask: Ask, rows: Sequence[Row]) -> int:
        expected = self.first
        self.rows[:0] = rows
        met_start = len(rows) < ask.limit
        self.first = 0 if met_start else max(1, expected - len(rows))
        shift = self.first + len(rows) - expected
        if shift and self.total is not None:
            self.total += shift
        del self.rows[KEPT:]
        return shift

    def _note_end(self, *, short: bool) -> None:
        self._last_known = short
        if short and (self.rows or self.first == 0):
            self.total = self.end

    def _trim_top(self) -> None:
        extra = len(self.rows) - KEPT
        if extra > 0:
            del self.rows[:extra]
            self.first += extra

    def counted(self, total: int | None) -> None:
        """Take the source's count; an end that was met knows better."""
        if total is not None and not self._last_known:
            shift = total - self.total if self.total is not None and self._at_end() else 0
            self.total = total
            self.first = max(0, self.first + shift)

    def _at_end(self) -> bool:
        return bool(self.rows) and self.first > 0 and self.end == self.total
