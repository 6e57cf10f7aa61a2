"""The keys that work everywhere, and how keys are written for people."""

from __future__ import annotations

from typing import Final

from textual.binding import Binding, BindingType

from tui.modes import MODES

NAMES: Final = {
    "asterisk": "*",
    "exclamation_mark": "!",
    "number_sign": "#",
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
}

GLOBAL: Final[list[BindingType]] = [
    *(
        Binding(mode.key, f"go({mode.name!r})", mode.title, show=False, tooltip=mode.about)
        for mode in MODES
    ),
    Binding("question_mark,f1", "help", "Help", key_display="?", tooltip="The keys of here"),
    Binding("colon", "go_to", "Go to", show=False, key_display=":", tooltip="Go by name"),
    Binding("ctrl+t", "choose_tenant", "Tenant", show=False, tooltip="Change the tenant"),
    Binding("Z", "pause", "Pause", show=False, tooltip="Stop or go on refreshing"),
    Binding("ctrl+p", "command_palette", "Commands", tooltip="Find any command by name"),
    Binding("q", "quit", "Quit", show=False, tooltip="Leave the dashboard (ctrl+q too)"),
    Binding("ctrl+z", "suspend_process", "Suspend", show=False, tooltip="To the shell; fg returns"),
]

EVERYWHERE: Final = frozenset(
    key for made in Binding.make_bindings(GLOBAL) for key in made.key.split(",")
)
"""Names of those keys."""
