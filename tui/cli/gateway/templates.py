"""`lampboard gateway templates`: what was registered, version by version."""

from __future__ import annotations

from tui.cli.kit import Late, LateGroup

_LOOK, _CHANGE = "Look", "Change"
_READS, _WRITES, _STEPS = (
    f"tui.cli.gateway.template_{part}" for part in ("reads", "writes", "steps")
)


def _late(module: str, attribute: str, short: str) -> Late:
    return Late(
        module=module,
        attribute=attribute,
        short=short,
        panel=_LOOK if module == _READS else _CHANGE,
    )


templates = LateGroup(
    name="templates",
    help="Templates: reading statements with declared parameters, judged when they are registered.",
    examples=(
        "lampboard gateway templates list --tenant acme",
        "lampboard gateway templates show by-day --tenant acme",
        "lampboard gateway templates add --source orders --name by-day --file by-day.sql \\",
        "    --param day:date --tenant acme",
    ),
    late={
        "list": _late(_READS, "listing", "List templates, where they run, how they went last."),
        "show": _late(_READS, "show", "Show one: its SQL, parameters and caps."),
        "versions": _late(_READS, "versions", "List every version of one."),
        "runs": _late(_READS, "runs", "List the last runs of one."),
        "add": _late(_WRITES, "add", "Register one: it is judged first."),
        "edit": _late(_WRITES, "edit", "Change one; another statement is a new version."),
        "retire": _late(_STEPS, "retire", "Let nobody run it any more."),
        "restore": _late(_STEPS, "restore", "Let it be run again."),
        "delete": _late(_STEPS, "delete", "Delete it; its runs stay in the activity."),
    },
)
