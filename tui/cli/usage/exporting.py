"""`lampboard usage export`: single calls as CSV or JSON lines, as they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui import text
from tui.cli.exports import ExportCommand
from tui.cli.session import Session, narrate
from tui.cli.usage.spans import SPAN, span, span_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from engine.jsonable import JsonRecord
    from engine.workspace import Workspace


@click.command(
    "export",
    cls=ExportCommand,
    formats=("jsonl", "csv"),
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
    if session.output.format == "csv":
        from tui.csv_text import lines

        return lambda rows, before: lines([row.to_dict() for row in rows], header=not before)
    from tui.cli.output import as_json

    stream = session.output.stream
    return lambda rows, _: (as_json(row.to_dict(), stream, indent=None) + "\n" for row in rows)
