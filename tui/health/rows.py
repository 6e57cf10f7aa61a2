"""From lamps, stories and transitions to cells: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard, cast

from tui import text
from tui.theme import HEALTH, Glyphs, look
from tui.widgets.cells import Cell, Span, between, cell, fit, lamp_cell, wrap
from tui.widgets.columns import Column
from tui.widgets.row_source import Row
from tui.widgets.sparkline import plot, sparkline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from engine.health.model import Board, BoardGroup, BoardRow, Lamp, Story, Transition, Uptime
    from engine.integrations.results import HealthCheckResult
    from tui.theme import Tone
    from tui.widgets.row_source import Ask

COLUMNS = (
    Column(name="lamp", title="", width=1),
    Column(name="name", title="NAME", width=16, grow=3),
    Column(name="technology", title="PROVIDER", width=12, grow=1, drop=3),
    Column(name="health", title="HEALTH", width=16, grow=1),
    Column(name="latency", title="LATENCY", width=8, right=True),
    Column(name="age", title="CHECKED", width=7, right=True),
    Column(name="since", title="SINCE", width=7, right=True, drop=4),
    Column(name="day", title="24 H", width=6, right=True),
    Column(name="week", title="7 D", width=6, right=True, drop=1),
    Column(name="month", title="30 D", width=6, right=True, drop=2),
)
"""The live board: a lamp, whose, why, how fast, how fresh, how dependable."""

REASONS: Mapping[str, str] = {
    "auth_failed": "key refused",
    "access_denied": "access denied",
    "rate_limited": "rate limited",
    "credential_unreadable": "no credential",
    "address_blocked": "address blocked",
}
"""Error codes whose plain words are shorter and clearer than the code."""


def reason(state: str, error: str | None) -> str:
    """Return a state's word, or why it is so: `key refused`, `slow`, `http 503`."""
    if not error or state == "healthy":
        return look(state).word
    return REASONS.get(error) or text.clean(error).replace("_", " ")


class BoardSource:
    """The live board as a table's source: headings and lamps; a row is made when it is in sight."""

    def __init__(
        self, board: Board, glyphs: Glyphs, now: Callable[[], datetime], folded: frozenset[str]
    ) -> None:
        self._glyphs = glyphs
        self._now = now
        self._folded = folded
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
        first, last = self._span(ask)
        return [self._row(entry, now) for entry in self._entries[first:last]]

    def _span(self, ask: Ask) -> tuple[int, int]:
        count = len(self._entries)
        place = self._places.get(str(ask.anchor), -1)
        first = {
            "start": 0,
            "end": max(0, count - ask.limit),
            "at": ask.offset,
            "after": place + 1,
            "before": max(0, place - ask.limit),
        }[ask.position]
        return first, max(0, place) if ask.position == "before" else first + ask.limit

    def _row(self, entry: BoardGroup | BoardRow, now: datetime) -> Row:
        if is_group(entry):
            return heading(entry, self._glyphs, folded=entry.state in self._folded)
        return board_row(cast("BoardRow", entry), now, self._glyphs)

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
    note = f"{text.plural(hidden, 'more')}".replace("mores", "more") if hidden > 0 else ""
    note = "folded" if folded else note
    name = (Span(f"{found.word} {text.number(group.total)}", found.tone),)
    cells: list[Cell] = [lamp_cell(group.state, glyphs), name, (), (Span(note, "muted"),)]
    cells += [()] * (len(COLUMNS) - len(cells))
    key = _key(group)
    return Row(key=key, cells=tuple(cells), anchor=key, record=group)


