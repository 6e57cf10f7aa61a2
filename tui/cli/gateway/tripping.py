"""`lampboard gateway tripwire`: tells values that look like an injection, without a database."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from engine.jsonable import JsonRecord
from tui.cli.gateway.piped import lines
from tui.cli.kit import BoardCommand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.cli.session import Session

STDIN = "-"
LONGEST_LINE = 16 * 1024 * 1024
"""Characters (bytes of a pipe) of a line at most; a longer one is answered with an error."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked(JsonRecord):
    """One value and what was found.

    Attributes:
        number: Which value it is, counted from 1.
        suspicious: Whether it looks like an injection.
        code: Which shape was found; None for what people type.
        message: The same in a sentence.
        value: The value as it was given.
    """

    number: int
    suspicious: bool
    code: str | None
    message: str | None
    value: str


@click.command(
    "tripwire",
    cls=BoardCommand,
    panels={"Values": ("--jsonl",)},
    examples=(
        'lampboard gateway tripwire "O\'Brien" "1\' OR 1=1 --"',
        'lampboard gateway tripwire -- "-1 UNION SELECT 1,2"',
        "lampboard gateway tripwire - < values.txt",
        "lampboard gateway tripwire --jsonl - < values.jsonl",
    ),
)
@click.argument("values", metavar="[VALUE]...", nargs=-1)
@click.option(
    "--jsonl",
    is_flag=True,
    help="Read a JSON string a line and answer a JSON object a line, at once.",
)
@click.pass_context
def command(ctx: click.Context, /, *, values: tuple[str, ...], jsonl: bool) -> None:
    """Tell values that look like an SQL injection. Exits with 1 when one does.

    It is the alarm that a run sounds before its values are bound. `-` reads a value a line from
    standard input. With --jsonl the answers are {"suspicious": true, "code": "union"} or
    {"suspicious": false}, a line that is no JSON string is answered with "error", and it exits
    with 0 whatever was found.
    """
    session: Session = ctx.obj
    if jsonl:
        _answer(values)
        return
    looked = [_look(number, value) for number, value in enumerate(_given(values), 1)]
    _print(session, looked)
    ctx.exit(1 if any(one.suspicious for one in looked) else 0)


def _answer(values: tuple[str, ...]) -> None:
    if values not in {(), (STDIN,)}:
        from engine.errors import InvalidInput

        raise InvalidInput("--jsonl reads standard input.", hint="Give - or nothing beside it.")
    for line in lines(LONGEST_LINE):
        sys.stdout.write(json.dumps(_answered(line)) + "\n")
        sys.stdout.flush()


def _answered(line: str | None) -> dict[str, Any]:
    from engine.gateway.tripwire import look

    if line is None:
        return {"suspicious": None, "error": f"The line is longer than {LONGEST_LINE:,} bytes."}
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {"suspicious": None, "error": "The line is not JSON."}
    if not isinstance(value, str):
        return {"suspicious": None, "error": "The line is JSON, but not a string."}
    alarm = look(value)
    return {"suspicious": True, "code": alarm.code} if alarm else {"suspicious": False}


def _given(values: tuple[str, ...]) -> Iterator[str]:
    from tui.cli.streams import is_terminal

    if not values and is_terminal(sys.stdin):
        from engine.errors import InvalidInput

        raise InvalidInput("There is no value to look at.", hint="Give values, or - for stdin.")
    for value in values or (STDIN,):
        if value == STDIN:
            yield from (line for line in lines(LONGEST_LINE) if line is not None)
        else:
            yield value


def _look(number: int, value: str) -> Looked:
    from engine.gateway.tripwire import look

    alarm = look(value)
    return Looked(
        number=number,
        suspicious=alarm is not None,
        code=alarm.code if alarm else None,
        message=alarm.message if alarm else None,
        value=value,
    )


def _print(session: Session, looked: list[Looked]) -> None:
    from tui.cli.table import Column

    columns = [
        Column(title="#", key="number", right=True),
        Column(title="verdict", key="suspicious", show=lambda s: "suspicious" if s else "passes"),
        Column(title="code", key="code"),
        Column(title="value", key="value"),
        Column(title="why", key="message"),
    ]
    session.output.listing([looked], len(looked), columns, name="number")
