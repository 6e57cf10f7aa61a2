"""Filling in a form over a screen, and saying that what was typed is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui import text

if TYPE_CHECKING:
    from tui.inventory.form import DetailT, DraftForm
    from tui.widgets.screen import BoardScreen


async def fill_in(
    screen: BoardScreen[Any], form: DraftForm[DetailT], *, done: str = "saved"
) -> DetailT | None:
    """Return what the form saved, None when it was left; says that it is `done`.

    To be awaited in a worker, as `BoardScreen.open_form` starts one.
    """
    saved: DetailT | None = await screen.app.push_screen_wait(form)
    if saved is not None:
        screen.notify(f"{text.clean(saved.name)} is {done}.", markup=False, timeout=4)
    return saved
