"""The dialog of two people who changed the same thing: both versions, and whose holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button

from tui.widgets.block import Block
from tui.widgets.cells import Cell, Span, cell, fit, wrap
from tui.widgets.dialogs import Dialog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui.inventory.draft import Difference

LABEL = 16
MINE, THEIRS = "mine", "theirs"


class Conflict(Dialog["str | None"]):
    """Answers `mine`, `theirs`, or None to go back to the form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "answer('mine')", "Keep mine", tooltip="Save my values over theirs"),
        Binding("t", "answer('theirs')", "Take theirs", tooltip="Forget my values"),
        Binding("escape,q", "answer('')", "Back", tooltip="Back to the form, nothing saved"),
        Binding("left,up", "app.focus_previous", "Other button", show=False),
        Binding("right,down", "app.focus_next", "Other button", show=False),
    ]
    CSS = Dialog.CSS + "Conflict > .card { width: 76; }"

    def __init__(self, name: str, differences: Sequence[Difference]) -> None:
        super().__init__()
        self._whose = name
        self._differences = tuple(differences)

    def compose(self) -> ComposeResult:
        """Yield the card."""
        buttons = Horizontal(
            Button(Content("Back  esc"), id="back", compact=True),
            Button(Content("Take theirs  t"), id=THEIRS, compact=True),
            Button(Content("Keep mine  m"), id=MINE, compact=True),
            classes="buttons",
        )
        said = Block(classes="said")
        yield self.card(
            said, buttons, title="Changed by somebody else meanwhile", hint="esc goes back"
        )

    def on_mount(self) -> None:
        """Write both versions."""
        name, found = self._whose, self._differences
        self.query_one(".said", Block).show(lambda width: conflict_lines(name, found, width))
        self.query_one("#back", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by the button."""
        event.stop()
        self.action_answer(event.button.id if event.button.id != "back" else "")

    def action_answer(self, answer: str | None) -> None:
        """Answer by a key."""
        self.dismiss(answer or None)


def conflict_lines(name: str, differences: Sequence[Difference], width: int) -> tuple[Cell, ...]:
    """Return both versions side by side, a line each field that differs."""
    half = (width - LABEL) // 2
    said = f"{name} was saved by somebody else while you edited it. Nothing of yours is saved yet."
    head = (
        Span(" " * LABEL),
        *fit((Span("yours", "accent"),), half),
        *fit((Span("theirs", "accent"),), half),
    )
    lines = [
        (
            *fit(cell(one.label, "muted"), LABEL),
            *fit(_mine(one), half - 1),
            Span(" "),
            *fit(cell(one.theirs), half),
        )
        for one in differences
    ]
    same: list[Cell] = [] if lines else [(Span("Both versions say the same.", "muted"),)]
    return (*wrap(said, width), (), *([head] if lines else []), *lines, *same)


def _mine(one: Difference) -> Cell:
    if one.mine is None:
        return (Span("not changed, theirs stays", "muted"),)
    return cell(one.mine, "strong")
