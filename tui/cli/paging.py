"""Reading a list whole: page by page, each from the end of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


async def every(
    ask: Callable[..., Awaitable[tuple[Sequence[Any], Sequence[Any]]]], size: int
) -> list[Sequence[Any]]:
    """Return all pages of a list.

    Args:
        ask: Gives one page and the keys of its rows; takes `anchor` and `limit`.
        size: Rows of a page, but for the last.
    """
    from engine.paging import after, start

    anchor, pages = start(), list[Any]()
    while True:
        rows, keys = await ask(anchor=anchor, limit=size)
        pages.append(rows)
        if len(rows) < size:
            return pages
        anchor = after(keys[-1])
