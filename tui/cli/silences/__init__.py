"""`lampboard silences`: when nobody wants to be told, of what and why."""

from __future__ import annotations

from tui.cli.kit import Late, LateGroup

_LOOK, _CHANGE = "Look", "Change"

silences = LateGroup(
    name="silences",
    help="When nobody wants to be told: once, on days of the week, or by a line of cron.",
    examples=(
        "lampboard silences list --tenant acme",
        "lampboard silences add --tenant acme --provider openai --for 2h --reason 'Their outage'",
        "lampboard silences end 5e1f --tenant acme",
    ),
    late={
        "list": Late(
            module="tui.cli.silences.listing",
            attribute="command",
            short="What is kept quiet now, and what will be.",
            panel=_LOOK,
        ),
        "show": Late(
            module="tui.cli.silences.listing",
            attribute="show",
            short="One silence with all that it says.",
            panel=_LOOK,
        ),
        "add": Late(
            module="tui.cli.silences.writes",
            attribute="add",
            short="Keep things quiet: for a while, weekly, or by cron.",
            panel=_CHANGE,
        ),
        "edit": Late(
            module="tui.cli.silences.writes",
            attribute="edit",
            short="Change a silence: only what is given.",
            panel=_CHANGE,
        ),
        "end": Late(
            module="tui.cli.silences.writes",
            attribute="end",
            short="End a silence now.",
            panel=_CHANGE,
        ),
    },
)
