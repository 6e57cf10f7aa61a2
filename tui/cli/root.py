"""The root command: which commands there are. Importing it imports none of them."""

from __future__ import annotations

import click

from tui.cli.kit import Late, LateGroup
from tui.cli.options import Words, keep, keep_as
from tui.cli.session import Session
from tui.modes import MODES

WATCH = "Watch"
INVENTORY = "Inventory"
GOVERNED = "Governed"
UPKEEP = "Upkeep"

COMMANDS = {
    "demo": Late(
        module="tui.cli.demo",
        attribute="demo",
        short="See it all without an account: three tenants, simulated providers.",
        panel=WATCH,
    ),
    "health": Late(
        module="tui.cli.health",
        attribute="health",
        short="Check now, sum up, look back, or follow changes.",
        panel=WATCH,
    ),
    "incidents": Late(
        module="tui.cli.incidents",
        attribute="incidents",
        short="What went wrong: list, acknowledge, note, look back, export.",
        panel=WATCH,
    ),
    "silences": Late(
        module="tui.cli.silences",
        attribute="silences",
        short="When nobody wants to be told: once, weekly or by cron.",
        panel=WATCH,
    ),
    "alerts": Late(
        module="tui.cli.alerts",
        attribute="alerts",
        short="Who is told: channels, routes, what was sent.",
        panel=WATCH,
    ),
    "limits": Late(
        module="tui.cli.limits",
        attribute="limits",
        short="Usage against budgets, monthly tokens and rates: status, set, forecast.",
        panel=WATCH,
    ),
    "usage": Late(
        module="tui.cli.usage",
        attribute="usage",
        short="What calls used: import, sync, receive, export, top.",
        panel=WATCH,
    ),
    "activity": Late(
        module="tui.cli.activity",
        attribute="activity",
        short="Who did what, when, to which thing.",
        panel=WATCH,
    ),
    "monitor": Late(
        module="tui.cli.monitor",
        attribute="monitor",
        short="Check what is due, in the background or once.",
        panel=WATCH,
    ),
    "sources": Late(
        module="tui.cli.sources",
        attribute="sources",
        short="Where a tenant's data lives: list, add, edit, test and more.",
        panel=INVENTORY,
    ),
    "connectors": Late(
        module="tui.cli.connectors",
        attribute="connectors",
        short="How the platform reaches out: list, add, edit, test, discover and more.",
        panel=INVENTORY,
    ),
    "integrations": Late(
        module="tui.cli.integrations",
        attribute="integrations",
        short="A tenant's accounts at LLM providers: list, add, edit, test and more.",
        panel=INVENTORY,
    ),
    "tenants": Late(
        module="tui.cli.tenants",
        attribute="tenants",
        short="The customers whose things these are.",
        panel=INVENTORY,
    ),
    "gateway": Late(
        module="tui.cli.gateway",
        attribute="gateway",
        short="Registered, read-only SQL under caps: templates, run, check.",
        panel=GOVERNED,
    ),
    "prevention": Late(
        module="tui.cli.prevention",
        attribute="prevention",
        short="The ledger of what policies blocked: list, record, verify, graduation.",
        panel=GOVERNED,
    ),
    "credentials": Late(
        module="tui.cli.credentials",
        attribute="credentials",
        short="Secrets by reference: list, set, test, rotate, delete.",
        panel=GOVERNED,
    ),
    "serve": Late(
        module="tui.cli.serve",
        attribute="serve",
        short="The dashboard in a browser.",
        panel=UPKEEP,
    ),
    "doctor": Late(
        module="tui.cli.doctor",
        attribute="doctor",
        short="Look for what is wrong here, and show settings and paths.",
        panel=UPKEEP,
    ),
    "db": Late(
        module="tui.cli.db",
        attribute="db",
        short="The database: upgrade, back up, copy, isolate, describe.",
        panel=UPKEEP,
    ),
    "completion": Late(
        module="tui.cli.completion",
        attribute="completion",
        short="Print the completion script of bash, zsh or fish.",
        panel=UPKEEP,
    ),
}


@click.group(
    cls=LateGroup,
    late=COMMANDS,
    name="lampboard",
    examples=(
        "lampboard demo                          the whole product, without an account",
        "lampboard                               the dashboard",
        "lampboard health check --tenant acme    check everything of acme now",
    ),
)
@click.option(
    "--screen",
    metavar="NAME",
    type=Words([mode.name for mode in MODES]),
    callback=keep,
    expose_value=False,
    help=f"Open the dashboard here: {', '.join(mode.name for mode in MODES)}.",
)
@click.option(
    "--filter",
    metavar="TEXT",
    callback=keep,
    expose_value=False,
    help="Open it filtered, as `/` would.",
)
@click.option("--theme", metavar="NAME", callback=keep, expose_value=False, help="Its colours.")
@click.option(
    "--ascii",
    is_flag=True,
    default=None,
    callback=keep,
    expose_value=False,
    help="Draw lamps with plain letters.",
)
@click.option(
    "--monitor",
    "monitor_mode",
    metavar="MODE",
    type=Words(["auto", "off"]),
    callback=keep_as("monitor"),
    expose_value=False,
    help="auto (else) starts a monitor when none is at work; off never.",
)
@click.option("--version", "-V", is_flag=True, help="Show the version and exit.")
@click.pass_context
def root(ctx: click.Context, *, version: bool) -> None:
    """A board of lamps for integrations: one lamp each, and every lamp a real check.

    Without a command it opens the dashboard.
    """
    if version:
        from tui import __version__

        click.echo(f"lampboard {__version__}")
        ctx.exit(0)
    if ctx.invoked_subcommand is None:
        session = ctx.find_object(Session)
        if session is not None:
            ctx.exit(session.open_dashboard())
