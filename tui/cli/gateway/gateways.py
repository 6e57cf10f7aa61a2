"""`lampboard gateway list|set`: where templates run, and under which caps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui.cli.gateway.lookup import find_thing, require_where, where_options
from tui.cli.inventory.facts import show_facts
from tui.cli.kit import BoardCommand
from tui.cli.numbers import Number, Whole, WholeRange
from tui.cli.options import Words, dry_run_option
from tui.cli.secret import secret_names, secret_options, take
from tui.cli.session import Session, narrate
from tui.gateway.sizes import octets

if TYPE_CHECKING:
    from engine.workspace import Workspace


@click.command(
    "list",
    cls=BoardCommand,
    examples=(
        "lampboard gateway list --tenant acme",
        "lampboard gateway list --offers --tenant acme -o json",
    ),
)
@click.option("--offers", is_flag=True, help="What templates may be registered for, and what not.")
@click.pass_obj
def listing(session: Session, *, offers: bool) -> None:
    """List the sources and SQL connectors that have templates, with their caps.

    A gateway is made with the usual caps when the first template is registered.
    """

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        if offers:
            await _offers(session, workspace, tenant)
            return
        from tui.cli.gateway.shows import GATEWAY

        found = await workspace.gateway.list_gateways(tenant)
        session.output.listing([found], len(found), GATEWAY)
        if not found:
            narrate(f"Nothing here for {tenant}; `lampboard gateway templates add` makes one.")

    session.run(work)


async def _offers(session: Session, workspace: Workspace, tenant: str) -> None:
    from engine.order import MAX_LIMIT
    from tui.cli.gateway.shows import OFFERS

    found = await workspace.gateway.offers(tenant, limit=MAX_LIMIT)
    session.output.listing([found], len(found), OFFERS)
    if not found:
        narrate(f"{tenant} has no database among its sources, and no SQL connector.")
    elif len(found) == MAX_LIMIT:
        narrate(f"The first {MAX_LIMIT:,} are shown.")


@click.command(
    "set",
    cls=BoardCommand,
    panels={
        "Whose": ("--source", "--connector"),
        "Caps": ("--max-rows", "--max-bytes", "--timeout", "--tripwire", "--tables"),
        "Role": ("--username", *secret_names("password"), "--own-login"),
    },
    examples=(
        "lampboard gateway set --source orders --max-rows 5000 --timeout 60 --tenant acme",
        "lampboard gateway set --source orders --tables orders,customers --tenant acme",
        "lampboard gateway set --source orders --username reader --password-prompt --tenant acme",
    ),
)
@where_options
@click.option("--max-rows", type=Whole(), metavar="N", help="Rows of a result at most.")
@click.option("--max-bytes", metavar="SIZE", help="Bytes of a result at most: 500k, 5MiB.")
@click.option("--timeout", type=Number(), metavar="SECONDS", help="After which a run is ended.")
@click.option("--tripwire", type=Words(["on", "off"]), help="Whether values that look so alarm.")
@click.option("--tables", metavar="NAMES", help="The only ones to be read: a,b; '' is any.")
@click.option("--username", metavar="NAME", help="The role that runs log in as.")
@secret_options("password", "role's password")
@click.option("--own-login", is_flag=True, help="Log in as the source or connector does again.")
@click.option("--expected-version", type=WholeRange(1), help="Refuse if it was changed since then.")
@dry_run_option
@click.pass_context
def setting(  # noqa: PLR0913 - one parameter a flag
    ctx: click.Context,
    /,
    *,
    source: str | None,
    connector: str | None,
    expected_version: int | None,
    own_login: bool,
    dry_run: bool,
    **told: Any,
) -> None:
    """Set what templates may do on a source or SQL connector; only what is given changes."""
    session: Session = ctx.obj
    noun, given = require_where(ctx, source, connector)
    changes = _changes(session, told)
    if own_login and changes.keys() & {"username", "password", "credential_ref"}:
        raise click.UsageError("--own-login takes the role away; give no other one.", ctx)
    changes |= {"username": None, "credential_ref": None} if own_login else {}
    if not changes:
        raise click.UsageError("There is nothing to set: give at least one field.", ctx)

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        kind, thing_id, name = await find_thing(workspace, tenant, noun, given)
        if dry_run:
            from engine.gateway.inputs import clean_gateway

            clean_gateway(changes)
            names = ", ".join(field.replace("_", " ") for field in changes)
            narrate(f"Would set {names} of {name}. Nothing was stored.")
            return
        from tui.cli.gateway.shows import GATEWAY_FACTS

        made = await workspace.gateway.set_gateway(
            tenant, kind, thing_id, expected_version=expected_version, **changes
        )
        narrate(f"The gateway of {name} is set.")
        show_facts(session, made, GATEWAY_FACTS)

    session.run(work)


def _changes(session: Session, told: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that were given, by their names in the engine."""
    secret = take(session, told, label="role's password", name="password")
    size, wire, tables = told["max_bytes"], told["tripwire"], told["tables"]
    fields = {
        "max_rows": told["max_rows"],
        "max_result_bytes": None if size is None else octets(size),
        "timeout_seconds": told["timeout"],
        "tripwire": None if wire is None else wire == "on",
        "tables": None if tables is None else _names(tables),
        "username": told["username"],
        "credential_ref": secret.reference,
        "password": secret.secret,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
