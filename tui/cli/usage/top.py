"""`lampboard usage top`: who used the most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.limits.results import SCOPES
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.options import Words
from tui.cli.session import Session, narrate
from tui.cli.usage.spans import SPAN, span, span_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.usage.results import UsageTotal
    from engine.workspace import Workspace
    from tui.cli.table import Column
    from tui.cli.usage.spans import Span

BY = tuple(sorted(SCOPES, key=("model", "agent", "integration", "provider", "tenant").index))


@click.command(
    "top",
    cls=BoardCommand,
    panels={"When": SPAN},
    examples=(
        "lampboard usage top --tenant acme",
        "lampboard usage top --by agent --integration gpt-prod --tenant acme",
        "lampboard usage top --by integration --month 2026-03 --tenant acme -o csv",
    ),
)
@click.option("--by", metavar="SCOPE", type=Words(BY), default="model", help=f"By {', '.join(BY)}.")
@click.option("--integration", metavar="NAME", help="Only what this one used.")
@span_options
@click.option("--limit", type=WholeRange(1, 1000), default=10, help="At most (10).")
@click.pass_obj
def command(  # noqa: PLR0913 - a flag each
    session: Session,
    *,
    by: str,
    integration: str | None,
    month: str | None,
    first: str | None,
    last: str | None,
    limit: int,
) -> None:
    """Show who used the most: by cost, then by tokens. This month (UTC) unless told otherwise.

    A cost counts calls of known price; what is unpriced is told beside it. In JSON, YAML and CSV
    costs are billionths of a dollar (`cost_nanos`).
    """

    async def work(workspace: Workspace) -> tuple[Sequence[UsageTotal], Span]:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        days = span(workspace.clock.now(), month=month, first=first, last=last)
        found = await workspace.usage.top(
            tenant,
            by=by,
            integration=await _id(workspace, tenant, integration),
            start=days.start,
            end=days.end,
            limit=limit,
        )
        return found, days

    found, days = session.run(work)
    from tui.cli.usage.totals import Total

    rows = [Total(total=one) for one in found]
    session.output.listing([rows], len(rows), _columns(by))
    if not rows:
        narrate(f"No usage was recorded ({days.words}).")
    elif len(rows) == limit:
        narrate(f"The first {limit:,} are shown; use --limit for more.")


async def _id(workspace: Workspace, tenant: str, given: str | None) -> str | None:
    if given is None:
        return None
    from tui.lookup import find_integration

    return (await find_integration(workspace, tenant, given)).id


def _columns(by: str) -> tuple[Column, ...]:
    from tui.cli.shows import count, latency
    from tui.cli.table import Column

    return (
        Column(title=by.upper(), key="name"),
        Column(title="CALLS", key="calls", show=count, right=True),
        Column(title="ERRORS", key="errors", show=count, right=True),
        Column(title="BLOCKED", key="blocked", show=count, right=True),
        Column(title="TOKENS IN", key="tokens_in", show=count, right=True),
        Column(title="CACHED", key="tokens_cached", show=count, right=True),
        Column(title="TOKENS OUT", key="tokens_out", show=count, right=True),
        Column(title="COST", key="cost", right=True),
        Column(title="LATENCY", key="latency_ms", show=latency, right=True),
    )
