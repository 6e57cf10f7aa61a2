"""`lampboard activity`: who did what, when, to which thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.kit import DefaultGroup
from tui.cli.numbers import WholeRange
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.activity import ActivityPage
    from engine.workspace import Workspace
    from tui.cli.table import Column

activity = DefaultGroup(
    name="activity",
    help="Who did what, when, to which thing. `lampboard activity` lists it.",
    examples=(
        "lampboard activity --tenant acme",
        "lampboard activity list --tenant acme 'gpt !enabled' --limit 20 -o json",
    ),
)


@activity.command("list", examples=("lampboard activity list --tenant acme --limit 20",))
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option("--concept", metavar="NAME", help="Only of one concept, such as integration.")
@click.option("--thing", metavar="ID", help="Only what was done to this one.")
@click.option("--limit", type=WholeRange(1, 999), default=100, help="At most (100).")
@click.pass_obj
def list_command(
    session: Session,
    *,
    words: tuple[str, ...],
    concept: str | None,
    thing: str | None,
    limit: int,
) -> None:
    """List what was done, newest first. A filter is words that must all fit."""

    async def work(workspace: Workspace) -> ActivityPage:
        tenant = await session.tenant(workspace)
        return await workspace.activity.page(
            # One more than is shown tells whether there is more.
            tenant,
            query=" ".join(words),
            concept=concept,
            thing_id=thing,
            limit=limit + 1,
        )

    found = session.run(work).items
    shown = found[:limit]
    session.output.listing([shown], len(shown), _columns(), name="thing_name")
    if len(found) > limit:
        narrate(f"The newest {limit:,} are shown; use --limit for more.")
    elif not found:
        narrate("Nothing was done yet.")


def _columns() -> tuple[Column, ...]:
    from tui.cli.shows import pairs, time
    from tui.cli.table import Column

    return (
        Column(title="AT", key="at", show=time),
        Column(title="TENANT", key="tenant_id"),
        Column(title="WHO", key="actor"),
        Column(title="BY", key="origin"),
        Column(title="WHAT", key="action"),
        Column(title="THING", key="thing_name"),
        Column(title="DETAIL", key="detail", show=pairs),
    )
