"""The board's status line as one immutable record: what the header of every screen shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui import text
from tui.governed import Governed, header_cell
from tui.theme import GAUGES, HEALTH, Glyphs
from tui.waiting import waiting_cell
from tui.widgets.cells import Cell, Span, cell_width

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.health.model import MonitorStatus
    from engine.incidents.model import IncidentHeadline
    from tui.theme import Tone

GAP = Span("   ")
NARROW = Span("  ")
APART = 2
"""Cells between what waits and the lamps."""

WORDY = 110
"""Columns from which incidents are counted in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardStatus:
    """What holds for the whole board.

    `counts` are lamps by state, `gauges` limits by state, `governed` secrets and the ledger.
    `incidents` counts those that are open. `confirmed_at` is when the database last answered;
    `keeper` is what happens to the monitor's process, where this dashboard keeps it: starting,
    running, restarting.
    """

    tenant: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    gauges: Mapping[str, int] = field(default_factory=dict)
    monitor: MonitorStatus | None = None
    confirmed_at: datetime | None = None
    read_only: bool = False
    paused: bool = False
    keeper: str = ""
    governed: Governed = field(default_factory=Governed)
    incidents: IncidentHeadline | None = None


def header(status: BoardStatus, now: datetime, width: int, glyphs: Glyphs) -> Cell:
    """Return the header line; on narrow terminals the monitor's details go first."""
    waiting = waiting_cell(status.incidents, brief=width < WORDY)
    left: Cell = (
        Span(" LAMPBOARD", "accent"),
        Span("  "),
        Span(text.ellipsis(text.clean(status.tenant), 24), "strong"),
        Span(f" {glyphs.down}" if status.tenant else "", "muted"),
        *flags(status),
        # On the left nothing takes its room: it is what on-call looks for first.
        *waiting,
    )
    clock = (Span(text.clock(now), "muted"), Span(" "))
    for middle in _middles(status, glyphs):
        room = width - cell_width(left) - cell_width(middle) - cell_width(clock)
        if room >= (APART if waiting else 1):
            return (*left, Span(" " * room), *middle, *clock)
    return left


def _middles(status: BoardStatus, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return lamps, limits and monitor, from all that could be said to the least.

    Limits that are reached go before a monitor that works, not before one that does not.
    """
    lamps, warned = counts(status, glyphs), limits(status, glyphs)
    whole, brief = monitor(status, glyphs), monitor(status, glyphs, brief=True)
    parted: Cell = (*warned, GAP) if warned else ()
    worst: Cell = (*limits(status, glyphs, brief=True), NARROW) if warned else ()
    works = status.monitor is not None and status.monitor.alive and not status.monitor.offline
    instead = ((*lamps, GAP, *warned, GAP), (*lamps, NARROW, *worst)) if warned and works else ()
    due = header_cell(status.governed, glyphs)
    alarmed: tuple[Cell, ...] = ()
    if due:
        # Where it is narrow, they go before a monitor that works, as limits do.
        few = header_cell(status.governed, glyphs, brief=True)
        without = ((*lamps, NARROW, *worst, *few, GAP), (*lamps, NARROW, *few, NARROW))
        alarmed = (
            (*lamps, GAP, *parted, *due, GAP, *whole, GAP),
            (*lamps, GAP, *parted, *due, GAP, *brief, GAP),
            (*lamps, NARROW, *worst, *due, NARROW, *brief, NARROW),
            *(without if works else ()),
        )
    return (
        *alarmed,
        (*lamps, GAP, *parted, *whole, GAP),
        (*lamps, GAP, *parted, *brief, GAP),
        (*lamps, NARROW, *worst, *brief, NARROW),
        *instead,
        (*lamps, GAP, *brief, GAP),
        (*lamps, NARROW),
        (),
    )


def flags(status: BoardStatus) -> Cell:
    """Return what is unusual about this run: read-only, paused."""
    spans: list[Span] = []
    if status.read_only:
        spans.append(Span("  read-only", "degraded"))
    if status.paused:
        spans.append(Span("  paused", "degraded"))
    return tuple(spans)


def counts(status: BoardStatus, glyphs: Glyphs) -> Cell:
    """Return how many lamps are in each state, healthy first as one reads a board."""
    spans: list[Span] = []
    for state in ("healthy", "degraded", "failing", "unknown"):
        if spans:
            spans.append(Span("  "))
        count = status.counts.get(state)
        tone = HEALTH[state].tone if count else "muted"
        number = "-" if count is None else text.number(count)
        spans.append(Span(f"{glyphs.lamp(state)} {number}", tone))
    return tuple(spans)


def limits(status: BoardStatus, glyphs: Glyphs, *, brief: bool = False) -> Cell:
    """Return how many limits are reached or near; nothing where none is.

    `brief` is for little room: the number of all, with the worst one's glyph.
    """
    found = [(state, status.gauges.get(state, 0)) for state in ("over", "warned")]
    there = [(state, count) for state, count in found if count]
    if not there:
        return ()
    if brief:
        state, total = there[0][0], sum(count for _, count in there)
        there = [(state, total)]
    gap = "" if brief else " "
    spans = [
        Span(f" {glyphs.gauge(state)}{gap}{text.number(count)}", GAUGES[state].tone)
        for state, count in there
    ]
    return (Span("limits", "muted"), *spans)


def monitor(status: BoardStatus, glyphs: Glyphs, *, brief: bool = False) -> Cell:
    """Return whether checks are being made, and at what pace."""
    seen = status.monitor
    if seen is None or not seen.alive:
        return _no_monitor(status, glyphs, brief=brief)
    if seen.offline:
        word = "offline" if brief else "this machine is offline"
        return (Span("monitor ", "muted"), Span(f"{glyphs.lamp('degraded')} {word}", "degraded"))
    pace = "" if brief else f" {text.plural(round(seen.checks_per_minute), 'check')}/min"
    return (
        Span("monitor ", "muted"),
        Span(glyphs.lamp("healthy"), "healthy"),
        Span(pace, "muted"),
    )


def _no_monitor(status: BoardStatus, glyphs: Glyphs, *, brief: bool) -> Cell:
    """Return why nothing is checked now: not known yet, coming, or nobody does."""
    if status.keeper in {"starting", "running", "restarting"}:
        word = "starting" if status.keeper == "running" else status.keeper
        tone: Tone = "degraded" if word == "restarting" else "muted"
        return (Span("monitor ", "muted"), Span(f"{glyphs.lamp('unknown')} {word}", tone))
    if status.monitor is None:
        return (Span("monitor -" if brief else "monitor not seen yet", "muted"),)
    word = "none" if brief else "not running"
    return (Span("monitor ", "muted"), Span(f"{glyphs.lamp('failing')} {word}", "failing"))
