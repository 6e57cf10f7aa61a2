"""From a template, one of its versions and its last runs to the lines that tell them: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui import text
from tui.gateway import words
from tui.gateway.highlight import numbered, sql_lines
from tui.gateway.rows import AGE, last_cell
from tui.health.story import fact
from tui.inventory.wide import TWO, beside
from tui.theme import outcome_look, status_look
from tui.widgets.cells import Cell, Span, between, cell, fit, wrap

if TYPE_CHECKING:
    from engine.gateway.model import ParameterSpec
    from engine.gateway.results import GatewaySummary, TemplateRun
    from tui.gateway.told import Told

NAME: Final = 14
"""Most cells of a parameter's name beside its rules."""

WHO: Final = 10


def told_lines(told: Told, width: int) -> tuple[Cell, ...]:
    """Return the story; in two columns where there is room: what it is, and its SQL and runs."""
    if width < TWO:
        inner = max(10, width - 2)
        lines = [
            *head_lines(told, inner),
            *_sql(told, inner),
            *_parameters(told, inner),
            *_facts(told, inner),
            *_runs(told, inner),
        ]
        return tuple((Span(" "), *fit(line, inner)) for line in lines)
    half = (width - 4) // 2
    left = [*head_lines(told, half), *_parameters(told, half), *_facts(told, half)]
    right = [*_sql(told, half), *_runs(told, half)]
    return tuple(beside(left, right, half))


def head_lines(told: Told, width: int) -> list[Cell]:
    """Return status, what the last run came to, why it cannot be run, what it is for."""
    item, glyphs = told.item, told.glyphs
    status = status_look(item.status)
    state = Span(f"{glyphs.status(item.status)} {status.word}", status.tone)
    runs = f"  {text.plural(item.runs, 'run')}, last " if item.runs else "  "
    last = last_cell(item.last_outcome, item.last_run_at, told.now, glyphs)
    lines: list[Cell] = [fit((state, Span(runs, "muted"), *last), width)]
    if item.status == "retired":
        lines.append((Span("It cannot be run. x takes it back into use.", "muted"),))
    elif item.problem:
        lines += wrap(f"{glyphs.lamp('failing')} {item.problem}", width, "failing", most=3)
    return [*lines, *wrap(item.description, width, most=6)]


def _sql(told: Told, width: int) -> list[Cell]:
    """Return the statement under the number of its version."""
    detail = told.detail
    if detail is None:
        return [(), (Span(f"SQL  v{told.item.version}", "strong"),)]
    when = f"{text.moment(detail.written_at, told.now)} by {text.clean(detail.written_by or '-')}"
    head = (Span("SQL ", "strong"), *_version(told), Span(f"  {when}", "muted"))
    keys = (Span("[ ]", "accent"), Span(" versions", "muted")) if len(detail.versions) > 1 else ()
    lines = sql_lines(detail.sql, detail.gateway.dialect)
    return [(), between(head, keys, width), *numbered(lines, width)]


def _version(told: Told) -> Cell:
    newest = told.item.version
    if not told.old:
        return (Span(f"v{newest}", "plain"),)
    return (
        Span(f"{told.glyphs.outcome('truncated')} v{told.version}", "degraded"),
        Span(f" of {newest}", "muted"),
    )


def _parameters(told: Told, width: int) -> list[Cell]:
    """Return each parameter: name, type, and its rules in words."""
    detail = told.detail
    if detail is None:
        return []
    if not detail.parameters:
        return [(), (Span("takes no parameters", "muted"),)]
    title = (Span("parameters", "strong"), Span("  * must be given", "muted"))
    room = min(NAME, max(text.width(text.clean(spec.name)) for spec in detail.parameters)) + 2
    return [
        (),
        fit(title, width),
        *(line for spec in detail.parameters for line in _parameter(spec, room, width)),
    ]


def _parameter(spec: ParameterSpec, room: int, width: int) -> list[Cell]:
    star = Span("*" if spec.required and spec.default is None else " ", "accent")
    head = (star, *fit(cell(spec.name, "strong"), room))
    said = "; ".join([words.TYPES[spec.param_type], *words.rules(spec)])
    inner = max(10, width - room - 1)
    lines = [*wrap(said, inner, most=4), *wrap(spec.description, inner, "muted", most=2)]
    blank = Span(" " * (room + 1))
    return [(*head, *lines[0]), *((blank, *line) for line in lines[1:])]


def _facts(told: Told, width: int) -> list[Cell]:
    """Return where it runs and under which caps."""
    detail = told.detail
    if detail is None:
        where = (*cell(told.item.gateway), Span("  "), *cell(told.item.dialect, "muted"))
        return [(), fact("runs on", where, width)]
    gateway = detail.gateway
    where = (
        *cell(gateway.name),
        Span(f"  {text.clean(gateway.technology)} {text.clean(gateway.kind)}", "muted"),
    )
    lines = [
        (),
        fact("runs on", where, width),
        *_wrapped("caps", ", ".join(words.caps(detail)), width),
        *_wrapped("tables", words.tables(gateway), width),
        fact("as", cell(words.role(gateway)), width),
    ]
    return [*lines, *_tripwire(told, gateway, width)]


def _wrapped(name: str, said: str, width: int) -> list[Cell]:
    inner = max(10, width - 9)
    return [
        fact("" if number else name, line, width)
        for number, line in enumerate(wrap(said, inner, most=3))
    ]


def _tripwire(told: Told, gateway: GatewaySummary, width: int) -> list[Cell]:
    if gateway.tripwire:
        return []
    off = Span(f"{told.glyphs.outcome('truncated')} off: values raise no alarm", "degraded")
    return [fact("tripwire", (off,), width)]


def _runs(told: Told, width: int) -> list[Cell]:
    """Return the last runs, newest first."""
    if told.runs is None:
        return []
    if not told.runs:
        can_run = told.item.status != "retired" and not told.item.problem
        return [(), (Span(f"It was never run.{' r runs it.' if can_run else ''}", "muted"),)]
    lines = [line for run in told.runs for line in _run(told, run, width)]
    return [(), (Span("last runs", "strong"),), *lines]


def _run(told: Told, run: TemplateRun, width: int) -> list[Cell]:
    """Return one run on a line; why it went wrong stands below."""
    found = outcome_look(run.outcome)
    head = (
        *fit((Span(text.age(run.at, told.now), "muted"),), AGE),
        *fit(cell(run.actor), WHO),
        *fit((Span(f" v{run.version}", "muted"),), 5),
        *fit((Span(f"{told.glyphs.outcome(run.outcome)} {found.word}", found.tone),), 10),
        *fit(cell(_rows(run.rows), "muted"), 11, right=True),
        *fit((Span(text.latency(run.duration_ms), "muted"),), 9, right=True),
    )
    lines = [fit(head, width)]
    if run.message and run.outcome not in {"ok", "truncated"}:
        inner = max(10, width - AGE)
        said = wrap(run.message, inner, "muted", most=2)
        lines += [(Span(" " * AGE), *line) for line in said]
    return lines


def _rows(rows: int | None) -> str | None:
    return None if rows is None else text.plural(rows, "row")
