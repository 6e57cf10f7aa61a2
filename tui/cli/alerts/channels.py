"""`lampboard alerts channels`: ways to tell people. Their URLs are secrets and never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.alerts.fields import CHANNEL_FIELDS, NAME, TYPE
from engine.alerts.model import LOCAL
from engine.errors import InvalidInput
from tui.cli.alerts.lookup import find_channel
from tui.cli.inventory.flags import option_of, options_of
from tui.cli.kit import DefaultGroup
from tui.cli.numbers import WholeRange
from tui.cli.options import Words, dry_run_option, yes_option
from tui.cli.secret import ask, secret_names, secret_options, take
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.alerts import Channel, ChannelTest
    from engine.workspace import Workspace
    from tui.cli.table import Column

_OWN = tuple(spec for spec in CHANNEL_FIELDS if not spec.secret and spec not in {NAME, TYPE})
_PANELS = {"URL": secret_names("url"), "Signature": (*secret_names("signing"), "--unsigned")}

channels = DefaultGroup(
    name="channels",
    help="Ways to tell people. `lampboard alerts channels` lists them.",
    examples=(
        "lampboard alerts channels --tenant acme",
        "lampboard alerts channels add --name on-call --type webhook --url-prompt --tenant acme",
        "lampboard alerts channels test on-call --tenant acme",
    ),
)


@channels.command("list", examples=("lampboard alerts channels list --tenant acme -o json",))
@click.pass_obj
def list_command(session: Session) -> None:
    """List channels; of a URL only the host or the service is told."""

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)
        await workspace.tenants.get(tenant)
        found = await workspace.alerts.list_channels(tenant)
        session.output.listing([found], len(found), _columns(), name="name")
        if not found:
            narrate("Nobody is told of anything yet: `lampboard alerts channels add`.")

    session.run(work)


def _fields(function: Callable[..., Any]) -> Callable[..., Any]:
    function = secret_options("signing", "signing secret")(function)
    return options_of(_OWN)(secret_options("url", "URL")(function))


@channels.command(
    "add",
    panels=_PANELS,
    examples=(
        "lampboard alerts channels add --name on-call --type webhook --url-prompt --tenant acme",
        "pass show slack | lampboard alerts channels add --name chat --type apprise --url-stdin",
        "lampboard alerts channels add --name desk --type bell --tenant acme",
    ),
)
@option_of(NAME, help=NAME.help, required=True)
@click.option(
    "--type",
    "type",
    metavar="TYPE",
    type=Words(TYPE.choices),
    required=True,
    help=f"{', '.join(TYPE.choices)}.",
)
@_fields
@click.pass_obj
def add(session: Session, /, **told: Any) -> None:
    """Add a channel. Its URL is encrypted at once and never shown again.

    A URL comes by prompt, file or standard input, or stays where it is (--url-ref).
    """
    name, kind = told.pop("name"), told.pop("type")
    secrets = _secrets(session, told, needed=kind not in LOCAL)
    fields = _given(told)

    async def work(workspace: Workspace) -> Channel:
        tenant = await session.tenant(workspace)
        return await workspace.alerts.add_channel(tenant, name, kind, **secrets, **fields)

    made = session.run(work)
    _show(session, made)
    narrate(f"Channel {made.name} is there; `lampboard alerts routes add` leads incidents to it.")


@channels.command(
    "edit",
    panels=_PANELS,
    examples=(
        "lampboard alerts channels edit on-call --per-hour 20 --tenant acme",
        "lampboard alerts channels edit on-call --url-prompt --tenant acme",
        "lampboard alerts channels edit on-call --title-template '{severity}: {title}'",
    ),
)
@click.argument("channel", metavar="NAME|ID")
@option_of(NAME, help=NAME.help, required=False)
@_fields
@click.option("--unsigned", is_flag=True, help="Sign nothing any more.")
@click.option("--expected-version", type=WholeRange(1), help="Refuse if it was changed since then.")
@click.pass_context
def edit(
    ctx: click.Context,
    /,
    *,
    channel: str,
    unsigned: bool,
    expected_version: int | None,
    **told: Any,
) -> None:
    """Change a channel: only what is given; an empty template is the usual one again."""
    session: Session = ctx.obj
    secrets = _secrets(session, told, needed=False)
    fields = _given(told)
    if not fields and not secrets and not unsigned:
        raise click.UsageError("There is nothing to change: give at least one field.", ctx)

    async def work(workspace: Workspace) -> Channel:
        tenant = await session.tenant(workspace)
        found = await find_channel(workspace, tenant, channel)
        return await workspace.alerts.edit_channel(
            tenant,
            found.id,
            expected_version=expected_version,
            unsigned=unsigned,
            **secrets,
            **fields,
        )

    made = session.run(work)
    _show(session, made)
    narrate(f"Channel {made.name} is changed.")


@channels.command("test", examples=("lampboard alerts channels test on-call --tenant acme",))
@click.argument("channel", metavar="NAME|ID")
@click.pass_context
def test(ctx: click.Context, *, channel: str) -> None:
    """Say a word through a channel, for real. Exits with 1 when it does not come out."""
    session: Session = ctx.obj

    async def work(workspace: Workspace) -> ChannelTest:
        tenant = await session.tenant(workspace)
        found = await find_channel(workspace, tenant, channel)
        return await workspace.alerts.test_channel(tenant, found.id)

    done = session.run(work)
    word = "It was told." if done.ok else "It was not told."
    session.output.record(
        done.to_dict(), table=lambda: f"{word} {_plain(done.message)}\n", name="ok"
    )
    ctx.exit(0 if done.ok else 1)


@channels.command("delete", examples=("lampboard alerts channels delete on-call --yes",))
@click.argument("channel", metavar="NAME|ID")
@yes_option
@dry_run_option
@click.pass_obj
def delete(session: Session, *, channel: str, yes: bool, dry_run: bool) -> None:
    """Delete a channel with its routes and its URL; what it told stays in the log."""

    async def work(workspace: Workspace) -> None:
        from tui.cli.confirm import confirm

        tenant = await session.tenant(workspace)
        found = await find_channel(workspace, tenant, channel)
        what = f"channel {found.name} with {found.routes:,} of its routes"
        if dry_run:
            narrate(f"Would delete {what}.")
            return
        confirm(session, f"Delete {what}?", yes=yes)
        gone = await workspace.alerts.delete_channel(tenant, found.id)
        told = {"id": gone.id, "name": gone.name, "deleted": True}
        session.output.record(told, table=lambda: _plain(f"{gone.name} is deleted.") + "\n")

    session.run(work)


def _secrets(session: Session, told: dict[str, Any], *, needed: bool) -> dict[str, str]:
    """Return the secrets that were given, by the facade's names."""
    found: dict[str, str] = {}
    for name, label in (("url", "URL"), ("signing", "signing secret")):
        comes = any(told.get(f"{name}_{way}") for way in ("stdin", "file", "prompt"))
        given = take(session, told, label=label, name=name)
        if comes and not given.given:
            # Nothing came where a secret was announced: a channel must not be left unsigned by it.
            raise InvalidInput(
                f"The {label} is empty.", hint="Nothing was changed; give it again.", field=name
            )
        if name == "url" and needed and not given.given:
            given = ask(session, label, name=name)
        if given.reference:
            found[f"{name}_ref"] = given.reference
        elif given.secret:
            found[name] = given.secret
    return found


def _given(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value is not None}


def _show(session: Session, made: Channel) -> None:
    from tui.cli.shows import facts_of

    session.output.record(
        made.to_dict(),
        table=lambda: facts_of(made, _columns(), session.output.stream),
        name="name",
    )


def _plain(words: str) -> str:
    from tui.text import clean

    return clean(words)


def _columns() -> tuple[Column, ...]:
    from tui.cli.shows import time, yes_no
    from tui.cli.table import Column

    return (
        Column(title="NAME", key="name"),
        Column(title="TYPE", key="type"),
        Column(title="TO", key="options", show=_place),
        Column(title="ROUTES", key="routes", right=True),
        Column(title="PER HOUR", key="per_hour", right=True),
        Column(title="IN USE", key="enabled", show=yes_no),
        Column(title="LAST TOLD", key="last_sent_at", show=time),
        Column(title="LAST ERROR", key="last_error"),
        Column(title="ID", key="id"),
    )


def _place(options: object) -> str:
    return str(options.get("place") or "-") if isinstance(options, dict) else "-"
