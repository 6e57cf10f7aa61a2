"""`lampboard gateway templates list|show|versions|runs`: looking, without changing anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from engine.gateway.selection import SORTS
from tui.cli.gateway.lookup import find_template
from tui.cli.inventory.listing import show_list
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.options import Words, list_options
from tui.cli.session import Session, narrate
from tui.nouns import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.gateway.results import TemplateDetail
    from engine.workspace import Workspace
    from tui.cli.table import Column

STATUSES = ("active", "retired")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Templates(Noun):
    """Templates as a list asks for them; their facade is the gateway's."""

    one: str = "template"
    many: str = "templates"

    def facade(self, workspace: Workspace) -> Any:
        """Return the way in."""
        return workspace.gateway

    @property
    def group(self) -> str:
        """The words before a command of these."""
        return "gateway templates"

    @property
    def watched(self) -> frozenset[str]:
        """The concepts whose changes change how a template stands."""
        return frozenset({"gateway", "sources", "connectors"})

    async def listing(
        self, workspace: Workspace, tenant: str, **wanted: Any
    ) -> tuple[Sequence[Any], int]:
        """Return one page, and how many match."""
        rows, _ = await workspace.gateway.page_templates(tenant, **wanted)
        return rows, await workspace.gateway.count_templates(tenant, query=wanted["query"])


TEMPLATE = _Templates()


@click.command(
    "list",
    cls=BoardCommand,
    examples=(
        "lampboard gateway templates list --tenant acme",
        "lampboard gateway templates list 'gateway:orders outcome:alarm' --tenant acme",
    ),
)
@click.argument("words", nargs=-1, metavar="[FILTER]...")
@click.option("--status", metavar="STATUS", type=Words(STATUSES), help="Only: active, retired.")
@list_options(SORTS)
@click.pass_obj
def listing(
    session: Session, /, *, words: tuple[str, ...], status: str | None, **asked: Any
) -> None:
    """List a tenant's templates, where each runs and what its last run came to.

    A filter is words that must all fit: `orders`, `!test`, `status:retired`, `gateway:orders`,
    `outcome:alarm` (of the last run, or `never`).
    """
    wanted = words if status is None else (*words, f"status:{status}")
    show_list(session, TEMPLATE, _columns, words=wanted, **asked)


def _columns() -> tuple[Column, ...]:
    from tui.cli.shows import count, time
    from tui.cli.table import Column

    return (
        Column(title="NAME", key="name"),
        Column(title="GATEWAY", key="gateway"),
        Column(title="STATUS", key="status"),
        Column(title="VERSION", key="version", right=True),
        Column(title="PARAMETERS", key="parameters", right=True),
        Column(title="RUNS", key="runs", show=count, right=True),
        Column(title="LAST RUN", key="last_run_at", show=time),
        Column(title="OUTCOME", key="last_outcome"),
        Column(title="PROBLEM", key="problem"),
        Column(title="ID", key="id"),
    )


@click.command(
    cls=BoardCommand,
    examples=(
        "lampboard gateway templates show by-day --tenant acme",
        "lampboard gateway templates show by-day --version 2 --tenant acme -o yaml",
    ),
)
@click.argument("template", metavar="NAME")
@click.option("--version", type=WholeRange(1), help="This one; else the newest.")
@click.pass_obj
def show(session: Session, *, template: str, version: int | None) -> None:
    """Show one version of a template: its SQL, parameters and caps, and where it runs."""

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        show_detail(session, await find_template(workspace, tenant, template, version))

    session.run(work)


def show_detail(session: Session, found: TemplateDetail) -> None:
    """Print a template whole."""
    from tui.cli.gateway.shows import detail_text

    session.output.record(
        {"id": found.template.id, "name": found.template.name, **found.to_dict()},
        table=lambda: detail_text(found, session.output.stream),
    )


@click.command(
    cls=BoardCommand, examples=("lampboard gateway templates versions by-day --tenant acme",)
)
@click.argument("template", metavar="NAME")
@click.pass_obj
def versions(session: Session, *, template: str) -> None:
    """List every version of a template, newest first."""
    from tui.cli.gateway.shows import VERSIONS, VersionLine

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find_template(workspace, tenant, template)
        every_one = await workspace.gateway.versions(tenant, found.template.id)
        lines = [VersionLine.of(one) for one in every_one]
        session.output.listing([lines], len(lines), VERSIONS, name="version")

    session.run(work)


@click.command(cls=BoardCommand, examples=("lampboard gateway templates runs by-day --limit 50",))
@click.argument("template", metavar="NAME")
@click.option("--limit", type=WholeRange(1, 999), default=20, help="At most (20).")
@click.pass_obj
def runs(session: Session, *, template: str, limit: int) -> None:
    """List the last runs of a template, newest first: who, when, which version, what came of it.

    Values are told only where the parameter's declaration says so.
    """
    from tui.cli.gateway.shows import RUNS

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        found = await find_template(workspace, tenant, template)
        # One more than is shown tells whether there is more.
        told = await workspace.gateway.runs(tenant, found.template.id, limit + 1)
        session.output.listing([told[:limit]], len(told[:limit]), RUNS, name="id")
        if len(told) > limit:
            narrate(f"The newest {limit:,} are shown; use --limit for more.")
        elif not told:
            narrate(f"{found.template.name} was never run.")

    session.run(work)
