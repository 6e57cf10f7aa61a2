"""What must not be missed, whatever is in sight: secrets that expire, a broken ledger. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui import text
from tui.theme import REFERENCES, Glyphs, Tone
from tui.widgets.cells import Cell, Span, cell_width, fit

if TYPE_CHECKING:
    from datetime import datetime

    from engine.credentials.results import CredentialsHeadline
    from engine.prevention.results import LedgerStatus

DUE = ("expired", "expiring")


@dataclass(frozen=True, kw_only=True, slots=True)
class Governed:
    """What is known of a tenant's secrets and ledger; `days` is how early expiry is told."""

    credentials: CredentialsHeadline | None = None
    ledger: LedgerStatus | None = None
    days: int = 0

    @property
    def due(self) -> tuple[tuple[str, int], ...]:
        """How many secrets are expired and how many expire soon, those that are not none."""
        counts = {} if self.credentials is None else self.credentials.counts
        return tuple((state, counts[state]) for state in DUE if counts.get(state))

    @property
    def broken(self) -> bool:
        """Whether the ledger does not hold."""
        return self.ledger is not None and self.ledger.state == "failing"


def header_cell(found: Governed, glyphs: Glyphs, *, brief: bool = False) -> Cell:
    """Return what the header says; nothing where nothing is wrong.

    `brief` is for little room: the number of all secrets, with the worst one's glyph.
    """
    spans: list[Span] = []
    if found.broken:
        spans += [Span("ledger ", "muted"), Span(glyphs.lamp("failing"), "failing")]
    if found.due:
        spans += [Span("  " if spans else ""), Span("expiry", "muted")]
    due, gap = found.due, " "
    if brief and due:
        due, gap = ((due[0][0], sum(count for _, count in due)),), ""
    for state, count in due:
        said = f" {glyphs.reference(state)}{gap}{text.number(count)}"
        spans.append(Span(said, REFERENCES[state].tone))
    return tuple(spans)


def notice_lines(found: Governed, width: int, now: datetime, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return a line for a broken ledger and one for secrets, with the key of their place."""
    lines = [_ledger(found, glyphs)] if found.broken else []
    if found.due:
        lines.append(_secrets(found, width, now, glyphs))
    return tuple(fit(line, width) for line in lines)


def _ledger(found: Governed, glyphs: Glyphs) -> Cell:
    last = None if found.ledger is None else found.ledger.verification
    fault = None if last is None else last.fault
    from_where = "" if fault is None else f" from record {fault.seq:,} on"
    said = f" {glyphs.lamp('failing')} The ledger does not hold{from_where}: "
    return (Span(said, "failing"), *_press("8"))


def _secrets(found: Governed, width: int, now: datetime, glyphs: Glyphs) -> Cell:
    counts = dict(found.due)
    gone, soon = counts.get("expired", 0), counts.get("expiring", 0)
    worst = "expired" if gone else "expiring"
    tone: Tone = REFERENCES[worst].tone
    said: list[str] = []
    if gone:
        said.append(f"{text.plural(gone, 'credential')} {'has' if gone == 1 else 'have'} expired")
    if soon:
        what = f"{soon:,}" if gone else text.plural(soon, "credential")
        ends = "expires" if soon == 1 else "expire"
        said.append(f"{what} {ends} within {text.plural(found.days, 'day')}")
    line: Cell = (Span(f" {glyphs.reference(worst)} {', '.join(said)}", tone),)
    first = _first(found, now) if soon else ""
    rest: Cell = (Span(": ", tone), *_press("0"))
    if first and cell_width((*line, Span(first), *rest)) <= width:
        line = (*line, Span(first, "muted"))
    return (*line, *rest)


def _first(found: Governed, now: datetime) -> str:
    at = None if found.credentials is None else found.credentials.next_expiry
    away = 0.0 if at is None else (at - now).total_seconds()
    return f", the next in {text.seconds(away)}" if away > 0 else ""


def _press(key: str) -> Cell:
    return (Span("press ", "muted"), Span(key, "accent"))
