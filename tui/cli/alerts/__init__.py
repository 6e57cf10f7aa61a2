"""`lampboard alerts`: who is told of incidents, by which channel, and what became of it."""

from __future__ import annotations

from tui.cli.kit import Late, LateGroup

_WHO, _WHAT = "Who is told", "What was told"

alerts = LateGroup(
    name="alerts",
    help="Who is told of incidents: channels, the routes to them, and what was sent.",
    examples=(
        "lampboard alerts channels add --name on-call --type webhook --url-prompt --tenant acme",
        "lampboard alerts routes add on-call --severity critical --tenant acme",
        "lampboard alerts log 'state:failed' --tenant acme -o json",
    ),
    late={
        "channels": Late(
            module="tui.cli.alerts.channels",
            attribute="channels",
            short="Ways to tell people: list, add, edit, test, delete.",
            panel=_WHO,
        ),
        "routes": Late(
            module="tui.cli.alerts.routes",
            attribute="routes",
            short="Which incidents go to which channel: list, add, edit, delete.",
            panel=_WHO,
        ),
        "log": Late(
            module="tui.cli.alerts.log",
            attribute="command",
            short="What was, or is to be, told, newest first.",
            panel=_WHAT,
        ),
        "resend": Late(
            module="tui.cli.alerts.log",
            attribute="resend",
            short="Send one again that failed, or may not have arrived.",
            panel=_WHAT,
        ),
    },
)
