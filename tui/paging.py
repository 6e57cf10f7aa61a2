"""From what a table asks for to where a facade's page starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.paging import Anchor

if TYPE_CHECKING:
    from tui.widgets.row_source import Ask


def anchor(ask: Ask) -> Anchor:
    """Return the facade's anchor for a table's request."""
    key = cast("tuple[str | int | float, ...]", ask.anchor or ())
    return Anchor(place=ask.position, key=key, offset=ask.offset)
