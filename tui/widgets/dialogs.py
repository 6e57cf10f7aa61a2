"""Dialogs over a screen: a question, a choice among a few, a report. They know no concept."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option

from tui import text
from tui.widgets.block import Block
from tui.widgets.cells import Cell, wrap
from tui.widgets.modal import Modal
from tui.widgets.titles import set_title

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from tui.theme import Tone

AnswerT = TypeVar("AnswerT")


class Dialog(Modal[AnswerT]):
    """A card in the middle; what lies below stays in sight."""

    # Not DEFAULT_CSS: the app's own sheet colours every screen, and buttons have defaults of
    # their own; both would win.
    SCOPED_CSS = False
    CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > .card { width: 64; max-width: 94%; height: auto; max-height: 90%;
        background: $surface; padding: 1 2 0 2; border: round $primary;
        border-title-color: $foreground; border-title-style: bold;
        border-subtitle-color: $foreground 60%; }
    .-ascii Dialog > .card, Dialog.-ascii > .card { border: ascii $primary; }
    Dialog.-danger > .card { border: round $error; border-title-color: $error; }
    .-ascii Dialog.-danger > .card { border: ascii $error; }
    Dialog Block { max-height: 16; }
    Dialog .buttons { height: 1; margin: 1 0; align-horizontal: right; }
    Dialog Button { height: 1; min-width: 10; width: auto; border: none; padding: 0 2;
        margin: 0 0 0 2; background: $panel; color: $foreground; text-style: none; }
    Dialog Button:hover { background: $panel-lighten-1; }
    Dialog Button:focus { background: $primary; color: $background; text-style: bold; }
    Dialog.-danger Button#yes:focus { background: $error; }
    Dialog OptionList, Dialog OptionList:focus { height: auto; max-height: 16; border: none;
        background: transparent; padding: 0; margin: 0 0 1 0; }
    """

    def card(self, *children: Widget, title: str, hint: str) -> Vertical:
        """Return the card with these in it."""
        card = Vertical(*children, classes="card")
        set_title(card, title, hint)
        return card


class Confirm(Dialog[bool]):
    """A question that names its thing. Anything but a clear yes is a no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", tooltip="Do it"),
        Binding("n,escape,q", "answer(False)", "No", tooltip="Leave everything as it is"),
        Binding("left,up", "app.focus_previous", "Other button", show=False),
        Binding("right,down", "app.focus_next", "Other button", show=False),
    ]

    def __init__(
        self, title: str, *paragraphs: str, yes: str, no: str = "Cancel", danger: bool = False
    ) -> None:
        super().__init__()
        self._title = title
        self._paragraphs = paragraphs
        self._labels = (yes, no)
        self.set_class(danger, "-danger")

    def compose(self) -> ComposeResult:
        """Yield the card."""
        yes, no = self._labels
        buttons = Horizontal(
            Button(Content(f"{no}  n"), id="no", compact=True),
            Button(Content(f"{yes}  y"), id="yes", compact=True),
            classes="buttons",
        )
        yield self.card(Block(classes="said"), buttons, title=self._title, hint="esc cancels")

    def on_mount(self) -> None:
        """Write the question; what is dangerous begins on no."""
        said = self._paragraphs
        self.query_one(".said", Block).show(lambda width: paragraphs(said, width))
        self.query_one("#no" if self.has_class("-danger") else "#yes", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by the button."""
        event.stop()
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Answer by a key."""
        self.dismiss(yes)


class Choose(Dialog["str | None"]):
    """A short list to choose one from; None when it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Close", tooltip="Choose nothing"),
        Binding("j", "move('down')", "Down", show=False),
        Binding("k", "move('up')", "Up", show=False),
    ]

    def __init__(
        self,
        title: str,
        options: Sequence[tuple[str, str]],
        *,
        current: str = "",
        hint: str = "enter chooses, esc leaves",
    ) -> None:
        super().__init__()
        self._title = title
        self._options = tuple(options)
        self._current = current
        self._hint = hint

    def compose(self) -> ComposeResult:
        """Yield the card."""
        options = [Option(Content(text.clean(said)), id=value) for value, said in self._options]
        yield self.card(OptionList(*options), title=self._title, hint=self._hint)

    def on_mount(self) -> None:
        """Begin on what holds now."""
        values = [value for value, _ in self._options]
        found = self.query_one(OptionList)
        found.highlighted = values.index(self._current) if self._current in values else 0
        found.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with the choice."""
        event.stop()
        self.dismiss(event.option_id)

    def action_move(self, way: str) -> None:
        """Move by the letters, too."""
        found = self.query_one(OptionList)
        if way == "down":
            found.action_cursor_down()
        else:
            found.action_cursor_up()

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


class Report(Dialog[None]):
    """Lines to read; any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,space", "leave", "Close", tooltip="Back"),
        Binding("down,j", "scroll(1)", "Down", show=False),
        Binding("up,k", "scroll(-1)", "Up", show=False),
    ]

    def __init__(
        self, title: str, build: Callable[[int], Sequence[Cell]], *, hint: str = "esc closes"
    ) -> None:
        super().__init__()
        self._title = title
        self._build = build
        self._hint = hint

    def compose(self) -> ComposeResult:
        """Yield the card."""
        yield self.card(Block(classes="said"), title=self._title, hint=self._hint)

    def on_mount(self) -> None:
        """Write the lines."""
        self._write()

    def renew(self, build: Callable[[int], Sequence[Cell]]) -> None:
        """Show other lines, once there are any."""
        self._build = build
        if self.is_mounted:
            self._write()

    def _write(self) -> None:
        build = self._build
        self.query_one(".said", Block).show(lambda width: (*build(width), ()))

    def action_scroll(self, by: int) -> None:
        """Move through a long report."""
        self.query_one(".said", Block).scroll_relative(y=by, animate=False)

    def action_leave(self) -> None:
        """Close the report."""
        self.dismiss(None)


def paragraphs(said: Sequence[str], width: int) -> tuple[Cell, ...]:
    """Return paragraphs as lines, a blank one between two: pure."""
    lines: list[Cell] = []
    for number, paragraph in enumerate(part for part in said if part):
        tone: Tone = "plain" if number == 0 else "muted"
        lines += [*([()] if number else []), *wrap(paragraph, width, tone)]
    return tuple(lines)
