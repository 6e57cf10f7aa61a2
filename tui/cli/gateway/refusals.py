"""Refused SQL for people: each reason with its place, and the place pointed at."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tui.text import clean, width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.gateway.errors import TemplateRefused
    from engine.gateway.results import Refusal, Verdict

BEFORE = 60
"""Characters of a line that are shown in front of the place; machines write very long lines."""
SHOWN = 100
"""Characters of a line that are shown in all."""

POINTER = "^"


def lines(verdict: Verdict, sql: str) -> Iterator[str]:
    """Yield a line for each reason, the line of SQL that is meant, and a mark below its place."""
    # As the judge counts them: at line feeds alone.
    written = sql.split("\n")
    for one in verdict.refusals:
        yield f"{_place(one)}{clean(one.message)}"
        if one.line is not None and 1 <= one.line <= len(written):
            yield from _pointed(one, written[one.line - 1])
        if one.hint:
            yield f"  Hint: {clean(one.hint)}"


def tell(verdict: Verdict, sql: str) -> None:
    """Write the reasons to stderr."""
    for line in lines(verdict, sql):
        sys.stderr.write(line + "\n")
    sys.stderr.flush()


def refused(error: TemplateRefused, sql: str, *, as_json: bool) -> int:
    """Write why a template was refused to stderr, and return the exit code."""
    if as_json:
        from tui.cli.output import as_json as dump

        told = error.to_dict() | {"refusals": error.verdict.to_dict()["refusals"]}
        sys.stderr.write(dump({"error": told}, sys.stderr) + "\n")
    else:
        sys.stderr.write("Error: The statement was refused; nothing was stored.\n")
        tell(error.verdict, sql)
    return error.exit_code


def _place(one: Refusal) -> str:
    if one.line is None:
        return ""
    column = f", column {one.column}" if one.column is not None else ""
    return f"line {one.line}{column}: "


def _pointed(one: Refusal, line: str) -> Iterator[str]:
    """Yield the line, or the part of it around the place, and the mark below."""
    at = max(0, (one.column or 1) - 1)
    first = max(0, at - BEFORE)
    shown = clean(line[first : first + SHOWN])
    # Measured as it is shown: what is cleaned away takes no cell, what is wide takes two.
    indent = width(clean(line[first:at]))
    marks = max(1, min(width(clean(line[at : at + one.length])), width(shown) - indent))
    yield f"  {shown}"
    yield f"  {' ' * indent}{POINTER * marks}"
