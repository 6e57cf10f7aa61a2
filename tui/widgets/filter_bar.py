"""The line one types a filter into; each key is told, so that the list follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from tui.widgets.cells import Span
from tui.widgets.inputs import TextInput
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

SETTLE_S = 0.12
"""Seconds without a key after which the list follows: a count of 100,000 rows for each key
would come later than the word is typed."""


class FilterBar(Horizontal):
    """Hidden until `open()`; enter leaves it and keeps the filter, esc clears it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", "Clear", tooltip="Show everything again"),
        Binding("enter,down", "keep", "Keep", tooltip="Back to the list, filtered"),
    ]
    DEFAULT_CSS = """
    FilterBar { height: 1; display: none; background: $background; padding: 0 1; }
    FilterBar.-open { display: block; }
    FilterBar > .slash { width: 2; height: 1; }
    FilterBar > TextInput, FilterBar > TextInput:focus { width: 1fr; padding: 0; }
    FilterBar > .examples { width: 38; height: 1; margin: 0 0 0 1; }
    """

    class Changed(Message):
        """The filter is another one; empty shows everything."""

        def __init__(self, bar: FilterBar, text: str) -> None:
            super().__init__()
            self.bar = bar
            self.text = text

    class Closed(Message):
        """The bar was left; the focus goes back to the list."""

        def __init__(self, bar: FilterBar) -> None:
            super().__init__()
            self.bar = bar

    def __init__(self, told: str = "", *, examples: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._examples = examples
        self._told = told
        self._timer: Timer | None = None

    @property
    def text(self) -> str:
        """The filter in force."""
        return self._told

    @property
    def planned(self) -> bool:
        """Whether letters were typed that the list does not follow yet."""
        return self._timer is not None

    def compose(self) -> ComposeResult:
        """Yield the sign, the input and a few examples."""
        yield Lines(classes="slash")
        yield TextInput(self._told, select_on_focus=False)
        yield Lines(classes="examples")

    def on_mount(self) -> None:
        """Write what stands still."""
        self.query_one(".slash", Lines).show(lambda _: ((Span("/", "accent"),),))
        said = self._examples
        self.query_one(".examples", Lines).show(lambda _: ((Span(said, "muted"),),))

    def open(self) -> None:
        """Show the bar with the filter in force, ready to be typed on."""
        entry = self.query_one(TextInput)
        self.add_class("-open")
        entry.value = self._told
        entry.cursor_position = len(self._told)
        # Now, not when the queue gets to it: the next letters may have been typed already.
        self.screen.set_focus(entry)

    def take(self, text: str) -> None:
        """Take a filter that was set elsewhere; nobody is told."""
        self._told = text
        with self.prevent(Input.Changed):
            self.query_one(TextInput).value = text

    def clear(self) -> None:
        """Show everything again and hide the bar."""
        self.query_one(TextInput).value = ""
        self._tell()
        self._close()

    def _close(self) -> None:
        self.remove_class("-open")
        self.post_message(self.Closed(self))

    def _tell(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        typed = self.query_one(TextInput).value.strip()
        if typed != self._told:
            self._told = typed
            self.post_message(self.Changed(self, typed))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the filter once the keys pause."""
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(SETTLE_S, self._tell)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do what enter does."""
        event.stop()
        self.action_keep()

    def action_clear(self) -> None:
        """Clear the filter."""
        self.clear()

    def action_keep(self) -> None:
        """Keep the filter and go back to the list."""
        self._tell()
        self._close()
