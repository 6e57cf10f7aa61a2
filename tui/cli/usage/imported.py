"""What is told of an import: how far it is, and what became of the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import EXIT_FAILED
from tui import text
from tui.cli.failures import EXIT_INTERRUPTED
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.usage.importing import ImportReport

SHOWN = 20
"""Reasons that people are shown; JSON has each line."""

FEW = 5
"""Lines that are named for each of them."""


def so_far(report: ImportReport, done: int, total: int) -> str:
    """Return what was counted so far, and how much of the log that is."""
    share = f" ({text.percent(100 * done / total)} read)" if total else ""
    return f"{counts(report)}{share}"


def counts(report: ImportReport) -> str:
    """Return the numbers of records as words."""
    told = [f"{report.new:,} new", f"{report.duplicate:,} counted before"]
    told.append(f"{report.refused:,} refused")
    if report.skipped:
        told.append(f"{report.skipped:,} no calls of a model")
    return ", ".join(told)


def tell(session: Session, report: ImportReport) -> None:
    """Print the report as data, and say it in sentences beside it."""
    from tui.cli.table import Column, render

    columns = (Column(title="LINES", key="lines"), Column(title="REFUSED", key="reason"))
    stream, reasons = session.output.stream, _reasons(report)

    def table() -> str:
        return render(reasons[:SHOWN], columns, stream) if reasons else ""

    session.output.record(report.to_dict(), table=table, name="new")
    for sentence in _sentences(report):
        narrate(sentence)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reason:
    """Why lines were refused, and the first of them."""

    reason: str
    lines: str


def _reasons(report: ImportReport) -> list[_Reason]:
    """Put what was refused for the same reason together: it may be every line of the log."""
    lines: dict[str, list[int]] = {}
    for refusal in report.refusals:
        lines.setdefault(refusal.reason, []).append(refusal.line)
    return [_Reason(reason=reason, lines=_few(found)) for reason, found in lines.items()]


def _few(lines: list[int]) -> str:
    shown = ", ".join(f"{line:,}" for line in lines[:FEW])
    return f"{shown}, …" if len(lines) > FEW else shown


def _sentences(report: ImportReport) -> Iterator[str]:
    if not report.format:
        yield "The log is empty, so there was nothing to count."
        return
    if report.went_on_at:
        yield f"Went on after line {report.went_on_at:,}, where an earlier run was cut off."
    yield f"{counts(report)} ({report.format})."
    if len(_reasons(report)) > SHOWN:
        yield f"The first {SHOWN} reasons are shown; -o json has more."
    if report.unpriced:
        yield (
            f"{text.plural(report.unpriced, 'call')} of them without a known price: counted, and "
            "in no cost."
        )
    if report.naive_times:
        yield f"{text.plural(report.naive_times, 'time')} without a zone: taken as UTC."
    if report.dry_run:
        yield "Nothing was stored: a dry run."
    elif not report.complete:
        yield "Interrupted: what was counted is kept. Run it again to go on."


def exit_code(report: ImportReport) -> int:
    """Return 0; 130 when it was interrupted, 1 when there was something and nothing counted."""
    if not report.complete:
        return EXIT_INTERRUPTED
    return EXIT_FAILED if report.refused and not (report.new or report.duplicate) else 0
