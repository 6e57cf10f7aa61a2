"""`lampboard limits`: usage against budgets, monthly tokens and rates."""

from __future__ import annotations

from tui.cli.kit import Late, LateGroup

_LOOK, _CALLERS = "Look and set", "For callers"

limits = LateGroup(
    name="limits",
    help="Usage against limits: money and tokens a month, requests a minute (all in UTC).",
    examples=(
        "lampboard limits status --tenant acme",
        "lampboard limits set gpt-prod --budget 500 --tenant acme",
        "lampboard limits forecast --tenant acme -o json",
    ),
    late={
        "status": Late(
            module="tui.cli.limits.status",
            attribute="command",
            short="Every gauge: used, limit, percent, pace; what runs out first comes first.",
            panel=_LOOK,
        ),
        "set": Late(
            module="tui.cli.limits.setting",
            attribute="command",
            short="Set limits and warning levels, and say what they mean.",
            panel=_LOOK,
        ),
        "forecast": Late(
            module="tui.cli.limits.forecast",
            attribute="command",
            short="When budgets and tokens run out at the pace of the last days.",
            panel=_LOOK,
        ),
        "history": Late(
            module="tui.cli.limits.history",
            attribute="command",
            short="Which warning levels were reached, and when.",
            panel=_LOOK,
        ),
        "check": Late(
            module="tui.cli.limits.checking",
            attribute="command",
            short="Ask before a call whether it fits, and reserve what it will use.",
            panel=_CALLERS,
        ),
        "release": Late(
            module="tui.cli.limits.checking",
            attribute="release",
            short="Give a reservation back that will not be used.",
            panel=_CALLERS,
        ),
    },
)
