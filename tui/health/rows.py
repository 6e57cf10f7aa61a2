"""From lamps to cells and to the live board's rows: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard, cast

from engine.health.model import ALL_WINDOWS
from engine.overall import is_stale
from engine.probes.states import SLOW_MS
from tui import text
from tui.theme import Glyphs, look
from tui.widgets.cells import Cell, Span, cell, lamp_cell
from tui.widgets.columns import Column, place
from tui.widgets.row_source import Row, slice_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime
    from typing import TypeAlias

    from engine.health.model import Board, BoardGroup, BoardRow, Lamp, Uptime
    from tui.theme import Tone
    from tui.widgets.row_source import Ask

    Uptimes: TypeAlias = Callable[[Sequence[int]], Awaitable[Mapping[int, Uptime]]]

COLUMNS = (
    Column(name="lamp", title="", width=1),
    Column(name="name", title="NAME", width=15, grow=3),
    Column(name="kind", title="KIND", width=11),
    Column(name="technology", title="TECHNOLOGY", width=10, grow=1, drop=3),
    Column(name="health", title="HEALTH", width=13, grow=1),
    Column(name="latency", title="LATENCY", width=8, right=True),
    Column(name="age", title="CHECKED", width=7, right=True),
    Column(name="since", title="SINCE", width=7, right=True, drop=4),
    Column(name="day", title="24 H", width=6, right=True),
    Column(name="week", title="7 D", width=6, right=True, drop=1),
    Column(name="month", title="30 D", width=6, right=True, drop=2),
    Column(name="quarter", title="90 D", width=6, right=True, drop=5),
    Column(name="year", title="365 D", width=6, right=True, drop=6),
)
"""The live board: a lamp, whose, what, why, how fast, how fresh, how dependable.

67 cells never go: all that fits beside story and scroll bar in 120 columns. The longest uptimes
come where it is much wider; the story has them everywhere.
"""


def windows_in(width: int) -> tuple[str, ...]:
    """Return the windows of uptime for which a table of so many cells has room."""
    # The table keeps a cell for the mark and one that stays free.
    shown = {placed.column.name for placed in place(COLUMNS, max(0, width - 2))}
    return tuple(name for name in ALL_WINDOWS if name in shown)


REASONS: Mapping[str, str] = {
    "auth_failed": "login refused",
    "access_denied": "access denied",
    "rate_limited": "rate limited",
    "credential_unreadable": "no credential",
    "address_blocked": "address blocked",
}
"""Error codes whose plain words are shorter and clearer than the code."""


def reason(state: str, error: str | None) -> str:
    """Return a state's word, or why it is so: `login refused`, `slow`, `http 503`."""
    if not error or state == "healthy":
        return look(state).word
    return REASONS.get(error) or text.clean(error).replace("_", " ")


class BoardSource:
    """The live board as a table's source: headings and lamps; a row is made when it is in sight.

    So is its uptime read: `uptimes` is asked for those of the lamps with these numbers, but for
    those that are `known`.
    """

    def __init__(  # noqa: PLR0913 - what to show, and how
        self,
        board: Board,
        glyphs: Glyphs,
        now: Callable[[], datetime],
        folded: frozenset[str],
        uptimes: Uptimes,
        *,
        known: Mapping[int, Uptime],
    ) -> None:
        self._glyphs = glyphs
        self._now = now
        self._folded = folded
        self._uptimes = uptimes
        self._known = dict(known)
        self._entries: list[BoardGroup | BoardRow] = []
        self._places: dict[str, int] = {}
        for group in board.groups:
            if group.total:
                self._add(group)

    def _add(self, group: BoardGroup) -> None:
        entries: list[BoardGroup | BoardRow] = [group]
        entries += () if group.state in self._folded else group.rows
        for entry in entries:
            self._places[_key(entry)] = len(self._entries)
            self._entries.append(entry)

    async def fetch(self, ask: Ask) -> Sequence[Row]:
        """Return the rows asked for, their ages as of now."""
        now = self._now()
        asked = slice_for(ask, len(self._entries), self._places.get(str(ask.anchor), -1))
        entries = self._entries[asked]
        rows = [cast("BoardRow", entry) for entry in entries if not is_group(entry)]
        wanted = [row.lamp.number for row in rows if row.lamp.number not in self._known]
        if wanted:
            self._known.update(await self._uptimes(wanted))
        return [self._row(entry, now) for entry in entries]

    def _row(self, entry: BoardGroup | BoardRow, now: datetime) -> Row:
        if is_group(entry):
            return heading(entry, self._glyphs, folded=entry.state in self._folded)
        lamp = cast("BoardRow", entry).lamp
        return board_row(lamp, self._known.get(lamp.number), now, self._glyphs)

    async def count(self) -> int:
        """Return how many lines the board has."""
        return len(self._entries)


