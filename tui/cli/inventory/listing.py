"""`list` of any kind of thing: a page or all of it, once or at every change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tui.cli import paging
from tui.cli.options import PAGE
from tui.cli.session import Session, narrate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.workspace import Workspace
    from tui.cli.table import Column
    from tui.nouns import Noun

ORDER = frozenset({"sort", "descending"})
"""What is asked of a list that leaves none of its rows out."""


def show_list(  # noqa: PLR0913 - what to list, and the flags of every list
    session: Session,
    noun: Noun,
    columns: Callable[[], tuple[Column, ...]],
    *,
    words: tuple[str, ...],
    limit: int,
    everything: bool,
    watch: bool,
    **asked: Any,
) -> None:
    """Print a tenant's things of this kind, as `list_options` say; `asked` narrows and sorts."""
    wanted = {"query": " ".join(words), **asked}
    narrowed = any(value for name, value in wanted.items() if name not in ORDER)

    async def work(workspace: Workspace) -> None:
        tenant = await session.tenant(workspace)

        async def show() -> None:
            rows, total = await _rows(
                workspace, noun, tenant, wanted, None if everything else limit
            )
            session.output.listing(rows, total, columns())
            _note(noun, tenant, sum(map(len, rows)), total, narrowed=narrowed)

        if not watch:
            return await show()
        from tui.cli.watching import shown

        return await shown(session, workspace, show, watch=noun.watched)

    session.run(work)


async def _rows(
    workspace: Workspace, noun: Noun, tenant: str, wanted: dict[str, Any], limit: int | None
) -> tuple[Sequence[Sequence[Any]], int]:
    if limit is None:
        return await every(workspace, noun, tenant, wanted)
    rows, total = await noun.listing(workspace, tenant, limit=limit, **wanted)
    return [rows], total


async def every(
    workspace: Workspace, noun: Noun, tenant: str, wanted: dict[str, Any]
) -> tuple[list[Sequence[Any]], int]:
    """Return all that match, page by page, and how many they are."""
    pages = await paging.every(partial(noun.page, workspace, tenant, **wanted), PAGE)
    return pages, sum(map(len, pages))


def _note(noun: Noun, tenant: str, shown: int, total: int, *, narrowed: bool) -> None:
    if total == 0 and narrowed:
        narrate(f"No {noun.one} of {tenant} matches.")
    elif total == 0:
        narrate(f"Nothing here for {tenant}; `lampboard {noun.group} {noun.register}` makes one.")
    elif shown < total:
        narrate(f"{shown:,} of {total:,} shown; use --all.")
