"""The themes of the board: calm dark, light, high contrast, and the terminal's own colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.theme import BUILTIN_THEMES, Theme

if TYPE_CHECKING:
    from collections.abc import Mapping

DARK: Final = Theme(
    name="lampboard",
    primary="#6cb6ff",
    secondary="#8b98ab",
    accent="#6cb6ff",
    success="#5ec98b",
    warning="#e6b450",
    error="#f2727c",
    foreground="#c9d1dc",
    background="#10141b",
    surface="#151b24",
    panel="#1d2530",
    variables={
        "border": "#2d3846",
        "border-blurred": "#2d3846",
        "scrollbar": "#2d3846",
        "scrollbar-background": "#10141b",
        "scrollbar-corner-color": "#10141b",
        "footer-key-foreground": "#6cb6ff",
        "block-cursor-text-style": "none",
    },
)
LIGHT: Final = Theme(
    name="lampboard-light",
    primary="#1f6fb2",
    secondary="#5d6b7c",
    accent="#1f6fb2",
    success="#1f7a4a",
    warning="#9a6200",
    error="#bf2f3c",
    foreground="#2a3039",
    background="#fbfaf7",
    surface="#f4f2ed",
    panel="#e9e6df",
    dark=False,
    variables={
        "border": "#cfcabf",
        "border-blurred": "#cfcabf",
        "scrollbar": "#cfcabf",
        "scrollbar-background": "#fbfaf7",
        "scrollbar-corner-color": "#fbfaf7",
        "footer-key-foreground": "#1f6fb2",
        "block-cursor-text-style": "none",
    },
)
CONTRAST: Final = Theme(
    name="lampboard-contrast",
    primary="#4fd8ff",
    secondary="#ffffff",
    accent="#4fd8ff",
    success="#3dff7c",
    warning="#ffd84d",
    error="#ff7a7a",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    text_alpha=1.0,
    variables={
        "border": "#b0b0b0",
        "border-blurred": "#b0b0b0",
        "scrollbar": "#b0b0b0",
        "scrollbar-background": "#000000",
        "scrollbar-corner-color": "#000000",
        "footer-key-foreground": "#4fd8ff",
        "block-cursor-text-style": "none",
    },
)
TERMINAL: Final = "ansi-dark"
TERMINAL_LIGHT: Final = "ansi-light"

OWN: Final[Mapping[str, Theme]] = {theme.name: theme for theme in (DARK, LIGHT, CONTRAST)}

TITLES: Final[Mapping[str, str]] = {
    DARK.name: "Dark",
    LIGHT.name: "Light",
    CONTRAST.name: "High contrast",
    TERMINAL: "The terminal's own 16 colours, dark",
    TERMINAL_LIGHT: "The terminal's own 16 colours, light",
}
"""The themes that are offered, with what people read; all others of Textual work by name."""


def known(name: str) -> str:
    """Return a theme's full name from what a person set, the dark one where it is unknown."""
    for candidate in (name, f"lampboard-{name}", f"ansi-{name}"):
        if candidate in OWN or candidate in BUILTIN_THEMES:
            return candidate
    return DARK.name
