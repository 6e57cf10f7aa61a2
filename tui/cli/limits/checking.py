"""`lampboard limits check|release`: asking before a call, from a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.limits.asking import MAX_TTL_S
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.limits.results import Decision
    from engine.workspace import Workspace


@click.command(
    "check",
    cls=BoardCommand,
    panels={"The call": ("--tokens", "--cost", "--model", "--agent")},
    examples=(
        "lampboard limits check gpt-prod --tokens 4k --cost 0.02 --tenant acme || exit",
        "id=$(lampboard limits check gpt-prod --tokens 4k --tenant acme -o name)",
        "lampboard limits check gpt-prod --tokens 4k --tenant acme --dry-run",
    ),
)
@click.argument("name", metavar="NAME")
@click.option("--tokens", metavar="N", default="0", help="Tokens that it may use: 4k.")
@click.option("--cost", metavar="DOLLARS", default="0", help="What it may cost: 0.02.")
@click.option("--model", metavar="NAME", default="", help="Ask the limits of this model too.")
@click.option("--agent", metavar="NAME", default="", help="Ask the limits of this agent too.")
@click.option(
    "--ttl",
    "ttl_s",
    metavar="SECONDS",
    type=WholeRange(1, MAX_TTL_S),
    default=300,
    show_default=True,
    help="How long it is reserved if no record comes.",
)
@click.option("--dry-run", is_flag=True, help="Ask, and reserve nothing.")
@click.pass_context
def command(
    ctx: click.Context, /, *, name: str, tokens: str, cost: str, dry_run: bool, **more: Any
) -> None:
    """Ask whether a call fits into every limit that concerns it. Exits with 1 when it does not.

    What it may use is reserved until a usage record names the reservation (`reservation_id`), or
    for --ttl seconds; so what was allowed never passes a limit, however many ask at once.
    """
    from tui import amounts

    session: Session = ctx.obj
    asked = {"tokens": amounts.count(tokens), "cost": amounts.dollars(cost), **more}

    async def work(workspace: Workspace) -> Decision:
        from tui.lookup import find_integration

        tenant = await session.tenant(workspace)
        found = await find_integration(workspace, tenant, name)
        decision = await workspace.limits.check(tenant, found.id, **asked)
        if dry_run and decision.reservation_id:
            await workspace.limits.release(tenant, decision.reservation_id)
        return decision

    decision = session.run(work)
    _print(session, decision, dry_run=dry_run)
    ctx.exit(1 if decision.outcome == "blocked" else 0)


def _print(session: Session, decision: Decision, *, dry_run: bool) -> None:
    from tui.cli.shows import facts_of, time
    from tui.cli.table import Column

    columns = [
        Column(title="outcome", key="outcome"),
        Column(title="reason", key="reason"),
        Column(title="begins anew", key="resets_at", show=time),
    ]
    told = decision.to_dict()
    if dry_run:
        told |= {"reservation_id": None, "expires_at": None}
    else:
        columns += [
            Column(title="reservation", key="reservation_id"),
            Column(title="expires", key="expires_at", show=time),
        ]
    session.output.record(
        told,
        table=lambda: facts_of(decision, columns, session.output.stream),
        name="reservation_id",
    )


@click.command(cls=BoardCommand, examples=("lampboard limits release 3f2a --tenant acme",))
@click.argument("reservation", metavar="ID")
@click.pass_obj
def release(session: Session, *, reservation: str) -> None:
    """Give a reservation back that will not be used."""

    async def work(workspace: Workspace) -> bool:
        return await workspace.limits.release(await session.tenant(workspace), reservation)

    if not session.run(work):
        from engine.errors import NotFound

        raise NotFound(
            f"There is no reservation {reservation[:80]!r}.",
            hint="It was settled by a usage record, given back, or has expired.",
        )
    narrate("What it held is free again.")
