"""`lampboard incidents`: what went wrong, who sees to it, and what happened meanwhile."""

from __future__ import annotations

from tui.cli.kit import Late, LateGroup

_LOOK, _SEE_TO, _SET = "Look", "See to it", "Set"

incidents = LateGroup(
    name="incidents",
    help="What went wrong: who sees to it, what happened meanwhile, and when it was over.",
    examples=(
        "lampboard incidents list --tenant acme 'severity:critical state:open'",
        "lampboard incidents acknowledge 12 --reason 'Looking into it' --tenant acme",
        "lampboard incidents export 12 --tenant acme > post-mortem.md",
    ),
    late={
        "list": Late(
            module="tui.cli.incidents.listing",
            attribute="command",
            short="What is open, or over, worst first.",
            panel=_LOOK,
        ),
        "show": Late(
            module="tui.cli.incidents.showing",
            attribute="show",
            short="One incident with everything that happened.",
            panel=_LOOK,
        ),
        "export": Late(
            module="tui.cli.incidents.exporting",
            attribute="command",
            short="Write its story, as Markdown for a post-mortem or as data.",
            panel=_LOOK,
        ),
        "acknowledge": Late(
            module="tui.cli.incidents.deeds",
            attribute="acknowledge",
            short="Say that you see to it, and why it may wait.",
            panel=_SEE_TO,
        ),
        "unacknowledge": Late(
            module="tui.cli.incidents.deeds",
            attribute="unacknowledge",
            short="Take that back.",
            panel=_SEE_TO,
        ),
        "assign": Late(
            module="tui.cli.incidents.deeds",
            attribute="assign",
            short="Give it to somebody, or to nobody.",
            panel=_SEE_TO,
        ),
        "note": Late(
            module="tui.cli.incidents.deeds",
            attribute="note",
            short="Write something down about it.",
            panel=_SEE_TO,
        ),
        "close": Late(
            module="tui.cli.incidents.deeds",
            attribute="close",
            short="Close it by hand.",
            panel=_SEE_TO,
        ),
        "thresholds": Late(
            module="tui.cli.incidents.thresholds",
            attribute="command",
            short="After how many bad checks a thing has one, and after how many good ones not.",
            panel=_SET,
        ),
    },
)
