"""From tones to the colours of the theme in use; what line-drawing widgets paint with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import Color

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App

    from tui.theme import Tone


@dataclass(frozen=True, kw_only=True, slots=True)
class Palette:
    """Styles of one theme. `cursor` and `hover` lie under a whole row; `ascii` draws no more."""

    tones: Mapping[Tone, Style]
    cursor: Style
    cursor_blurred: Style
    hover: Style
    plain: Style
    ascii: bool = False


def palette(app: App[object]) -> Palette:
    """Return the styles of the app's theme; made once for each theme."""
    base = tuple(sorted(_base(app).items()))
    return _palette(app.theme, app.no_color, base, ascii_only=app.has_class("-ascii"))


BASE = ("foreground", "background", "primary", "success", "warning", "error", "surface", "panel")


def _base(app: App[object]) -> dict[str, str]:
    variables = app.theme_variables
    return {name: variables[name] for name in BASE}


@lru_cache(maxsize=16)
def _palette(
    theme: str, no_color: bool, base: tuple[tuple[str, str], ...], *, ascii_only: bool
) -> Palette:
    colors = {name: Color.parse(value) for name, value in base}
    return replace(_styles(theme, no_color, colors), ascii=ascii_only)


def _styles(theme: str, no_color: bool, colors: Mapping[str, Color]) -> Palette:
    if no_color:
        return _without_color()
    if colors["background"].ansi is not None:
        return _sixteen(colors)
    return _full(colors, strong="contrast" in theme)


def _full(colors: Mapping[str, Color], *, strong: bool) -> Palette:
    foreground, background = colors["foreground"], colors["background"]
    muted = background.blend(foreground, 0.8 if strong else 0.6)
    return Palette(
        tones=_tones(colors, foreground, muted),
        cursor=_under(background.blend(colors["primary"], 0.5 if strong else 0.26)),
        cursor_blurred=_under(background.blend(foreground, 0.3 if strong else 0.1)),
        hover=_under(background.blend(foreground, 0.06)),
        plain=Style.null(),
    )


def _sixteen(colors: Mapping[str, Color]) -> Palette:
    muted = Color.parse("ansi_bright_black")
    reverse = Style(reverse=True)
    return Palette(
        tones=_tones(colors, colors["foreground"], muted),
        cursor=reverse,
        cursor_blurred=Style(underline=True),
        hover=Style(),
        plain=Style.null(),
    )


def _without_color() -> Palette:
    plain, bold, dim = Style(), Style(bold=True), Style(dim=True)
    return Palette(
        tones={
            "plain": plain,
            "strong": bold,
            "muted": dim,
            "accent": bold,
            "healthy": plain,
            "degraded": bold,
            "failing": bold,
            "unknown": dim,
        },
        cursor=Style(reverse=True),
        cursor_blurred=Style(underline=True),
        hover=Style(),
        plain=Style.null(),
    )


def _tones(colors: Mapping[str, Color], plain: Color, muted: Color) -> dict[Tone, Style]:
    return {
        "plain": _ink(plain),
        "strong": _ink(plain, bold=True),
        "muted": _ink(muted),
        "accent": _ink(colors["primary"]),
        "healthy": _ink(colors["success"]),
        "degraded": _ink(colors["warning"]),
        "failing": _ink(colors["error"]),
        "unknown": _ink(muted),
    }


def _ink(color: Color, *, bold: bool | None = None) -> Style:
    return Style(color=color.rich_color, bold=bold)


def _under(color: Color) -> Style:
    return Style(bgcolor=color.rich_color)
