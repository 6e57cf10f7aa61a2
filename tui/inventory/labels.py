"""The dialog for words that a thing carries, such as tags and roles: typed, compared, told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from tui import text
from tui.widgets.block import Block
from tui.widgets.cells import Cell, wrap
from tui.widgets.dialogs import Dialog
from tui.widgets.inputs import TextInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.widgets import Input


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """Which words come and which go."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The edit in words, cleaned; empty where nothing changes."""
        parts = [
            f"{verb} {', '.join(text.clean(word) for word in words)}"
            for verb, words in (("adds", self.added), ("removes", self.removed))
            if words
        ]
        return "; ".join(parts)

    def of(self, held: Sequence[str]) -> tuple[str, ...]:
        """Return what a thing carries after the edit; a word is the same whatever its case."""
        gone = {word.casefold() for word in self.removed}
        there = {word.casefold() for word in held}
        kept = (word for word in held if word.casefold() not in gone)
        return (*kept, *(word for word in self.added if word.casefold() not in there))


def words(typed: str) -> tuple[str, ...]:
    """Return the words with commas between, each once whatever its case."""
    given = (part.strip() for part in typed.split(","))
    found = {word.casefold(): word for word in given if word}
    return tuple(found.values())


def edit(typed: str, held: Sequence[str] | None) -> Edit:
    """Return what was typed as an edit.

    Args:
        typed: What the thing shall carry, or for several things the words to add, and with a
            minus before it each word to remove.
        held: What the thing carries now; None for several things.
    """
    given = words(typed)
    if held is None:
        removed = tuple(word[1:].strip() for word in given if word.startswith("-"))
        added = tuple(word for word in given if not word.startswith("-"))
        return Edit(added=added, removed=tuple(word for word in removed if word))
    before = {word.casefold() for word in held}
    after = {word.casefold() for word in given}
    return Edit(
        added=tuple(word for word in given if word.casefold() not in before),
        removed=tuple(word for word in held if word.casefold() not in after),
    )


class LabelsDialog(Dialog["Edit | None"]):
    """Answers with what changes; None when it is left or nothing does.

    Args:
        title: Whose words they are.
        held: What the thing carries now; None for several things.
        about: What the words are for.
        warning: Says what an edit would do that one may not expect; empty for nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", tooltip="Change nothing"),
    ]
    CSS = Dialog.CSS + "LabelsDialog TextInput { margin: 0 0 1 0; }"

    def __init__(
        self,
        title: str,
        held: Sequence[str] | None,
        *,
        about: str,
        warning: Callable[[Edit], str] = lambda _: "",
    ) -> None:
        super().__init__()
        self._title = title
        self._held = None if held is None else tuple(held)
        self._about = about
        self._warning = warning

    def compose(self) -> ComposeResult:
        """Yield the card."""
        entry = TextInput(", ".join(self._held or ()), select_on_focus=False)
        said = Block(classes="said")
        yield self.card(entry, said, title=self._title, hint="enter does it, esc leaves")

    def on_mount(self) -> None:
        """Begin behind what there is."""
        self.query_one(TextInput).focus()
        self._say()

    @property
    def edit(self) -> Edit:
        """What would change now."""
        return edit(self.query_one(TextInput).value, self._held)

    def _say(self) -> None:
        found = self.edit
        said, warning = found.said or self._about, self._warning(found)
        self.query_one(".said", Block).show(lambda width: _lines(said, warning, width))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what would change, as one types."""
        event.stop()
        self._say()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the edit."""
        event.stop()
        found = self.edit
        self.dismiss(found if found.said else None)

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)


def _lines(said: str, warning: str, width: int) -> tuple[Cell, ...]:
    warned = ((), *wrap(warning, width, "degraded")) if warning else ()
    return (*wrap(said, width, "muted"), *warned, ())