def board_row(row: BoardRow, now: datetime, glyphs: Glyphs) -> Row:
    """Return one lamp of the live board."""
    lamp = row.lamp
    tone = look(lamp.state).tone
    cells = (
        lamp_cell(lamp.state, glyphs),
        cell(lamp.name, "plain"),
        cell(lamp.technology, "muted"),
        (Span(reason(lamp.state, lamp.error), "muted" if tone == "healthy" else tone),),
        latency_cell(lamp.latency_ms),
        (Span(text.age(lamp.checked_at, now), "degraded" if lamp.stale else "muted"),),
        cell(text.age(lamp.since, now), "muted"),
        uptime_cell(row.uptime.day),
        uptime_cell(row.uptime.week),
        uptime_cell(row.uptime.month),
    )
    return Row(key=lamp.id, cells=cells, anchor=lamp.id, record=lamp, muted=not lamp.active)


SLOW_MS = 2000


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


def transition_line(change: Transition, now: datetime, glyphs: Glyphs, width: int) -> Cell:
    """Return one change of state: when, who, from what to what, why."""
    before, after = look(change.from_state), look(change.to_state)
    name = max(10, min(24, width - 34))
    return fit(
        (
            Span(f" {text.day(change.at, now):<6} ", "muted"),
            *fit(cell(change.name), name),
            Span(f" {glyphs.lamp(change.from_state)}", before.tone),
            Span(f" {glyphs.arrow} ", "muted"),
            Span(glyphs.lamp(change.to_state), after.tone),
            Span(f" {reason(change.to_state, change.error)}", after.tone),
        ),
        width,
    )


def story_lines(  # noqa: PLR0913 - what a pane has at hand when it draws
    lamp: Lamp, story: Story | None, width: int, now: datetime, glyphs: Glyphs, *, height: int = 1
) -> tuple[Cell, ...]:
    """Return what is known about one lamp: state, why, what to do, facts, history.

    `height` is the latency plot's: 1 is a sparkline.
    """
    inner = width - 2
    lines = [*state_lines(lamp, inner, now, glyphs), (), *fact_lines(lamp, inner, now)]
    if story is not None:
        lines += history_lines(story, inner, glyphs, height)
        lines += [(), *change_lines(story.transitions, inner, now, glyphs)]
    return tuple((Span(" "), *line) for line in lines)


def state_lines(lamp: Lamp, width: int, now: datetime, glyphs: Glyphs) -> list[Cell]:
    """Return the state and since when, the message, the remedy."""
    found = look(lamp.state)
    since = ""
    if lamp.since is not None:
        since = f"  since {text.moment(lamp.since, now)} ({text.age(lamp.since, now)})"
    lines: list[Cell] = [
        (Span(f"{glyphs.lamp(lamp.state)} {found.word}", found.tone), Span(since, "muted"))
    ]
    if lamp.message:
        lines += wrap(lamp.message, width, most=4)
    if lamp.remedy:
        bullet = Span(f"{glyphs.arrow[-1]} ", "accent")
        for number, line in enumerate(wrap(lamp.remedy, width - 2, most=3)):
            lines.append((Span("  ") if number else bullet, *line))
    return lines


def fact_lines(lamp: Lamp, width: int, now: datetime) -> list[Cell]:
    """Return the facts of the last check, a line each."""
    checked = "never" if lamp.checked_at is None else f"{text.age(lamp.checked_at, now)} ago"
    facts: list[tuple[str, Cell]] = [
        ("provider", cell(lamp.technology)),
        ("latency", latency_cell(lamp.latency_ms)),
        ("checked", (Span(checked, "degraded" if lamp.stale else "plain"), *due(lamp, now))),
    ]
    answer = [] if lamp.status_code is None else [f"HTTP {lamp.status_code}"]
    if lamp.stage and lamp.state != "healthy":
        answer.append(f"at {lamp.stage}")
    if answer:
        facts.insert(1, ("answer", cell(" ".join(answer))))
    if not lamp.active:
        facts.append(("paused", cell("not enabled, so not checked", "muted")))
    return [fit((Span(f"{name:<9}", "muted"), *value), width) for name, value in facts]


def due(lamp: Lamp, now: datetime) -> Cell:
    """Return when the next check is, where one is planned."""
    if lamp.due_at is None or not lamp.active:
        return ()
    wait = (lamp.due_at - now).total_seconds()
    return (Span(f", next in {text.seconds(wait)}" if wait >= 1 else ", next now", "muted"),)


