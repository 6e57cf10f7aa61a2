"""`lampboard gateway check`: judges SQL as registration would, without a database."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from engine.gateway.results import DIALECTS
from tui.cli.kit import BoardCommand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.gateway.model import ParameterSpec
    from engine.gateway.results import Verdict
    from tui.cli.session import Session

STDIN = "-"
LONGEST_LINE = 4 * 1024 * 1024
"""Characters (bytes of a pipe) of a line at most; a longer one is refused."""


@click.command(
    "check",
    cls=BoardCommand,
    panels={
        "What it is": ("--dialect", "--param", "--params-file", "--table"),
        "Pipelines": ("--jsonl",),
    },
    examples=(
        "lampboard gateway check by-day.sql --dialect postgres --param day:date",
        "lampboard gateway check by-day.sql --dialect duckdb --table orders -o json",
        "echo 'SELECT 1' | lampboard gateway check - --dialect sqlite",
        "lampboard gateway check --jsonl - < statements.jsonl",
    ),
)
@click.argument("source", metavar="[FILE|-]", default=STDIN)
@click.option(
    "--dialect",
    type=click.Choice(DIALECTS),
    default="generic",
    show_default=True,
    help="Of the database that it is for.",
)
@click.option(
    "--param",
    "declared",
    metavar="DECLARATION",
    multiple=True,
    help="Declare one: 'day:date min=2026-01-01'; again for the next. Without any, none is asked.",
)
@click.option(
    "--params-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="Declarations as JSON or YAML: a list of records, or records by name.",
)
@click.option(
    "--table",
    "tables",
    metavar="NAME",
    multiple=True,
    help="A table that may be read; with none given any may, but for the server's own.",
)
@click.option(
    "--jsonl",
    is_flag=True,
    help="Read a JSON object a line and answer one a line, at once.",
)
@click.pass_context
def command(ctx: click.Context, /, *, source: str, jsonl: bool, **more: Any) -> None:
    """Judge whether SQL may become a template. Exits with 1 when it may not.

    Each reason comes with its place. With --jsonl a line is {"dialect": "postgres", "sql": "…"},
    with "params": {"name": …} where the names are to be held against the placeholders; the answer
    is {"accepted": true, "reason": null}, or the reason with its code, line and column. A line
    that is none of this is answered as not accepted, and it exits with 0 whatever was found.
    """
    session: Session = ctx.obj
    if jsonl:
        _answer(source)
        return
    verdict, sql = _judged(source, **more)
    session.output.record(verdict.to_dict(), table=lambda: _told(verdict, sql), name="accepted")
    ctx.exit(0 if verdict.accepted else 1)


def _judged(
    source: str,
    *,
    dialect: str,
    declared: tuple[str, ...],
    params_file: str | None,
    tables: tuple[str, ...],
) -> tuple[Verdict, str]:
    from engine.gateway.judging import judge
    from engine.gateway.parameters import check_specs
    from tui.cli.gateway.given import read, specs_of

    specs = specs_of(declared, params_file)
    if specs is not None:
        check_specs(specs)
    sql = read(source, "statement", "sql")
    return judge(sql, dialect, specs, tables=tables), sql


def _told(verdict: Verdict, sql: str) -> str:
    from tui.cli.gateway.refusals import lines
    from tui.text import clean

    if not verdict.accepted:
        return "".join(f"{line}\n" for line in lines(verdict, sql))
    told = ["Accepted."]
    if verdict.placeholders:
        told.append(f"Placeholders: {clean(', '.join(verdict.placeholders))}")
    if verdict.tables:
        told.append(f"Tables: {clean(', '.join(verdict.tables))}")
    return "\n".join(told) + "\n"


def _answer(source: str) -> None:
    if source != STDIN:
        from engine.errors import InvalidInput

        raise InvalidInput("--jsonl reads standard input.", hint="Give - or nothing beside it.")
    for answer in _answers():
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _answers() -> Iterator[dict[str, Any]]:
    from tui.cli.gateway.piped import lines

    for line in lines(LONGEST_LINE):
        if line is None:
            yield _no(f"The line is longer than {LONGEST_LINE:,} bytes.", "too_long")
        else:
            yield _answered(line)


def _answered(line: str) -> dict[str, Any]:
    from engine.gateway.dialects import dialect_of
    from engine.gateway.judging import judge

    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return _no("The line is not JSON.", "invalid_line")
    if not isinstance(asked, dict):
        return _no("The line is JSON, but not an object.", "invalid_line")
    sql, dialect, params = asked.get("sql"), asked.get("dialect", "generic"), asked.get("params")
    if not isinstance(sql, str) or not isinstance(dialect, str):
        return _no('The line has no text in "sql" and "dialect".', "invalid_line")
    if params is not None and not isinstance(params, dict):
        return _no('"params" is not an object.', "invalid_line")
    verdict = judge(sql, dialect_of(dialect) or dialect, None if params is None else _named(params))
    if verdict.accepted:
        return {"accepted": True, "reason": None}
    first = verdict.refusals[0]
    return _no(first.message, first.code) | {"line": first.line, "column": first.column}


def _no(reason: str, code: str) -> dict[str, Any]:
    return {"accepted": False, "reason": reason, "code": code}


def _named(params: Mapping[str, Any]) -> tuple[ParameterSpec, ...]:
    """Return declarations that have the names alone, in their order."""
    from engine.gateway.model import ParameterSpec, ParameterType

    return tuple(ParameterSpec(name=name, param_type=ParameterType.STRING) for name in params)
