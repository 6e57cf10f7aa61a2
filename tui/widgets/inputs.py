"""What people type or choose a value with: a one-line text, a secret, a choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from tui import text
from tui.palette import palette
from tui.theme import UNICODE, Glyphs
from tui.widgets import painting
from tui.widgets.cells import Cell, Span, fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.strip import Strip

    from tui.theme import Tone

MAX_TYPED = 16_384
"""Characters taken by one paste: the longest credential that a provider has."""


class TextInput(Input):
    """A one-line input that takes in no control characters, pasted ones included.

    Textual hands what is pasted to the terminal as it is; a name with an escape sequence in it
    would act on this terminal and, once stored, on every other.
    """

    DEFAULT_CSS = """
    TextInput, TextInput:focus { background: $panel; padding: 0 1; height: 1; border: none; }
    TextInput:focus { background: $primary 22%; background-tint: transparent; }
    TextInput > .input--placeholder { color: $foreground 45%; }
    TextInput:nocolor > .input--cursor { text-style: reverse; }
    """

    def replace(self, text_: str, start: int, end: int) -> None:
        """Replace a part by clean text."""
        super().replace(text.clean(text_, limit=MAX_TYPED), start, end)

    def _on_paste(self, event: events.Paste) -> None:
        # Textual keeps only the first line; JSON credentials have several, and blanks do as well.
        event.prevent_default()
        event.stop()
        self.replace(event.text.strip(), *sorted(self.selection))


class SecretInput(TextInput):
    """A masked input: what is in it is neither shown nor copied."""

    def action_copy(self) -> None:
        """Copy nothing: the clipboard of a terminal is no place for a secret."""

    def action_cut(self) -> None:
        """Take the text away without copying it."""
        self.delete_selection()


class ChoiceInput(Widget, can_focus=True):
    """One of a few values on one line; left and right change it, enter lists them all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Previous", tooltip="The choice before"),
        Binding("right,l,space", "step(1)", "Next", tooltip="The choice after"),
        Binding("enter", "list", "List", tooltip="All choices"),
    ]
    DEFAULT_CSS = """
    ChoiceInput { height: 1; width: 1fr; background: $panel; }
    ChoiceInput:focus { background: $primary 22%; }
    """

    class Changed(Message):
        """Another value was chosen."""

        def __init__(self, choice: ChoiceInput, value: str) -> None:
            super().__init__()
            self.choice = choice
            self.value = value

    class ListAsked(Message):
        """All choices are wanted; the form answers by a dialog and sets `value`."""

        def __init__(self, choice: ChoiceInput) -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> ChoiceInput:
            """The input that asks."""
            return self.choice

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        value: str,
        *,
        glyphs: Glyphs = UNICODE,
        id: str | None = None,  # noqa: A002 - Textual's own word
    ) -> None:
        super().__init__(id=id)
        self.options = tuple(options)
        self._value = value
        self._glyphs = glyphs

    @property
    def value(self) -> str:
        """The value in force."""
        return self._value

    @value.setter
    def value(self, value: str) -> None:
        if value == self._value:
            return
        self._value = value
        self.refresh()
        self.post_message(self.Changed(self, value))

    def action_step(self, by: int) -> None:
        """Take the neighbour, round the ends."""
        values = [value for value, _ in self.options]
        place = values.index(self._value) if self._value in values else -by
        self.value = values[(place + by) % len(values)]

    def action_list(self) -> None:
        """Ask for all choices at once."""
        self.post_message(self.ListAsked(self))

    def on_click(self) -> None:
        """Do what enter does."""
        self.action_list()

    def render_line(self, y: int) -> Strip:
        """Draw the choice between its arrows."""
        width = self.size.width
        value = self._cell() if y == 0 else ()
        return painting.line(fit(value, width), width, palette(self.app), self.rich_style)

    def _cell(self) -> Cell:
        titles = dict(self.options)
        tone: Tone = "accent" if self.has_focus else "muted"
        place = [value for value, _ in self.options]
        number = place.index(self._value) + 1 if self._value in place else 0
        return (
            Span(f" {self._glyphs.left} ", tone),
            Span(text.clean(titles.get(self._value, self._value))),
            Span(f" {self._glyphs.right}", tone),
            Span(f"  {number} of {len(place)}", "muted"),
        )
