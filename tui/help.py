"""The keys of the place one is at, with what each does; nothing that is not available there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from tui import text
from tui.theme import HEALTH, Glyphs
from tui.widgets.cells import Cell, Span, fit
from tui.widgets.lines import ReadLines
from tui.widgets.modal import Modal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.screen import Screen

KEY_WIDTH = 12
FRAME = 4
"""Lines of the card's border and padding."""


class HelpScreen(Modal[None]):
    """A card over the screen; esc, `?` and q close it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q,enter", "dismiss", "Close", tooltip="Back")
    ]

    def __init__(self, place: Screen[object], glyphs: Glyphs) -> None:
        super().__init__()
        self._sections = sections(place)
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """Yield the card."""
        yield ReadLines(id="help", classes="panel")

    def on_mount(self) -> None:
        """Write the card."""
        found, glyphs = self._sections, self._glyphs
        card = self.query_one(ReadLines)
        card.border_title = "Keys"
        card.border_subtitle = "esc closes"
        card.styles.height = len(lines(found, KEY_WIDTH, glyphs)) + FRAME
        card.show(lambda width: lines(found, width, glyphs))
        card.focus()


Section = tuple[str, tuple[tuple[str, str], ...]]


def sections(place: Screen[object]) -> tuple[Section, ...]:
    """Return titles with (keys, what they do), from the narrowest place to the whole board."""
    found: dict[str, dict[str, tuple[list[str], str]]] = {}
    for active in place.active_bindings.values():
        binding = active.binding
        if binding.system or not active.enabled or _is_textuals(binding):
            continue
        group = _group(active.node, place)
        keys, _ = found.setdefault(group, {}).setdefault(
            binding.action, ([], binding.tooltip or binding.description)
        )
        shown = place.app.get_key_display(binding)
        if shown not in keys:
            keys.append(shown)
    return tuple(
        (group, tuple((" ".join(keys), said) for keys, said in entries.values()))
        for group, entries in found.items()
    )


def _is_textuals(binding: Binding) -> bool:
    """Whether a binding is Textual's own and none of a place: scrolling sideways, copying."""
    own = ("scroll_", "page_", "screen.copy", "app.focus_", "help_quit")
    return not binding.description or binding.action.startswith(own)


def _group(node: object, place: Screen[object]) -> str:
    if node is place:
        return "Here"
    return "Everywhere" if node is place.app else "In this list"


def lines(found: Sequence[Section], width: int, glyphs: Glyphs) -> tuple[Cell, ...]:
    """Return the card's lines: the lamps' meaning, then the keys by section."""
    made: list[Cell] = []
    for group, entries in found:
        made += [(), (Span(f" {group}", "strong"),)]
        made += [
            (Span(" "), *fit((Span(text.clean(keys), "accent"),), KEY_WIDTH), Span(f" {said}"))
            for keys, said in entries
        ]
    legend = (Span(" Lamps", "strong"),)
    lamps = (Span(" "), *(Span(f"{glyphs.lamp(x)} {x}   ", HEALTH[x].tone) for x in HEALTH))
    return (*made[1:], (), legend, fit(lamps, width))
