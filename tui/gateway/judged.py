"""What is wrong with a template that is being written, each with its place: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.errors import LampboardError
from tui import text
from tui.widgets.cells import Cell, Mark, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.gateway.model import ParameterSpec
    from engine.gateway.results import Verdict
    from tui.theme import Glyphs

SQL: Final = "sql"
PARAMETERS: Final = "parameters"

MOST_WRONG: Final = 100
"""Wrong lines of declarations that are told of: more than anybody mends before looking again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        where: SQL or PARAMETERS, the text that it is in.
        mark: Its place in there; None where no place is to blame.
    """

    where: str
    mark: Mark | None
    message: str
    hint: str = ""

    @property
    def place(self) -> str:
        """Where it is, as people count: `3:14`."""
        if self.mark is None:
            return text.NOTHING
        if self.where == PARAMETERS:
            return f"p{self.mark.line + 1}"
        return f"{self.mark.line + 1}:{self.mark.column + 1}"

    @property
    def sentence(self) -> str:
        """What is wrong and what to do."""
        return f"{self.message} {self.hint}".strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """The declarations of a form: those that could be read, and what is wrong with the rest."""

    specs: tuple[ParameterSpec, ...] = ()
    findings: tuple[Finding, ...] = ()


def declared(typed: str) -> Declared:
    """Return what lines of text declare; blank ones and those that begin with # are nothing.

    Behind the MOST_WRONG-th wrong line nothing is read any more. It takes time by the text's
    length, a tenth of a second for the longest: where keys are waited for, a thread is its place.
    """
    from engine.gateway.parameters import check_spec
    from engine.gateway.parameters.notation import parse_declaration

    specs: dict[str, ParameterSpec] = {}
    findings: list[Finding] = []
    for number, line in enumerate(typed.split("\n")):
        if len(findings) >= MOST_WRONG:
            break
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            spec = parse_declaration(line)
            check_spec(spec, specs)
        except LampboardError as error:
            mark = Mark(number, 0, len(line))
            findings.append(
                Finding(where=PARAMETERS, mark=mark, message=error.message, hint=error.hint)
            )
        else:
            specs[spec.name] = spec
    return Declared(specs=tuple(specs.values()), findings=tuple(findings))


def refusals(verdict: Verdict | None) -> tuple[Finding, ...]:
    """Return what registration refuses."""
    return tuple(
        Finding(
            where=SQL,
            mark=None
            if one.line is None
            else Mark(one.line - 1, max(0, (one.column or 1) - 1), max(1, one.length)),
            message=one.message,
            hint=one.hint,
        )
        for one in (verdict.refusals if verdict is not None else ())
    )


def verdict_cell(
    findings: Sequence[Finding], verdict: Verdict | None, glyphs: Glyphs, *, under_way: bool
) -> Cell:
    """Return the state of what is written: accepted, how many refusals, or not judged yet."""
    if findings:
        count = text.plural(len(findings), "refusal")
        return (Span(f"{glyphs.lamp('failing')} {count}", "failing"),)
    if verdict is None:
        return (Span(f"{glyphs.lamp('unknown')} not checked yet", "unknown"),)
    reads = text.clean(", ".join(verdict.tables))
    said = f"  reads {text.ellipsis(reads, 40)}" if reads else ""
    more = f" {glyphs.gap}" if under_way else ""
    return (
        Span(f"{glyphs.lamp('healthy')} accepted", "healthy"),
        Span(f"{said}{more}", "muted"),
    )
