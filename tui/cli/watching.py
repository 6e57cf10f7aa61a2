"""`--watch`: prints again whenever something changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.streams import is_terminal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.workspace import Workspace
    from tui.cli.session import Session

CLEAR = "\x1b[H\x1b[2J"


async def shown(
    session: Session,
    workspace: Workspace,
    show: Callable[[], Awaitable[None]],
    *,
    watch: frozenset[str],
) -> None:
    """Show once, and then again at each change of the concepts in `watch`; empty means once.

    A terminal is cleared in between; into a pipe one reading follows the other.
    """
    since = await workspace.revisions() if watch else {}
    await show()
    stream = session.output.stream
    stream.flush()
    if not watch:
        return
    async for changed in workspace.changes(since):
        if changed & watch:
            if is_terminal(stream):
                stream.write(CLEAR)
            await show()
            stream.flush()
