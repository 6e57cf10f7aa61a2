"""What lies over a screen until it is answered: once, however quickly keys follow each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from typing import Any

AnswerT = TypeVar("AnswerT")


class Modal(ModalScreen[AnswerT]):
    """A modal screen that ends itself, and nothing else.

    Textual's own takes away whatever is on top: with a second enter or escape, which was on its
    way when the first was answered, that would be what lies below.
    """

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Answer and go; what lies above goes along. The second time, do nothing."""
        app = self.app
        if self not in app.screen_stack:
            return AwaitComplete()
        while app.screen is not self:
            app.pop_screen()
        return super().dismiss(result)
