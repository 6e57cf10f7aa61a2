"""`lampboard usage export`: single calls as CSV or JSON lines, as they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from tui import text
from tui.cli.kit import BoardCommand
from tui.cli.options import Words
from tui.cli.session import Session, narrate
from tui.cli.usage.spans import SPAN, span, span_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from engine.jsonable import JsonRecord
    from engine.workspace import Workspace

FORMATS = ("jsonl", "csv")


class ExportCommand(BoardCommand):
    """Takes its own formats for `-o`: what is written is a log, not a list of things."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for option in self.params:
            if isinstance(option, click.Option) and option.name == "output":
                option.type = Words(FORMATS)
                option.help = "How to write calls: jsonl (else) or csv."


@click.command(
    "export",
    cls=ExportCommand,
    panels={"When": SPAN},
    examples=(
        "lampboard usage export --tenant acme > this-month.jsonl",
        "lampboard usage export --month 2026-03 --tenant acme -o csv > march.csv",
        "lampboard usage export --from 2026-01-01 --tenant acme | gzip > year.jsonl.gz",
    ),
)
@span_options
@click.pass_obj
def command(session: Session, *, month: str | None, first: str | None, last: str | None) -> None:
    """Write the single calls of a tenant as they were recorded; this month's unless told otherwise.

    JSON lines can be read back by `lampboard usage import`. CSV is for spreadsheets: a text that
    one would take for a formula has a quote in front. `cost_nanos` is in billionths of a dollar,
    and empty where no price is known.
    """
    write = _writer(session)

    async def work(workspace: Workspace) -> int:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        days = span(workspace.clock.now(), month=month, first=first, last=last)
        count = 0
        async for rows in workspace.usage.export(tenant, days.start, days.end):
            session.output.stream.writelines(write(rows, count))
            count += len(rows)
        narrate(f"{text.plural(count, 'record')} written ({days.words}).")
        return count

    session.run(work)


def _writer(session: Session) -> Callable[[Sequence[JsonRecord], int], Iterable[str]]:
    """Return what makes lines of records; its number is how many were written before."""
    told = str(session.flags.get("output") or FORMATS[0])
    if told not in FORMATS:
        wanted = " or ".join(FORMATS)
        raise InvalidInput(f"Calls are written as {wanted}, not as {told}.", field="output")
    if told == "csv":
        from tui.cli.csv_text import lines

        return lambda rows, before: lines([row.to_dict() for row in rows], header=not before)
    from tui.cli.output import as_json

    stream = session.output.stream
    return lambda rows, _: (as_json(row.to_dict(), stream, indent=None) + "\n" for row in rows)
