"""`lampboard connectors`: which commands there are. Each is imported when it is called."""

from __future__ import annotations

from tui.cli.kit import Late, LateGroup

LOOK = "Look"
CHANGE = "Change"


def _late(module: str, name: str, short: str, panel: str) -> Late:
    return Late(module=f"tui.cli.connectors.{module}", attribute=name, short=short, panel=panel)


COMMANDS = {
    "list": _late("reads", "list_command", "List, filter, sort.", LOOK),
    "show": _late("reads", "show", "Everything about one.", LOOK),
    "stats": _late("reads", "stats", "How many there are, by status and type.", LOOK),
    "test": _late("steps", "test", "Reach one, or all, now and for real.", LOOK),
    "discover": _late("steps", "discover", "Ask the other side what it can do.", LOOK),
    "types": _late("catalogue", "types", "What kinds there are, and what each can do.", LOOK),
    "add": _late("writes", "add", "Register one.", CHANGE),
    "edit": _late("writes", "edit", "Change one.", CHANGE),
    "connect": _late("steps", "connect", "Take one into use.", CHANGE),
    "disconnect": _late("steps", "disconnect", "Put one out of use.", CHANGE),
    "deprecate": _late("steps", "deprecate", "Mark one as on its way out.", CHANGE),
    "delete": _late("steps", "delete", "Retire one; its history is kept.", CHANGE),
}

connectors = LateGroup(
    name="connectors",
    late=COMMANDS,
    help="How the platform reaches out. Each connector is named by its id or its name.",
    examples=(
        "lampboard connectors list --tenant acme 'type:mcp !health:healthy'",
        "lampboard connectors add --tenant acme --name tools --type mcp \\",
        "    --url https://mcp.example.com/mcp --test",
        "lampboard connectors discover tools --tenant acme",
    ),
)
