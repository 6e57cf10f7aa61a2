"""`lampboard limits forecast`: when monthly limits run out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.kit import BoardCommand
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.limits.results import GaugeResult
    from engine.workspace import Workspace


@click.command(
    "forecast",
    cls=BoardCommand,
    examples=(
        "lampboard limits forecast --tenant acme",
        "lampboard limits forecast gpt-prod --tenant acme -o json",
    ),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.pass_obj
def command(session: Session, *, names: tuple[str, ...]) -> None:
    """Show when budgets and tokens run out, and how sure that is; without NAME, of all.

    Made of the last complete days, of each weekday by itself once there are four weeks. The range
    holds 8 of 10 cases. Where there is too little to go by, it says so.
    """

    async def work(workspace: Workspace) -> None:
        from tui.cli.limits.lines import FORECAST, lines
        from tui.cli.limits.status import bring_up_to_date

        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        await bring_up_to_date(workspace)
        found = await _forecasts(workspace, tenant, names)
        session.output.listing([lines(session, found, workspace.clock.now())], len(found), FORECAST)
        if not found:
            narrate("Nothing here has a monthly limit; `lampboard limits set` makes one.")

    session.run(work)


async def _forecasts(
    workspace: Workspace, tenant: str, names: tuple[str, ...]
) -> list[GaugeResult]:
    """Return the gauges of monthly limits, what runs out first first."""
    from tui.cli.limits.lookup import gauges_named
    from tui.cli.limits.status import every

    if names:
        found = await gauges_named(workspace, tenant, names)
    else:
        found = await every(workspace, tenant, query="!state:unlimited")
    return [one for one in found if one.limit and one.measure != "rate"]
