"""Dialogs in which one says something of an incident: why it is acknowledged, a note."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from engine.incidents.facade import MAX_NAME, MAX_NOTE, MAX_REASON
from engine.incidents.model import REASONS
from tui import text
from tui.widgets.block import Block
from tui.widgets.cells import Span, wrap
from tui.widgets.dialogs import Dialog
from tui.widgets.editor import LinesEditor
from tui.widgets.inputs import TextInput

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget
    from textual.widgets import Input

    from tui.widgets.cells import Cell


class SayDialog(Dialog["str | None"]):
    """One line of words; None when it is left.

    `offers` are words that one key says: 1 the first of them, and so on, while nothing is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", tooltip="Say nothing"),
    ]
    CSS = Dialog.CSS + "SayDialog #words { margin: 0 0 1 0; }"
    HINT = "enter says it, esc leaves"
    NOTHING_SAID = "Say why, or press esc to leave."

    def __init__(
        self, title: str, about: str, *, offers: tuple[str, ...] = (), most: int = MAX_REASON
    ) -> None:
        super().__init__()
        self._title = title
        self._about = about
        self._offers = offers
        self._most = most

    def field(self) -> Widget:
        """Return what the words are typed into."""
        asked = "or type your own words" if self._offers else ""
        return OfferedInput(len(self._offers), placeholder=asked, max_length=self._most, id="words")

    def compose(self) -> ComposeResult:
        """Yield the card."""
        yield self.card(Block(classes="said"), self.field(), title=self._title, hint=self.HINT)

    def on_mount(self) -> None:
        """Write what can be said by one key, and take the words."""
        self._say(self._about)
        self.query_one("#words").focus()

    def _say(self, words: str, *, wrong: bool = False) -> None:
        self.query_one(".said", Block).show(lambda width: self._lines(words, width, wrong=wrong))

    def _lines(self, words: str, width: int, *, wrong: bool) -> tuple[Cell, ...]:
        lines: list[Cell] = [*wrap(words, width, "failing" if wrong else "muted"), ()]
        for place, said in enumerate(self._offers, start=1):
            lines.append((Span(f"{place}", "accent"), Span(f"  {text.clean(said)}")))
        return (*lines, *([()] if self._offers else []))

    def on_offered_input_chosen(self, event: OfferedInput.Chosen) -> None:
        """Answer with what is offered."""
        event.stop()
        self.dismiss(self._offers[event.place])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the words, once there are any."""
        event.stop()
        self.answer(event.value)

    def answer(self, words: str) -> None:
        """Answer with these words, unless there are none or too many."""
        said = words.strip()
        if not said:
            self._say(self.NOTHING_SAID, wrong=True)
        elif len(said) > self._most:
            self._say(f"{len(said):,} characters are too many: {self._most:,} at most.", wrong=True)
        else:
            self.dismiss(said)

    def action_leave(self) -> None:
        """Say nothing."""
        self.dismiss(None)


class NoteDialog(SayDialog):
    """Several lines of words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", tooltip="Write it down"),
    ]
    CSS = SayDialog.CSS + "NoteDialog LinesEditor { height: 8; }"
    HINT = "ctrl+s saves, esc leaves"
    NOTHING_SAID = "Write something, or press esc to leave."

    def field(self) -> Widget:
        """Return what the lines are typed into."""
        return LinesEditor("", numbers=False, id="words")

    def action_save(self) -> None:
        """Answer with the lines."""
        self.answer(self.query_one(LinesEditor).text)


class OfferedInput(TextInput):
    """An input whose first key may choose what is offered."""

    class Chosen(Message):
        """What is offered at this place is meant."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, offers: int, *, placeholder: str, max_length: int, id: str) -> None:  # noqa: A002 - Textual's own word
        super().__init__(placeholder=placeholder, max_length=max_length, id=id)
        self._offers = offers

    async def _on_key(self, event: events.Key) -> None:
        digit = event.character or ""
        if not self.value and digit.isdecimal() and 1 <= int(digit) <= self._offers:
            event.prevent_default()
            event.stop()
            self.post_message(self.Chosen(int(digit) - 1))
            return
        await super()._on_key(event)


def acknowledging(title: str) -> SayDialog:
    """Return the dialog that asks why an incident is acknowledged."""
    about = "It is seen to: nobody is reminded of it until it is well again."
    return SayDialog(title, about, offers=REASONS)


def noting(title: str) -> NoteDialog:
    """Return the dialog that asks for a note."""
    return NoteDialog(title, "A note for whoever looks back at it.", most=MAX_NOTE)


def assigning(title: str, operator: str) -> SayDialog:
    """Return the dialog that asks who sees to an incident."""
    return SayDialog(title, "Who sees to it?", offers=(operator,), most=MAX_NAME)


def closing(title: str) -> SayDialog:
    """Return the dialog that asks why an incident is closed by hand."""
    about = "It closes by itself once its checks pass. Closed by hand, it opens again when it is "
    return SayDialog(title, f"{about}bad after it was well. Why close it?")
