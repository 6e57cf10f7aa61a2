"""`lampboard integrations`: which commands there are. Each is imported when it is called."""

from __future__ import annotations

from tui.cli.kit import Late, LateGroup

LOOK = "Look"
CHANGE = "Change"


def _late(module: str, name: str, short: str, panel: str) -> Late:
    return Late(module=f"tui.cli.integrations.{module}", attribute=name, short=short, panel=panel)


COMMANDS = {
    "list": _late("reads", "list_command", "List, filter, sort.", LOOK),
    "show": _late("reads", "show", "Everything about one.", LOOK),
    "health": _late("reads", "health", "The last known health of one, without a check.", LOOK),
    "limits": _late("reads", "limits", "Usage of one against its limits.", LOOK),
    "test": _late("steps", "test", "Check one now, for real.", LOOK),
    "export": _late("documents", "export_command", "Write all of them as a document.", LOOK),
    "add": _late("writes", "add", "Register one.", CHANGE),
    "edit": _late("writes", "edit", "Change one.", CHANGE),
    "apply": _late("documents", "apply", "Make them be as a document says.", CHANGE),
    "enable": _late("steps", "enable", "Let one be used and checked.", CHANGE),
    "disable": _late("steps", "disable", "Put one out of use.", CHANGE),
    "delete": _late("steps", "delete", "Retire one; its usage is kept.", CHANGE),
}

integrations = LateGroup(
    name="integrations",
    late=COMMANDS,
    help="A tenant's accounts at LLM providers. Each is named by its id or its name.",
    examples=(
        "lampboard integrations list --tenant acme",
        "lampboard integrations add --tenant acme --name gpt --provider openai",
        "lampboard integrations test gpt --tenant acme -o json",
    ),
)
