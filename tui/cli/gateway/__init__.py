"""`lampboard gateway`: registered, read-only SQL for a tenant, under caps."""

from __future__ import annotations

from tui.cli.kit import Late, LateGroup

_RUN, _JUDGE, _SET_UP = "Run", "Judge", "Set up"

gateway = LateGroup(
    name="gateway",
    help="SQL that can only do what was registered: templates over a source or SQL connector.",
    examples=(
        "lampboard gateway templates add --source orders --name by-day --file by-day.sql",
        "lampboard gateway run by-day day=2026-11-01 --tenant acme -o csv",
        "lampboard gateway check by-day.sql --dialect postgres --param day:date",
    ),
    late={
        "templates": Late(
            module="tui.cli.gateway.templates",
            attribute="templates",
            short="List, show, add, edit, retire templates; their versions and runs.",
            panel=_RUN,
        ),
        "run": Late(
            module="tui.cli.gateway.running",
            attribute="command",
            short="Run a template with values, and print its rows.",
            panel=_RUN,
        ),
        "check": Late(
            module="tui.cli.gateway.checking",
            attribute="command",
            short="Judge SQL as registration would, without a database.",
            panel=_JUDGE,
        ),
        "tripwire": Late(
            module="tui.cli.gateway.tripping",
            attribute="command",
            short="Tell values that look like an injection from those that don't.",
            panel=_JUDGE,
        ),
        "list": Late(
            module="tui.cli.gateway.gateways",
            attribute="listing",
            short="Where templates run, and under which caps.",
            panel=_SET_UP,
        ),
        "set": Late(
            module="tui.cli.gateway.gateways",
            attribute="setting",
            short="Set the caps, tables and role of a source or connector.",
            panel=_SET_UP,
        ),
        "delete": Late(
            module="tui.cli.gateway.deleting",
            attribute="command",
            short="Let nothing run there any more: its templates go with it.",
            panel=_SET_UP,
        ),
        "role-sql": Late(
            module="tui.cli.gateway.roles",
            attribute="command",
            short="Print the statements that make a role which can only select.",
            panel=_SET_UP,
        ),
    },
)
