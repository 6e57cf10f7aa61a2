"""`lampboard incidents list`: what is open or over, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from engine.incidents.facade import SORTS
from tui.cli import paging
from tui.cli.kit import BoardCommand
from tui.cli.options import PAGE, Words, list_options, turned_option
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.incidents.model import Incident
    from engine.workspace import Workspace
    from tui.cli.table import Column

CLOSED: Final[Mapping[str, bool | None]] = {"open": False, "closed": True, "any": None}
"""What `--state` means; acknowledged and silenced ones are open."""


@click.command(
    "list",
    cls=BoardCommand,
    panels={"Which": ("--state", "--sort", "--desc", "--limit", "--all")},
    examples=(
        "lampboard incidents list --tenant acme",
        "lampboard incidents list --tenant acme 'severity:critical !state:acknowledged'",
        "lampboard incidents list --tenant acme --state closed --sort opened --desc -o json",
    ),
)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option(
    "--state",
    metavar="STATE",
    type=Words(tuple(CLOSED)),
    default="open",
    help="Those that are open (default), closed, or any.",
)
@list_options(SORTS, first="severity", turned=turned_option("--reverse"), watch=False)
@click.pass_obj
def command(  # noqa: PLR0913 - a flag each
    session: Session,
    *,
    words: tuple[str, ...],
    state: str,
    sort: str,
    descending: bool,
    limit: int,
    everything: bool,
) -> None:
    """List incidents, the worst and oldest first.

    A filter takes words and fields: `state:`, `severity:`, `cause:`, `kind:`, `name:`,
    `provider:`, `assignee:`, `error:`, `flapping:yes`, `number:`; `!` turns one round.
    """
    query, closed = " ".join(words), CLOSED[state]
    how: dict[str, Any] = {
        "closed": closed,
        "query": query,
        "sort": sort,
        "descending": descending,
    }

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)

        async def ask(**where: Any) -> tuple[Sequence[Incident], Sequence[Any]]:
            page = await workspace.incidents.page(tenant, **how, **where)
            return page.items, page.keys

        batches = await paging.every(ask, PAGE) if everything else [(await ask(limit=limit))[0]]
        total = await workspace.incidents.count(tenant, closed=closed, query=query)
        session.output.listing(batches, total, columns(closed=closed), name="number")
        _tell(tenant, sum(map(len, batches)), total, state, narrowed=bool(words))

    session.run(work)


def _tell(tenant: str, shown: int, total: int, state: str, *, narrowed: bool) -> None:
    which = "" if state == "any" else f" {state}"
    if not total and narrowed:
        narrate(f"No{which} incident of {tenant} matches.")
    elif not total:
        narrate(f"{tenant} has no{which} incident.")
    elif shown < total:
        narrate(f"{shown:,} of {total:,} shown; use --all.")


def columns(*, closed: bool | None) -> tuple[Column, ...]:
    """Return the columns of a list; of what is over, when and why it ended."""
    from tui.cli.shows import time
    from tui.cli.table import Column

    ended = (
        Column(title="CLOSED", key="closed_at", show=time),
        Column(title="BECAUSE", key="closed_because"),
    )
    return (
        Column(title="NUMBER", key="number", right=True),
        Column(title="SEVERITY", key="severity"),
        Column(title="STATE", key="state"),
        Column(title="INCIDENT", key="title"),
        Column(title="ERROR", key="error"),
        Column(title="ASSIGNEE", key="assignee"),
        Column(title="OPENED", key="opened_at", show=time),
        *(() if closed is False else ended),
    )
