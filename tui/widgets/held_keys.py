"""Keys that were typed before what they are for is there; given back, in order, once it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.events import Key

from tui.keys import EVERYWHERE

if TYPE_CHECKING:
    from textual.app import App

FILTER: Final = "slash"


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
