"""What commands of the gateway are given: SQL, declarations, caps; from flags, files and stdin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from tui.cli.numbers import Number, Whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.gateway.model import ParameterSpec

STDIN = "-"
LONGEST = 1_048_576
"""Characters read at most; no statement is longer, and a wrong file may have no end."""

SQL_NAMES = ("--file", "--sql")
PARAMETER_NAMES = ("--param", "--params-file")
CAP_NAMES = ("--max-rows", "--timeout")


def template_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the flags that say what a template is."""
    for option in (
        click.option(
            "--timeout", type=Number(), metavar="SECONDS", help="Its own; else the gateway's."
        ),
        click.option(
            "--max-rows", type=Whole(), metavar="N", help="Its own cap of rows; else the gateway's."
        ),
        click.option(
            "--params-file",
            metavar="FILE",
            type=click.Path(exists=True, dir_okay=False),
            help="Declarations as JSON or YAML: a list of records, or records by name.",
        ),
        click.option(
            "--param",
            "declared",
            metavar="DECLARATION",
            multiple=True,
            help="Declare one: 'day:date min=2026-01-01'; again for the next.",
        ),
        click.option("--sql", metavar="TEXT", help="The statement itself."),
        click.option(
            "--file", "sql_file", metavar="FILE", help="Read the statement from a file; - is stdin."
        ),
        click.option("--description", metavar="TEXT", help="For people."),
        click.option(
            "--name", metavar="NAME", help="Unique in the tenant; its case does not count."
        ),
    ):
        function = option(function)
    return function


def sql_of(ctx: click.Context, sql_file: str | None, sql: str | None) -> str | None:
    """Return the statement; None where none was given.

    Raises:
        UsageError: It is given twice.
        InvalidInput: It cannot be read.
    """
    if sql_file is not None and sql is not None:
        raise click.UsageError("Give the statement by --file or by --sql, not by both.", ctx)
    return sql if sql_file is None else read(sql_file, "statement", "sql")


def read(source: str, what: str, field: str) -> str:
    """Return the text of a file, or of stdin for `-`.

    Raises:
        InvalidInput: It cannot be read, is not text, or has no end.
    """
    try:
        if source == STDIN:
            text = sys.stdin.read(LONGEST + 1)
        else:
            with Path(source).open(encoding="utf-8-sig") as opened:
                text = opened.read(LONGEST + 1)
    except (OSError, ValueError, AttributeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        where = "on standard input" if source == STDIN else f"in {source}"
        raise InvalidInput(f"The {what} {where} cannot be read: {why}.", field=field) from None
    if len(text) > LONGEST:
        raise InvalidInput(f"That is too long for a {what}.", field=field)
    return text


def specs_of(declared: Sequence[str], params_file: str | None) -> tuple[ParameterSpec, ...] | None:
    """Return the declarations of a file, then those of flags; None where none were given.

    Raises:
        SqlGatewayError: One cannot be read.
        InvalidInput: The file is no JSON or YAML.
    """
    from engine.gateway.parameters.as_json import many_from
    from engine.gateway.parameters.notation import parse_declaration

    if not declared and params_file is None:
        return None
    from_file = many_from(data_of(params_file, "params_file")) if params_file else ()
    return (*from_file, *(parse_declaration(line) for line in declared if line.strip()))


def data_of(source: str, field: str) -> object:
    """Return what a file, or stdin for `-`, says as JSON or YAML.

    Raises:
        InvalidInput: It cannot be read, or says neither.
    """
    from engine.documents.json_text import load
    from engine.documents.yaml_text import load_all

    text = read(source, "file of parameters", field)
    if text.lstrip().startswith(("{", "[")):
        return load(text)
    found = list(load_all(text))
    if len(found) != 1:
        raise InvalidInput("The file must hold one document.", field=field)
    return found[0]
