"""`lampboard limits history`: warning levels that were reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tui import gauges, text
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.limits.results import LimitTransition
    from engine.workspace import Workspace
    from tui.cli.table import Column


@dataclass(frozen=True, kw_only=True, slots=True)
class ReachedLine:
    """One warning level that was reached, as a line."""

    reached: LimitTransition

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready values, with the unit of its amounts."""
        return self.reached.to_dict() | {"unit": gauges.UNIT[self.reached.measure]}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.reached, name)

    @property
    def used(self) -> str:
        """How much was used then."""
        return gauges.amount(self.reached.measure, self.reached.used)

    @property
    def limit(self) -> str:
        """What the limit was then."""
        return gauges.amount(self.reached.measure, self.reached.limit)


@click.command(
    "history",
    cls=BoardCommand,
    examples=(
        "lampboard limits history --tenant acme",
        "lampboard limits history gpt-prod --tenant acme -o json",
    ),
)
@click.argument("name", required=False, metavar="[NAME]")
@click.option("--limit", type=WholeRange(1, 1000), default=100, help="At most (100).")
@click.pass_obj
def command(session: Session, *, name: str | None, limit: int) -> None:
    """Show the warning levels that were reached, newest first: each once a period."""

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        found = await _reached(workspace, tenant, name, limit)
        rows = [ReachedLine(reached=one) for one in found]
        session.output.listing([rows], len(rows), _columns())
        if not rows:
            narrate("No warning level was reached so far.")

    session.run(work)


async def _reached(
    workspace: Workspace, tenant: str, name: str | None, limit: int
) -> Sequence[LimitTransition]:
    """Return a tenant's, or those of what is named."""
    if name is None:
        return await workspace.limits.transitions(tenant, limit=limit)
    from tui.cli.limits.lookup import gauges_named

    meters = {(one.scope, one.subject) for one in await gauges_named(workspace, tenant, [name])}
    found: list[LimitTransition] = []
    for scope, subject in meters:
        found += (await workspace.limits.get_meter(tenant, scope, subject)).transitions
    return sorted(found, key=lambda one: one.id, reverse=True)[:limit]


def _columns() -> tuple[Column, ...]:
    from tui.cli.shows import time
    from tui.cli.table import Column

    return (
        Column(title="AT", key="at", show=time),
        Column(title="NAME", key="name"),
        Column(title="OF", key="scope"),
        Column(title="MEASURE", key="measure"),
        Column(title="LEVEL", key="level", show=lambda value: text.percent(float(str(value)))),
        Column(title="USED", key="used", right=True),
        Column(title="LIMIT", key="limit", right=True),
    )
