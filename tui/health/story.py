"""From a lamp and what happened to it to the lines that tell its story: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.overall import is_stale
from tui import text
from tui.health.rows import latency_cell, reason, uptime_cell, uptime_shares
from tui.kinds import brief
from tui.theme import HEALTH, Glyphs, look
from tui.widgets.cells import Cell, Span, between, cell, cell_width, fit, wrap
from tui.widgets.sparkline import plot, sparkline
from tui.widgets.waterfall import steps, waterfall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from engine.health.model import Lamp, Story, Transition, Uptime
    from engine.probes.result import Checked

WINDOWS = ("24 h", "7 d", "30 d", "90 d", "365 d")

LABEL = 9
"""Cells of the names that facts stand beside."""


def story_lines(  # noqa: PLR0913 - what a pane has at hand when it draws
    lamp: Lamp, story: Story | None, width: int, now: datetime, glyphs: Glyphs, *, height: int = 1
) -> tuple[Cell, ...]:
    """Return what is known about one lamp: state, why, what to do, facts, history.

    `height` is the latency plot's: 1 is a sparkline.
    """
    inner = width - 2
    lines = [*state_lines(lamp, inner, now, glyphs), (), *fact_lines(lamp, inner, now)]
    if story is not None:
        lines += last_check_lines(story, inner, now, glyphs)
        lines += [(), *uptime_lines(story.uptime, inner)]
        lines += latency_lines(story, inner, glyphs, height)
        lines += [(), *change_lines(story.transitions, inner, now, glyphs)]
    return tuple((Span(" "), *line) for line in lines)


def state_lines(lamp: Lamp, width: int, now: datetime, glyphs: Glyphs) -> list[Cell]:
    """Return the state and since when, the message, the remedy."""
    found = look(lamp.state)
    since = ""
    if lamp.since is not None:
        since = f"  since {text.moment(lamp.since, now)} ({text.age(lamp.since, now)})"
    head = (Span(f"{glyphs.lamp(lamp.state)} {found.word}", found.tone), Span(since, "muted"))
    return [head, *advice_lines(lamp.message, lamp.remedy, width, glyphs)]


def advice_lines(message: str | None, remedy: str | None, width: int, glyphs: Glyphs) -> list[Cell]:
    """Return what was said and what to do about it, wrapped."""
    lines: list[Cell] = []
    if message:
        lines += wrap(message, width, most=4)
    if remedy:
        bullet = Span(f"{glyphs.arrow[-1]} ", "accent")
        for number, line in enumerate(wrap(remedy, width - 2, most=3)):
            lines.append((Span("  ") if number else bullet, *line))
    return lines


def fact(name: str, value: Cell, width: int, *, label: int = LABEL) -> Cell:
    """Return one fact on a line of its own, cut where there is no room; `label` is its name's."""
    return fit((Span(f"{name:<{label}}", "muted"), *value), width)


def fact_lines(lamp: Lamp, width: int, now: datetime) -> list[Cell]:
    """Return whose lamp it is and the facts of its last check, a line each."""
    what = (*cell(lamp.kind), Span("  "), *cell(lamp.technology, "muted"))
    lines = [fact("kind", what, width), *check_lines(lamp, width, now)]
    if not lamp.active:
        lines.append(fact("paused", cell("out of use, so not checked", "muted"), width))
    return lines


def check_lines(lamp: Lamp, width: int, now: datetime) -> list[Cell]:
    """Return the facts of the last check: how fast, what was answered, when, and the next."""
    answer = [] if lamp.status_code is None else [f"HTTP {lamp.status_code}"]
    if lamp.stage and lamp.state != "healthy":
        answer.append(f"at {lamp.stage}")
    lines = [fact("latency", latency_cell(lamp.latency_ms), width)]
    if answer:
        lines.append(fact("answer", cell(" ".join(answer)), width))
    age = "never" if lamp.checked_at is None else f"{text.age(lamp.checked_at, now)} ago"
    stale = is_stale(lamp.checked_at, now)
    checked = (Span(age, "degraded" if stale else "plain"), *due(lamp, now))
    return [*lines, fact("checked", checked, width)]


def last_check_lines(story: Story, width: int, now: datetime, glyphs: Glyphs) -> list[Cell]:
    """Return the stages of the last check as a waterfall, nothing where none were kept."""
    last = story.checks[0] if story.checks else None
    if last is None or not last.stages:
        return []
    ended = Span(f"  {text.age(last.checked_at, now)} ago", "muted")
    bars = waterfall(steps(last.stages), width, glyphs)
    return [(), (Span("last check", "strong"), ended), *bars]


