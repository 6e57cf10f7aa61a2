"""`lampboard limits status`: every gauge, or those that are named."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from engine.limits.results import MEASURES, SCOPES
from engine.limits.selection import SORTS
from tui.cli import paging
from tui.cli.kit import BoardCommand
from tui.cli.options import PAGE, Words, list_options
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.limits.results import GaugeResult
    from engine.workspace import Workspace

CONCEPTS = frozenset({"limits", "usage", "integrations"})
"""What changes a gauge."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which gauges, and how many at most; None is all of them."""

    names: tuple[str, ...]
    query: str
    scope: str | None
    measure: str | None
    sort: str
    descending: bool
    limit: int | None

    @property
    def narrowed(self) -> bool:
        """Whether some are left out on purpose."""
        return bool(self.names or self.query or self.scope or self.measure)


@click.command(
    "status",
    cls=BoardCommand,
    panels={"Which": ("--scope", "--measure", "--filter", "--sort", "--desc", "--limit", "--all")},
    examples=(
        "lampboard limits status --tenant acme",
        "lampboard limits status gpt-prod openai --tenant acme -o json",
        "lampboard limits status --filter 'state:over !agent:batch' --tenant acme",
        "lampboard limits status --by provider --tenant acme      usage and gauges of each",
    ),
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--scope", metavar="SCOPE", type=Words(SCOPES), help=f"Only of: {', '.join(SCOPES)}.")
@click.option(
    "--measure", metavar="NAME", type=Words(MEASURES), help=f"Only: {', '.join(MEASURES)}."
)
@click.option("--filter", "query", metavar="TEXT", default="", help="Words that must all fit.")
@click.option(
    "--by", metavar="SCOPE", type=Words(SCOPES), help="A line each, with what it used this month."
)
@list_options(SORTS, first="urgency")
@click.pass_obj
def command(
    session: Session,
    /,
    *,
    by: str | None,
    watch: bool,
    limit: int,
    everything: bool,
    **asked: Any,
) -> None:
    """Show usage against limits; what runs out first comes first.

    NAME is an integration, provider, model or agent; without one, all gauges are shown. A filter
    takes words and fields: `gpt`, `!batch`, `state:over`, `model:gpt-4o`, `agent:crawler`. In
    JSON, YAML and CSV a budget's amounts are billionths of a dollar, so that they are exact.
    """
    wanted = Wanted(limit=None if everything else limit, **asked)

    async def work(workspace: Workspace) -> None:
        from tui.cli.watching import shown

        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)

        async def show() -> None:
            await bring_up_to_date(workspace)
            if by is not None:
                from tui.cli.limits.groups import show_groups

                return await show_groups(session, workspace, tenant, by, wanted.names)
            return await _show(session, workspace, tenant, wanted)

        await shown(session, workspace, show, watch=CONCEPTS if watch else frozenset())

    session.run(work)


async def _show(session: Session, workspace: Workspace, tenant: str, wanted: Wanted) -> None:
    from tui.cli.limits.lines import STATUS, lines

    found, total = await gauges(workspace, tenant, wanted)
    session.output.listing([lines(session, found, workspace.clock.now())], total, STATUS)
    if not total:
        narrate(_nothing(tenant, narrowed=wanted.narrowed))
    elif len(found) < total:
        narrate(f"{len(found):,} of {total:,} shown; use --all.")


def _nothing(tenant: str, *, narrowed: bool) -> str:
    if narrowed:
        return f"No gauge of {tenant} matches."
    return f"No gauge for {tenant} yet; integrations bring them: `lampboard integrations add`."


async def gauges(
    workspace: Workspace, tenant: str, wanted: Wanted
) -> tuple[Sequence[GaugeResult], int]:
    """Return the gauges that are wanted, and how many there are.

    Raises:
        NotFound: A name is nobody's.
    """
    if wanted.names:
        from tui.cli.limits.lookup import gauges_named

        named = await gauges_named(workspace, tenant, wanted.names, wanted.scope)
        kept = [one for one in named if wanted.measure in {None, one.measure}]
        return kept, len(kept)
    which: dict[str, Any] = {
        "query": wanted.query,
        "scope": wanted.scope,
        "measure": wanted.measure,
    }
    order: dict[str, Any] = {"sort": wanted.sort, "descending": wanted.descending}
    if wanted.limit is None:
        found = await every(workspace, tenant, **which, **order)
        return found, len(found)
    return await workspace.limits.list_gauges(tenant, **which, **order, limit=wanted.limit)


async def bring_up_to_date(workspace: Workspace) -> None:
    """Reckon what changed, where no monitor does: the order follows from it, and `state:over`."""
    from engine.errors import WorkspaceError

    if workspace.settings.read_only or (await workspace.health.monitor_status()).alive:
        return
    try:
        await workspace.limits.reckon()
    except WorkspaceError as error:
        narrate(f"The order is that of the last reckoning. {error.message}")


async def every(workspace: Workspace, tenant: str, **wanted: Any) -> list[GaugeResult]:
    """Return all gauges that match, read page by page."""
    pages = await paging.every(partial(workspace.limits.page_gauges, tenant, **wanted), PAGE)
    return [gauge for page in pages for gauge in page]
