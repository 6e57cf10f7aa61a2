"""Keeping a thing quiet from wherever one sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.inventory.filling import fill_in

if TYPE_CHECKING:
    from engine.silences import SilenceDraft
    from tui.silences.entries import SilenceEntry
    from tui.widgets.screen import BoardScreen


async def keep_quiet(
    screen: BoardScreen[Any], about: SilenceDraft, thing_name: str | None
) -> SilenceEntry | None:
    """Ask for how long and why, and add the silence; None when the form was left.

    Args:
        screen: Where it is asked.
        about: What is to be kept quiet, unless one chooses otherwise.
        thing_name: What people call the thing that it is about.
    """
    from tui.silences.form import SilenceForm

    form = SilenceForm(screen.desk, about=about, thing_name=thing_name)
    saved = await fill_in(screen, form, done="kept quiet")
    if saved is not None:
        screen.reload()
    return saved
