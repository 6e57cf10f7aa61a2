"""`lampboard sources add|edit`: writing down where data lives and how it is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.errors import InvalidInput
from engine.sources import SourceDraft
from tui.cli.inventory.facts import show_facts
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.options import Words, dry_run_option
from tui.cli.session import Session, narrate
from tui.cli.sources.flags import PANELS, common_values, config_changes, source_options
from tui.cli.sources.reads import TYPES
from tui.lookup import find
from tui.nouns import SOURCE

if TYPE_CHECKING:
    from engine.sources import CustomerDataSource, TestConnectionResult
    from engine.workspace import Workspace


@click.command(
    cls=BoardCommand,
    panels=PANELS,
    examples=(
        "lampboard sources add --tenant acme --name orders --url postgresql://app@db/orders \\",
        "    --password-prompt --tags prod,pii --test --activate",
        "pass show redis-url | lampboard sources add --tenant acme --name cache --url-stdin",
        "lampboard sources add --tenant acme --name docs --technology s3 --database my-bucket \\",
        "    --option region=eu-west-1 --username AKIA… --password-ref env://S3_SECRET",
    ),
)
@click.option("--type", "source_type", metavar="TYPE", type=Words(TYPES), help="What it is.")
@click.option("--technology", metavar="NAME", help="Which; see `lampboard sources technologies`.")
@source_options
@click.option("--activate", is_flag=True, help="Let it be used and checked at once.")
@click.option("--test", "test_first", is_flag=True, help="Test it first; keep it if that passes.")
@dry_run_option
@click.pass_context
def add(  # noqa: PLR0913 - one parameter a flag
    ctx: click.Context,
    /,
    *,
    source_type: str | None,
    technology: str | None,
    activate: bool,
    test_first: bool,
    dry_run: bool,
    **told: Any,
) -> None:
    """Register a data source. Secrets are encrypted at once and never shown again.

    Its technology is known from the URL; else name it. Its type is known from its technology.
    """
    session: Session = ctx.obj
    values = common_values(told)
    technology, config = config_changes(session, told, technology)
    kind = source_type or type_of(technology)
    if not values.get("name"):
        raise InvalidInput("The name is missing.", hint="Give --name.", field="name")
    if dry_run:
        narrate(f"Would register {values['name']} ({technology or kind}). Nothing was stored.")
        return

    async def work(workspace: Workspace) -> int:
        tenant = await session.tenant(workspace)
        draft = SourceDraft(
            tenant_id=tenant, source_type=kind, technology=technology, config=config
        )
        if test_first and not await _passes(workspace, draft):
            return 1
        made = await workspace.sources.register_source(
            tenant, values.pop("name"), kind, config,
            technology=technology, activate=activate, **values,
        )  # fmt: skip
        _saved(session, made, "is registered")
        return 0

    ctx.exit(session.run(work))


def type_of(technology: str | None) -> str:
    """Return the type of source that a technology is.

    Raises:
        InvalidInput: It was not said what it is, or there is no such technology.
    """
    from engine.probes.registry import get_technology

    if technology is not None:
        return get_technology(technology).type
    raise InvalidInput(
        "What it is was not said.",
        hint="Give --technology, such as postgresql; `lampboard sources technologies` lists them.",
        field="technology",
    )


async def _passes(workspace: Workspace, draft: SourceDraft) -> bool:
    result: TestConnectionResult = await workspace.sources.test_draft(draft)
    narrate(f"Test: {result.state}. {result.message}")
    if result.success:
        return True
    narrate(f"Nothing was saved. {result.remedy or ''}".strip())
    return False


def _saved(session: Session, made: CustomerDataSource, what: str) -> None:
    from tui.cli.sources.shows import DETAIL

    narrate(f"{made.name} {what}.")
    show_facts(session, made, DETAIL)


@click.command(
    cls=BoardCommand,
    panels=PANELS,
    examples=(
        "lampboard sources edit orders --tenant acme --host db2.internal --test",
        "lampboard sources edit orders --tenant acme --password-prompt",
        "lampboard sources edit orders --tenant acme --owner-id ''   takes it away",
    ),
)
@click.argument("source", metavar="ID")
@source_options
@click.option("--expected-version", type=WholeRange(1), help="Refuse if it was changed since then.")
@click.option("--test", "test_first", is_flag=True, help="Test it first; keep it if that passes.")
@dry_run_option
@click.pass_context
def edit(
    ctx: click.Context,
    /,
    *,
    source: str,
    expected_version: int | None,
    test_first: bool,
    dry_run: bool,
    **told: Any,
) -> None:
    """Change a source: only what is given; an empty text takes a value away."""
    session: Session = ctx.obj
    changes = common_values(told)
    _, place = config_changes(session, told)
    if not changes and not place:
        raise click.UsageError("There is nothing to change: give at least one field.", ctx)

    async def work(workspace: Workspace) -> int:
        tenant = await session.tenant(workspace)
        found: CustomerDataSource = await find(workspace, tenant, source, SOURCE)
        if dry_run:
            names = ", ".join(name.replace("_", " ") for name in (*changes, *place))
            narrate(f"Would change {names} of {found.name}.")
            return 0
        if "options" in place:
            place["options"] = {**found.config.options, **place["options"]}
        draft = SourceDraft(
            tenant_id=tenant,
            source_type=str(found.source_type),
            technology=found.technology,
            config=place,
            source_id=found.source_id,
        )
        if test_first and not await _passes(workspace, draft):
            return 1
        made = await workspace.sources.update_source(
            tenant,
            found.source_id,
            expected_version=expected_version,
            **changes,
            **({"config": place} if place else {}),
        )
        _saved(session, made, "is changed")
        return 0

    ctx.exit(session.run(work))