def is_group(entry: BoardGroup | BoardRow) -> TypeGuard[BoardGroup]:
    """Whether an entry of the board is a heading; known by shape, so that nothing is imported."""
    return hasattr(entry, "total")


def _key(entry: BoardGroup | BoardRow) -> str:
    return f"group:{entry.state}" if is_group(entry) else cast("BoardRow", entry).lamp.id


def heading(group: BoardGroup, glyphs: Glyphs, *, folded: bool) -> Row:
    """Return a group's heading; what the board holds no room for is said, never left out."""
    found = look(group.state)
    hidden = group.total - len(group.rows)
    more = f"{hidden:,} more" if hidden > 0 else ""
    note = "folded" if folded else more
    name = (Span(f"{found.word} {text.number(group.total)}", found.tone),)
    cells: list[Cell] = [lamp_cell(group.state, glyphs), name, (Span(note, "muted"),)]
    cells += [()] * (len(COLUMNS) - len(cells))
    key = _key(group)
    return Row(key=key, cells=tuple(cells), anchor=key, record=group)


def board_row(lamp: Lamp, uptime: Uptime | None, now: datetime, glyphs: Glyphs) -> Row:
    """Return one lamp of the live board."""
    cells = (
        lamp_cell(lamp.state, glyphs),
        cell(lamp.name, "plain"),
        cell(lamp.kind, "muted"),
        cell(lamp.technology, "muted"),
        health_cell(lamp.state, lamp.error),
        latency_cell(lamp.latency_ms),
        age_cell(lamp.checked_at, now),
        cell(text.age(lamp.since, now), "muted"),
        *map(uptime_cell, uptime_shares(uptime)),
    )
    return Row(key=lamp.id, cells=cells, anchor=lamp.id, record=lamp, muted=not lamp.active)


def uptime_shares(uptime: Uptime | None) -> tuple[float | None, ...]:
    """Return the shares of the five windows, the shortest first."""
    if uptime is None:
        return (None,) * 5
    return (uptime.day, uptime.week, uptime.month, uptime.quarter, uptime.year)


def health_cell(state: str, error: str | None) -> Cell:
    """Return a state's word, or why it is so; what is well stands back."""
    tone = look(state).tone
    return (Span(reason(state, error), "muted" if tone == "healthy" else tone),)


def age_cell(checked_at: datetime | None, now: datetime) -> Cell:
    """Return the age of the last check; a stale one stands out."""
    stale = is_stale(checked_at, now)
    return (Span(text.age(checked_at, now), "degraded" if stale else "muted"),)


def latency_cell(milliseconds: float | None) -> Cell:
    """Return a latency; a slow one stands out."""
    slow = milliseconds is not None and milliseconds > SLOW_MS
    return cell(text.latency(milliseconds), "degraded" if slow else "plain")


GOOD, FAIR = 99.0, 95.0


def uptime_cell(share: float | None) -> Cell:
    """Return an uptime of 0..1 in per cent, its tone by how good that is."""
    if share is None:
        return cell(None)
    per_cent = share * 100
    tone: Tone = "muted" if per_cent >= GOOD else ("degraded" if per_cent >= FAIR else "failing")
    words = "100%" if share >= 1 else text.percent(per_cent, digits=1)
    return (Span(words, tone),)
