"""`lampboard integrations add|edit`: writing down what an integration is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.integrations.providers import get_provider, provider_names
from tui.cli.integrations.flags import (
    LIMIT_FLAGS,
    common_values,
    config_values,
    field_options,
    provider_panel,
)
from tui.cli.inventory.facts import show_facts
from tui.cli.kit import BoardCommand
from tui.cli.numbers import WholeRange
from tui.cli.options import Words, dry_run_option
from tui.cli.secret import CREDENTIAL_NAMES, Credential, ask, credential_options, take
from tui.cli.session import Session, narrate
from tui.lookup import find_integration

if TYPE_CHECKING:
    from engine.integrations.results import IntegrationDetailResult
    from engine.workspace import Workspace

PANELS = {
    "Provider": provider_panel(),
    "Credential": CREDENTIAL_NAMES,
    "Limits": LIMIT_FLAGS,
}


@click.command(
    cls=BoardCommand,
    panels={**PANELS, "Provider": ("--provider", *provider_panel())},
    examples=(
        "lampboard integrations add --tenant acme --name gpt --provider openai",
        "pass show gpt | lampboard integrations add --tenant acme --name gpt \\",
        "    --provider openai --credential-stdin --budget-limit-cents 50000",
        "lampboard integrations add --tenant acme --name own --provider custom \\",
        "    --base-url http://127.0.0.1:8000/v1 --credential-ref env://OWN_KEY",
    ),
)
@click.option(
    "--provider",
    "provider_type",
    metavar="NAME",
    type=Words(provider_names()),
    required=True,
    help=f"Where it is: {', '.join(provider_names())}.",
)
@field_options(required=True)
@credential_options
@click.option("--test", "test_first", is_flag=True, help="Check it first; keep it if none fails.")
@dry_run_option
@click.pass_context
def add(
    ctx: click.Context, /, *, provider_type: str, test_first: bool, dry_run: bool, **told: Any
) -> None:
    """Register an integration. The credential is encrypted at once and never shown again."""
    session: Session = ctx.obj
    provider = get_provider(provider_type)
    values = {**common_values(told), "config": config_values(told)}
    url, _ = provider.clean(base_url=values.get("base_url"), config=values["config"])
    values["base_url"] = url
    credential = take(session, told, label=provider.credential_label)
    if not credential.given and provider.credential_required:
        credential = ask(session, provider.credential_label)
    if credential.secret:
        provider.clean_secret(credential.secret)
    if dry_run:
        narrate(f"Would register {values['name']} at {provider.title}. Nothing was stored.")
        return
    values |= {"provider_type": provider_type, **_credential_values(credential)}
    code = session.run(lambda workspace: _add(session, workspace, values, test_first=test_first))
    ctx.exit(code)


async def _add(
    session: Session, workspace: Workspace, values: dict[str, Any], *, test_first: bool
) -> int:
    tenant = await session.tenant(workspace)
    if test_first and not await _passes(workspace, tenant, values):
        return 1
    made = await workspace.integrations.create_integration(tenant, **values)
    _saved(session, made, "is registered")
    return 0


async def _passes(workspace: Workspace, tenant: str, values: dict[str, Any], **more: Any) -> bool:
    wanted = ("provider_type", "credential_ref", "secret", "base_url", "config")
    draft = {name: values[name] for name in wanted if name in values}
    result = await workspace.integrations.test_draft(tenant, **draft, **more)
    narrate(f"Check: {result.health_state}. {result.message or ''}".strip())
    if str(result.health_state) != "failing":
        return True
    narrate(f"Nothing was saved. {result.remedy or ''}".strip())
    return False


def _credential_values(credential: Credential) -> dict[str, str]:
    if credential.reference:
        return {"credential_ref": credential.reference}
    return {"secret": credential.secret} if credential.secret else {}


def _saved(session: Session, made: IntegrationDetailResult, what: str) -> None:
    from tui.cli.shows import DETAIL

    narrate(f"{made.name} {what}.")
    show_facts(session, made, DETAIL)


@click.command(
    cls=BoardCommand,
    panels=PANELS,
    examples=(
        "lampboard integrations edit gpt --tenant acme --budget-limit-cents 75000",
        "lampboard integrations edit gpt --tenant acme --credential-prompt",
        "lampboard integrations edit gpt --tenant acme --default-model ''   takes it away",
    ),
)
@click.argument("integration", metavar="ID")
@field_options(required=False)
@credential_options
@click.option("--expected-version", type=WholeRange(1), help="Refuse if it was changed since then.")
@click.option("--test", "test_first", is_flag=True, help="Check it first; keep it if none fails.")
@dry_run_option
@click.pass_context
def edit(
    ctx: click.Context,
    /,
    *,
    integration: str,
    expected_version: int | None,
    test_first: bool,
    dry_run: bool,
    **told: Any,
) -> None:
    """Change an integration: only what is given; an empty text takes a value away."""
    session: Session = ctx.obj
    values, config = common_values(told), config_values(told)
    values |= _credential_values(take(session, told, label="credential"))

    async def work(workspace: Workspace) -> int:
        tenant = await session.tenant(workspace)
        found = await find_integration(workspace, tenant, integration)
        changes = values | ({"config": {**found.config, **config}} if config else {})
        if not changes:
            raise click.UsageError("There is nothing to change: give at least one field.", ctx)
        if dry_run:
            narrate(f"Would change {', '.join(_words(changes))} of {found.name}.")
            return 0
        draft = {**changes, "provider_type": found.provider_type}
        more = {"integration_id": found.id}
        if test_first and not await _passes(workspace, tenant, draft, **more):
            return 1
        made = await workspace.integrations.update_integration(
            tenant, found.id, expected_version=expected_version, **changes
        )
        _saved(session, made, "is changed")
        return 0

    ctx.exit(session.run(work))


def _words(changes: dict[str, Any]) -> list[str]:
    return [name.replace("_", " ") for name in changes]
