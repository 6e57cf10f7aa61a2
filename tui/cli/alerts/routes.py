"""`lampboard alerts routes`: which incidents go to which channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.alerts.fields import CHANNEL, ROUTE_FIELDS
from engine.alerts.hours import show_hours
from tui.cli.alerts.lookup import find_channel, find_route
from tui.cli.inventory.flags import options_of
from tui.cli.kit import DefaultGroup
from tui.cli.numbers import WholeRange
from tui.cli.options import dry_run_option, yes_option
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from engine.alerts import Route
    from engine.workspace import Workspace
    from tui.cli.table import Column

_OWN = tuple(spec for spec in ROUTE_FIELDS if spec is not CHANNEL)

routes = DefaultGroup(
    name="routes",
    help="Which incidents go to which channel. `lampboard alerts routes` lists them.",
    examples=(
        "lampboard alerts routes --tenant acme",
        "lampboard alerts routes add on-call --severity critical --remind-s 1800 --tenant acme",
        "lampboard alerts routes add chat --hours 'mon-fri 08:00-18:00' --timezone Europe/Berlin",
    ),
)


@routes.command("list", examples=("lampboard alerts routes list --tenant acme -o json",))
@click.pass_obj
def list_command(session: Session) -> None:
    """List routes by the names of their channels."""

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        found = await workspace.alerts.list_routes(tenant)
        session.output.listing([found], len(found), _columns(), name="id")
        if not found:
            narrate("No incident leads anywhere yet: `lampboard alerts routes add CHANNEL`.")

    session.run(work)


@routes.command(
    "add",
    examples=(
        "lampboard alerts routes add on-call --severity critical --tenant acme",
        "lampboard alerts routes add chat --tag billing --hours 'mon-fri 08:00-18:00'",
    ),
)
@click.argument("channel", metavar="CHANNEL")
@options_of(_OWN)
@click.pass_obj
def add(session: Session, /, channel: str, **told: Any) -> None:
    """Lead incidents to a channel; what is not given leaves nothing out."""

    async def work(workspace: Workspace) -> Route:
        tenant = await session.tenant(workspace)
        found = await find_channel(workspace, tenant, channel)
        return await workspace.alerts.add_route(tenant, found.id, **_given(told))

    made = session.run(work)
    _show(session, made)
    narrate(f"Incidents lead to {made.channel_name} from now on.")


@routes.command(
    "edit", examples=("lampboard alerts routes edit 1f0c --remind-s 3600 --tenant acme",)
)
@click.argument("route", metavar="ID")
@click.option("--channel", metavar="NAME", help="Another channel.")
@options_of(_OWN)
@click.option("--expected-version", type=WholeRange(1), help="Refuse if it was changed since then.")
@click.pass_context
def edit(
    ctx: click.Context,
    /,
    *,
    route: str,
    channel: str | None,
    expected_version: int | None,
    **told: Any,
) -> None:
    """Change a route: only what is given; an empty text takes a limit away."""
    session: Session = ctx.obj
    fields = _given(told)
    if not fields and channel is None:
        raise click.UsageError("There is nothing to change: give at least one field.", ctx)

    async def work(workspace: Workspace) -> Route:
        tenant = await session.tenant(workspace)
        found = await find_route(workspace, tenant, route)
        to = None
        if channel is not None:
            to = (await find_channel(workspace, tenant, channel)).id
        return await workspace.alerts.edit_route(
            tenant, found.id, expected_version=expected_version, channel_id=to, **fields
        )

    made = session.run(work)
    _show(session, made)
    narrate(f"The route to {made.channel_name} is changed.")


@routes.command("delete", examples=("lampboard alerts routes delete 1f0c --tenant acme --yes",))
@click.argument("route", metavar="ID")
@yes_option
@dry_run_option
@click.pass_obj
def delete(session: Session, *, route: str, yes: bool, dry_run: bool) -> None:
    """Delete a route; what waits because of it is not told any more."""

    async def work(workspace: Workspace) -> None:
        from tui.cli.confirm import confirm
        from tui.text import clean

        tenant = await session.tenant(workspace)
        found = await find_route(workspace, tenant, route)
        if dry_run:
            narrate(f"Would delete the route {found.id} to {found.channel_name}.")
            return
        confirm(session, f"Delete the route {found.id} to {found.channel_name}?", yes=yes)
        gone = await workspace.alerts.delete_route(tenant, found.id)
        words = clean(f"The route to {gone.channel_name} is deleted.") + "\n"
        session.output.record({"id": gone.id, "deleted": True}, table=lambda: words, name="id")

    session.run(work)


def _given(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value is not None}


def _show(session: Session, made: Route) -> None:
    from tui.cli.shows import facts_of

    session.output.record(
        made.to_dict(), table=lambda: facts_of(made, _columns(), session.output.stream), name="id"
    )


def _columns() -> tuple[Column, ...]:
    from tui.cli.shows import yes_no
    from tui.cli.table import Column

    return (
        Column(title="ID", key="id"),
        Column(title="CHANNEL", key="channel_name"),
        Column(title="FROM", key="severity"),
        Column(title="CAUSE", key="cause"),
        Column(title="KIND", key="kind"),
        Column(title="TAG", key="tag"),
        Column(title="TECHNOLOGY", key="technology"),
        Column(title="HOURS", key="hours", show=_hours),
        Column(title="WAIT S", key="wait_s", right=True),
        Column(title="REMIND S", key="remind_s", right=True),
        Column(title="END", key="on_recovery", show=yes_no),
        Column(title="ALL TENANTS", key="all_tenants", show=yes_no),
        Column(title="IN USE", key="enabled", show=yes_no),
    )


def _hours(hours: object) -> str:
    if not isinstance(hours, dict) or not hours:
        return "always"
    return f"{show_hours(hours)} {hours['timezone']}"
