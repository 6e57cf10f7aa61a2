"""`lampboard gateway run`: a template with values, its rows on stdout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from tui.cli.gateway.lookup import find_template
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.session import Session, narrate
from tui.text import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.gateway.model import ParameterSpec, SqlQueryResult
    from engine.workspace import Workspace


@click.command(
    "run",
    cls=BoardCommand,
    examples=(
        "lampboard gateway run by-day day=2026-11-01 --tenant acme -o csv",
        "lampboard gateway run by-ids ids=1,2,3 --version 2 --tenant acme",
        'echo \'{"day": "2026-11-01"}\' | lampboard gateway run by-day --json-params - -o json',
    ),
)
@click.argument("template", metavar="NAME")
@click.argument("values", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--version", type=WholeRange(1), help="Run this one; else the newest.")
@click.option(
    "--json-params", metavar="FILE", help="Values as JSON, by name, from a file; - is stdin."
)
@click.pass_obj
def command(
    session: Session,
    *,
    template: str,
    values: tuple[str, ...],
    version: int | None,
    json_params: str | None,
) -> None:
    """Run a template with values, and print its rows.

    Every run is in the activity. What is cut at a cap is told on stderr; in JSON and YAML also
    by `truncated`. A value that looks like an injection is an alarm, and nothing is run.
    """
    typed = _pairs(values)
    told = _from_json(json_params) if json_params is not None else {}
    for name in typed.keys() & told.keys():
        raise InvalidInput(f"The value of {name[:40]} is given twice.", field=name[:40])

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find_template(workspace, tenant, template, version)
        given = {**told, **_read(found.parameters, typed)}
        # By its number: a version that is made meanwhile may mean something else.
        result = await workspace.gateway.run(
            tenant, found.template.id, given, version=found.version
        )
        Printed(session, result).all()

    session.run(work)


class Printed:
    """The rows of a result, in the format that was asked for, and what is to be said beside."""

    def __init__(self, session: Session, result: SqlQueryResult) -> None:
        self._output = session.output
        self._result = result

    def all(self) -> None:
        """Print the rows, and say where something was cut."""
        {"json": self._record, "yaml": self._record, "csv": self._csv, "name": self._names}.get(
            self._output.format, self._table
        )()
        self._say()

    def _record(self) -> None:
        from tui.gateway.values import export

        told = replace(self._result, rows=()).to_dict()
        told["rows"] = [[_plain(export(value)) for value in row] for row in self._result.rows]
        self._output.record(told, table=lambda: "")

    def _csv(self) -> None:
        from tui.csv_text import LONGEST, head, lines
        from tui.gateway.values import names, records

        stream, long = self._output.stream, False
        stream.write(head(names(self._result)))
        for batch in records(self._result):
            stream.writelines(lines(batch, header=False))
            long = long or any(
                isinstance(value, str) and len(value) > LONGEST
                for record in batch
                for value in record.values()
            )
        if long:
            narrate(f"Texts are cut at {LONGEST:,} characters, a spreadsheet's cell; see -o json.")

    def _names(self) -> None:
        from tui.gateway.values import plain

        for row in self._result.rows:
            self._output.stream.write(plain(row[0] if row else "") + "\n")

    def _table(self) -> None:
        from tui.cli.table import Column, render
        from tui.gateway.values import is_right, names

        rows = self._result.rows
        columns = [
            Column(
                title=_title(name),
                key=f"c{place}",
                right=bool(rows)
                and all(is_right(row[place]) or row[place] is None for row in rows),
            )
            for place, name in enumerate(names(self._result))
        ]
        shown = [
            SimpleNamespace(**{f"c{place}": _cell(value) for place, value in enumerate(row)})
            for row in rows
        ]
        self._output.stream.write(render(shown, columns, self._output.stream))

    def _say(self) -> None:
        result, told = self._result, self._output.format == "table"
        rows = plural(result.row_count, "row")
        if result.truncated:
            narrate(
                f"Cut at {rows}, {plural(result.result_bytes, 'byte')}: there are more "
                f"(the cap of {result.truncated_by})."
            )
        elif told:
            narrate(f"{rows if result.row_count else 'No rows'} in {result.duration_ms:,} ms.")


def _pairs(values: Sequence[str]) -> dict[str, str]:
    """Return values as they were typed, by name; the value of a wrong one is not repeated."""
    found: dict[str, str] = {}
    for pair in values:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise InvalidInput(
                "A value must be given as NAME=VALUE.", hint="Such as day=2026-11-01."
            )
        if name in found:
            raise InvalidInput(f"The value of {name[:40]} is given twice.", field=name[:40])
        found[name] = value
    return found


def _from_json(source: str) -> dict[str, Any]:
    from engine.documents.json_text import load
    from tui.cli.gateway.given import read

    found = load(read(source, "file of values", "json_params"))
    if not isinstance(found, Mapping):
        raise InvalidInput("The values must be a JSON object: values by name.", field="json_params")
    return {str(name): value for name, value in found.items()}


def _read(specs: Sequence[ParameterSpec], typed: Mapping[str, str]) -> dict[str, Any]:
    """Return typed values as JSON has them; what is not declared is refused by the run."""
    from engine.gateway.parameters import parse_text

    known = {spec.name: spec for spec in specs}
    return {
        name: parse_text(known[name], text) if name in known else text
        for name, text in typed.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)  # exact, where a float would not be
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _title(name: str) -> str:
    from tui.text import clean

    return clean(name)


def _cell(value: object) -> str:
    """Return a value for people: NULL and the empty text can be told apart."""
    from tui.gateway.values import NULL, plain

    if value is None:
        return NULL
    said = plain(value)
    return f"'{said}'" if said in {"", NULL} else said
