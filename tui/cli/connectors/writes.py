"""`lampboard connectors add|edit`: writing down how the platform reaches out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.connectors import ConnectorDraft
from engine.errors import InvalidInput
from tui.cli.connectors.flags import PANELS, common_values, config_changes, connector_options
from tui.cli.inventory.facts import show_facts
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.options import dry_run_option
from tui.cli.session import Session, narrate
from tui.lookup import find
from tui.nouns import CONNECTOR

if TYPE_CHECKING:
    from engine.connectors import ConnectorInfo, TestResult
    from engine.workspace import Workspace


@click.command(
    cls=BoardCommand,
    panels=PANELS,
    examples=(
        "lampboard connectors add --tenant acme --name billing --type http \\",
        "    --url https://billing.example.com --allow 'GET /v1/**' --api-key-prompt",
        "lampboard connectors add --tenant acme --name reports --type sql \\",
        "    --url postgresql://reader@db/reports --password-ref env://REPORTS_PASSWORD --test",
    ),
)
@click.option("--type", "connector_type", metavar="TYPE", required=True, help="See `types`.")
@click.option("--technology", metavar="NAME", help="How the other side is spoken to.")
@connector_options
@click.option("--test", "test_first", is_flag=True, help="Test it first; keep it if that passes.")
@dry_run_option
@click.pass_context
def add(
    ctx: click.Context,
    /,
    *,
    connector_type: str,
    technology: str | None,
    test_first: bool,
    dry_run: bool,
    **told: Any,
) -> None:
    """Register a connector. Secrets are encrypted at once and never shown again."""
    session: Session = ctx.obj
    values = common_values(told)
    technology, config = config_changes(session, told, technology)
    if not values.get("name"):
        raise InvalidInput("The name is missing.", hint="Give --name.", field="name")
    if dry_run:
        said = technology or connector_type
        narrate(f"Would register {values['name']} ({said}). Nothing was stored.")
        return

    async def work(workspace: Workspace) -> int:
        tenant = await session.tenant(workspace)
        draft = ConnectorDraft(
            tenant_id=tenant, connector_type=connector_type, technology=technology, config=config
        )
        if test_first and not await _passes(workspace, draft):
            return 1
        made = await workspace.connectors.register_connector(
            tenant, values.pop("name"), connector_type,
            config=config, technology=technology, **values,
        )  # fmt: skip
        _saved(session, made, "is registered")
        return 0

    ctx.exit(session.run(work))


async def _passes(workspace: Workspace, draft: ConnectorDraft) -> bool:
    result: TestResult = await workspace.connectors.test_draft(draft)
    narrate(f"Test: {result.state}. {result.message}")
    if result.success:
        return True
    narrate(f"Nothing was saved. {result.remedy or ''}".strip())
    return False


def _saved(session: Session, made: ConnectorInfo, what: str) -> None:
    from tui.cli.connectors.shows import DETAIL

    narrate(f"{made.name} {what}.")
    show_facts(session, made, DETAIL)


@click.command(
    cls=BoardCommand,
    panels=PANELS,
    examples=(
        "lampboard connectors edit billing --tenant acme --max-rows 500 --test",
        "lampboard connectors edit billing --tenant acme --api-key-prompt",
        "lampboard connectors edit billing --tenant acme --owner-id ''   takes it away",
    ),
)
@click.argument("connector", metavar="ID")
@connector_options
@click.option("--expected-version", type=WholeRange(1), help="Refuse if it was changed since then.")
@click.option("--test", "test_first", is_flag=True, help="Test it first; keep it if that passes.")
@dry_run_option
@click.pass_context
def edit(
    ctx: click.Context,
    /,
    *,
    connector: str,
    expected_version: int | None,
    test_first: bool,
    dry_run: bool,
    **told: Any,
) -> None:
    """Change a connector: only what is given; an empty text takes a value away."""
    session: Session = ctx.obj
    changes = common_values(told)
    _, place = config_changes(session, told)
    if not changes and not place:
        raise click.UsageError("There is nothing to change: give at least one field.", ctx)

    async def work(workspace: Workspace) -> int:
        tenant = await session.tenant(workspace)
        found: ConnectorInfo = await find(workspace, tenant, connector, CONNECTOR)
        if dry_run:
            names = ", ".join(name.replace("_", " ") for name in (*changes, *place))
            narrate(f"Would change {names} of {found.name}.")
            return 0
        if "options" in place:
            place["options"] = {**found.config.get("options", {}), **place["options"]}
        draft = ConnectorDraft(
            tenant_id=tenant,
            connector_type=found.connector_type,
            technology=found.technology,
            config=place,
            connector_id=found.id,
        )
        if test_first and not await _passes(workspace, draft):
            return 1
        made = await workspace.connectors.update_connector(
            tenant,
            found.id,
            expected_version=expected_version,
            **changes,
            **({"config": place} if place else {}),
        )
        _saved(session, made, "is changed")
        return 0

    ctx.exit(session.run(work))