def history_lines(story: Story, width: int, glyphs: Glyphs, height: int = 1) -> list[Cell]:
    """Return uptime and the latency's history, as a line or as a plot."""
    lines: list[Cell] = [uptime_line(story.uptime, width)]
    values = [milliseconds for _, milliseconds in story.latencies]
    if not values:
        return lines
    known = [value for value in values if value is not None]
    top = text.latency(max(known)) if known else text.NOTHING
    if height == 1:
        line = sparkline(values, max(1, width - 11 - len(top)), glyphs)
        return [*lines, (Span("history  ", "muted"), *line, Span(f"  {top}", "muted"))]
    title = between((Span("latency", "strong"),), (Span(f"up to {top}", "muted"),), width)
    return [*lines, (), title, *plot(values, width, height, glyphs)]


def uptime_line(uptime: Uptime, width: int) -> Cell:
    """Return the three uptimes on one line."""
    spans: list[Span] = [Span("uptime   ", "muted")]
    for name, share in (("24 h", uptime.day), ("7 d", uptime.week), ("30 d", uptime.month)):
        spans += [*uptime_cell(share), Span(f" {name}  ", "muted")]
    return fit(tuple(spans), width)


def change_lines(
    changes: Sequence[Transition], width: int, now: datetime, glyphs: Glyphs
) -> list[Cell]:
    """Return a lamp's own changes of state, newest first."""
    if not changes:
        return [(Span("No change of state so far.", "muted"),)]
    lines: list[Cell] = [(Span("changes", "strong"),)]
    for change in changes:
        before, after = look(change.from_state), look(change.to_state)
        lines.append(
            fit(
                (
                    Span(f"{text.moment(change.at, now):<13}", "muted"),
                    Span(glyphs.lamp(change.from_state), before.tone),
                    Span(f" {glyphs.arrow} ", "muted"),
                    Span(
                        f"{glyphs.lamp(change.to_state)} {reason(change.to_state, change.error)}",
                        after.tone,
                    ),
                ),
                width,
            )
        )
    return lines


def count_lines(counts: Mapping[str, int], width: int, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return the counts with their words, and a bar in the lamps' proportions."""
    spans: list[Span] = [Span(" ")]
    for state, found in HEALTH.items():
        count = counts.get(state, 0)
        tone = found.tone if count else "muted"
        spans += [Span(f"{glyphs.lamp(state)} {count:,} {found.word}", tone), Span("    ")]
    total = sum(counts.values())
    right = (Span(f"{text.plural(total, 'lamp')} ", "muted"),)
    return (between(tuple(spans), right, width), proportion(counts, width, glyphs))


def proportion(counts: Mapping[str, int], width: int, glyphs: Glyphs) -> Cell:
    """Return a bar of the states' shares; a state that is there gets at least one cell."""
    total = sum(counts.values())
    room = width - 2
    if not total or room <= 0:
        return ()
    present = [state for state in HEALTH if counts.get(state)]
    spare = room - len(present)
    sizes = {state: 1 + spare * counts[state] // total for state in present}
    sizes[present[-1]] += room - sum(sizes.values())
    return (
        Span(" "),
        *(Span(glyphs.full * sizes[state], HEALTH[state].tone) for state in present),
    )


def answer_words(answer: HealthCheckResult) -> str:
    """Return a check's answer in one line: state, latency, stage, message, remedy."""
    facts = [look(answer.health_state).word]
    if answer.latency_ms is not None:
        facts.append(f"in {text.latency(answer.latency_ms)}")
    if answer.stage and answer.health_state != "healthy":
        facts.append(f"at {text.clean(answer.stage)}")
    if answer.cached:
        facts.append("checked less than a minute ago")
    said = [text.clean(words) for words in (answer.message, answer.remedy) if words]
    return ". ".join([" ".join(facts), *said])
