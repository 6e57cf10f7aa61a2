"""`lampboard sources`: which commands there are. Each is imported when it is called."""

from __future__ import annotations

from tui.cli.kit import Late, LateGroup

LOOK = "Look"
CHANGE = "Change"
ACCESS = "Tags and access"


def _late(module: str, name: str, short: str, panel: str) -> Late:
    return Late(module=f"tui.cli.sources.{module}", attribute=name, short=short, panel=panel)


COMMANDS = {
    "list": _late("reads", "list_command", "List, filter, sort.", LOOK),
    "show": _late("reads", "show", "Everything about one.", LOOK),
    "stats": _late("reads", "stats", "How many there are, by status and type.", LOOK),
    "test": _late("steps", "test", "Connect to one, or to all, now and for real.", LOOK),
    "technologies": _late("catalogue", "technologies", "What can be reached, and how.", LOOK),
    "add": _late("writes", "add", "Register one.", CHANGE),
    "edit": _late("writes", "edit", "Change one.", CHANGE),
    "activate": _late("steps", "activate", "Let one be used and checked.", CHANGE),
    "deactivate": _late("steps", "deactivate", "Put one out of use.", CHANGE),
    "deprecate": _late("steps", "deprecate", "Mark one as on its way out.", CHANGE),
    "delete": _late("steps", "delete", "Retire one; its history is kept.", CHANGE),
    "tag": _late("words", "tag", "Put a tag on one.", ACCESS),
    "untag": _late("words", "untag", "Take a tag off one.", ACCESS),
    "grant": _late("words", "grant", "Let a role see one.", ACCESS),
    "revoke": _late("words", "revoke", "Take a role's access away.", ACCESS),
}

sources = LateGroup(
    name="sources",
    late=COMMANDS,
    help="Where a tenant's data lives. Each source is named by its id or its name.",
    examples=(
        "lampboard sources list --tenant acme 'type:vector tag:pii !status:active'",
        "lampboard sources add --tenant acme --name orders --url postgresql://app@db/orders \\",
        "    --password-prompt --test --activate",
        "lampboard sources test --all --tenant acme",
    ),
)