def due(lamp: Lamp, now: datetime) -> Cell:
    """Return when the next check is, where one is planned."""
    if lamp.due_at is None or not lamp.active:
        return ()
    wait = (lamp.due_at - now).total_seconds()
    return (Span(f", next in {text.seconds(wait)}" if wait >= 1 else ", next now", "muted"),)


def uptime_lines(uptime: Uptime, width: int) -> list[Cell]:
    """Return the uptimes, on further lines what the first has no room for."""
    lines: list[Cell] = []
    line: Cell = (Span(f"{'uptime':<{LABEL}}", "muted"),)
    for name, share in zip(WINDOWS, uptime_shares(uptime), strict=True):
        part = (*uptime_cell(share), Span(f" {name}  ", "muted"))
        if cell_width((*line, *part)) - 2 > width:
            lines.append(line)
            line = (Span(" " * LABEL),)
        line = (*line, *part)
    return [*lines, line]


def latency_lines(story: Story, width: int, glyphs: Glyphs, height: int = 1) -> list[Cell]:
    """Return the latency's history as a line or as a plot, nothing where there is none."""
    values = [milliseconds for _, milliseconds in story.latencies]
    if not values:
        return []
    known = [value for value in values if value is not None]
    top = text.latency(max(known)) if known else text.NOTHING
    if height == 1:
        line = sparkline(values, max(1, width - LABEL - 2 - len(top)), glyphs)
        return [(Span(f"{'history':<{LABEL}}", "muted"), *line, Span(f"  {top}", "muted"))]
    title = between((Span("latency", "strong"),), (Span(f"up to {top}", "muted"),), width)
    return [(), title, *plot(values, width, height, glyphs)]


def change_lines(
    changes: Sequence[Transition], width: int, now: datetime, glyphs: Glyphs
) -> list[Cell]:
    """Return a lamp's own changes of state, newest first."""
    if not changes:
        return [(Span("No change of state so far.", "muted"),)]
    lines: list[Cell] = [(Span("changes", "strong"),)]
    for change in changes:
        when = Span(f"{text.moment(change.at, now):<13}", "muted")
        lines.append(fit((when, *turn(change, glyphs)), width))
    return lines


def transition_line(change: Transition, now: datetime, glyphs: Glyphs, width: int) -> Cell:
    """Return one change of state: when, who, of which kind, from what to what, why."""
    name = max(10, min(24, width - 38))
    when = Span(f" {text.day(change.at, now):<6} ", "muted")
    kind = Span(f" {brief(change.kind)} ", "muted")
    return fit((when, *fit(cell(change.name), name), kind, *turn(change, glyphs)), width)


def turn(change: Transition, glyphs: Glyphs) -> Cell:
    """Return from what state to what, and why."""
    before, after = look(change.from_state), look(change.to_state)
    why = f" {reason(change.to_state, change.error)}"
    return (
        Span(glyphs.lamp(change.from_state), before.tone),
        Span(f" {glyphs.arrow} ", "muted"),
        Span(f"{glyphs.lamp(change.to_state)}{why}", after.tone),
    )


def count_lines(
    counts: Mapping[str, int], kinds: Cell, width: int, glyphs: Glyphs
) -> tuple[Cell, ...]:
    """Return the counts by state and by kind, and a bar in the lamps' proportions.

    Args:
        counts: How many lamps show each state.
        kinds: How many there are of each kind, in words.
        width: Cells of a line.
        glyphs: What lamps are drawn with.
    """
    spans: list[Span] = [Span(" ")]
    for state, found in HEALTH.items():
        count = counts.get(state, 0)
        tone = found.tone if count else "muted"
        spans += [Span(f"{glyphs.lamp(state)} {count:,} {found.word}", tone), Span("   ")]
    states, right = tuple(spans), (*kinds, Span(" "))
    if cell_width((*states, *right)) <= width:
        return (between(states, right, width), proportion(counts, width, glyphs))
    return (fit(states, width), fit((Span(" "), *kinds), width))


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


def answer_words(checked: Checked) -> str:
    """Return what a check came to in one line: state, latency, stage, message, remedy."""
    result = checked.result
    facts = [look(result.state).word]
    if result.latency_ms is not None:
        facts.append(f"in {text.latency(result.latency_ms)}")
    if result.stage and not result.ok:
        facts.append(f"at {text.clean(result.stage)}")
    if checked.cached:
        facts.append("checked less than a minute ago")
    said = [text.clean(words) for words in (result.message, result.remedy) if words]
    return ". ".join([" ".join(facts), *said])
