"""The dialog of what a connector's other side offers: names to walk through, one shown whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.connectors.discovered import counted, offer_lines
from tui.widgets.dialogs import Dialog
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from tui.connectors.discovered import Offer


class Offers(Dialog[None]):
    """Tools with their arguments, tables with their columns, functions: read only."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,o", "leave", "Close", tooltip="Back"),
        Binding("j", "move(1)", "Down", show=False),
        Binding("k", "move(-1)", "Up", show=False),
        Binding("J,right", "scroll(1)", "Scroll down", show=False),
        Binding("K,left", "scroll(-1)", "Scroll up", show=False),
    ]
    CSS = (
        Dialog.CSS
        + """
    Offers > .card { width: 110; height: 85%; }
    Offers Horizontal { height: 1fr; }
    Offers OptionList, Offers OptionList:focus { width: 34%; height: 1fr; max-height: 100%;
        margin: 0 2 0 0; }
    Offers Lines { width: 1fr; height: 1fr; background: transparent; }
    """
    )

    def __init__(self, name: str, found: Sequence[Offer]) -> None:
        super().__init__()
        self._name = name
        self._found = tuple(found)

    def compose(self) -> ComposeResult:
        """Yield the card."""
        options = [Option(Content(offer.name)) for offer in self._found]
        both = Horizontal(OptionList(*options), Lines(classes="said"))
        title = f"{self._name}: {counted(self._found)}"
        yield self.card(both, title=title, hint="arrows move, esc closes")

    def on_mount(self) -> None:
        """Begin on the first."""
        found = self.query_one(OptionList)
        found.highlighted = 0
        found.focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the one that the cursor is on."""
        event.stop()
        offer, said = self._found[event.option_index], self.query_one(".said", Lines)
        said.scroll_to(y=0, animate=False)
        said.show(lambda width: offer_lines(offer, width))

    def action_move(self, by: int) -> None:
        """Move by the letters, too."""
        found = self.query_one(OptionList)
        if by > 0:
            found.action_cursor_down()
        else:
            found.action_cursor_up()

    def action_scroll(self, by: int) -> None:
        """Move through a long one."""
        self.query_one(".said", Lines).scroll_relative(y=by, animate=False)

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)
