"""Keys that were typed before what they are for is there; given back, in order, once it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.events import Key

from tui.keys import EVERYWHERE

if TYPE_CHECKING:
    from textual.app import App

FILTER: Final = "slash"
FOR_TEXT: Final = frozenset({"tab", "shift+tab", "enter", "backspace"})
"""What belongs to typing, over and above what leaves a mark."""


class HeldKeys:
    """What was typed too early; a key that holds everywhere is never kept waiting."""

    def __init__(self) -> None:
        self._keys: list[Key] = []

    def take(self, key: Key) -> bool:
        """Hold a key back and return True; esc takes back what is held, and goes on as it is.

        Letters and digits after `/` are a filter's, whatever they mean elsewhere.
        """
        if key.key == "escape":
            self.drop()
            return False
        typing = key.is_printable and any(held.key == FILTER for held in self._keys)
        if key.key in EVERYWHERE and not typing:
            return False
        # The event itself has been handed round already, and is not taken a second time.
        self._keys.append(Key(key.key, key.character))
        return True

    def drop(self) -> None:
        """Forget what is held."""
        self._keys.clear()

    def give_back(self, app: App[object]) -> None:
        """Let the board have the keys as if they were typed now."""
        held, self._keys = self._keys, []
        for key in held:
            # A message bubbles no further than to the parent that sent it.
            app.post_message(key.set_sender(app))


class TypedAhead:
    """What was typed for a form that is on its way: text, whatever its keys mean in a list."""

    def __init__(self) -> None:
        self._keys: list[Key] = []
        self.waits = False

    def begin(self) -> None:
        """Hold back from now on what can be typed into a form."""
        self.waits = True

    def take(self, key: Key) -> bool:
        """Hold a key back and return True while a form is on its way; esc ends the waiting."""
        if key.key == "escape":
            self.end()
        held = self.waits and (key.is_printable or key.key in FOR_TEXT)
        if held:
            # The event itself may have been handed round already, as those above.
            self._keys.append(Key(key.key, key.character))
        return held

    def end(self) -> list[Key]:
        """Hold nothing back any more; return what was held, in order."""
        held, self._keys, self.waits = self._keys, [], False
        return held
