"""Being there on a shared server, and noticing who is not there any more.

Others take over what a monitor has claimed as soon as the server has lost it (`storage.presence`).
So a monitor that loses its session stops every check at once, before anybody else begins them.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from engine.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from engine.workspace import Workspace
    from storage.presence import Presence

logger = logging.getLogger(__name__)

# The server gives a silent session up after eight seconds; a monitor that gets no answer has
# stopped its checks by then.
_ASK_S, _ANSWER_S = 2.0, 4.0
_SURE_S = 0.4


class Attendance:
    """Holds the monitor's presence at a shared server; with a file there is nothing to hold.

    Args:
        workspace: The opened workspace.
        owner: The monitor's id.
        lost: Called at once when the presence is lost.

    Attributes:
        here: Whether work may be claimed.
        losses: How often the presence was lost.
    """

    def __init__(self, workspace: Workspace, owner: str, *, lost: Callable[[], None]) -> None:
        self._workspace, self._owner, self._lost = workspace, owner, lost
        self._presence: Presence | None = None
        self._asking: asyncio.Task[None] | None = None
        self.here = False
        self.losses = 0

    async def take(self) -> None:
        """Be there; nothing may be claimed before that.

        Raises:
            WorkspaceError: The server cannot be reached.
        """
        take = partial(self._workspace.database.presence, self._owner)
        self._presence = await self._workspace.run(take)
        self.here = True
        if self._presence is not None:
            self._asking = asyncio.create_task(self._watch(self._presence))

    async def end(self) -> None:
        """Be there no longer."""
        self.here = False
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking})
        self._hang_up()

    async def _watch(self, presence: Presence) -> None:
        """Ask now and then whether it still holds, and at once when the connection stirs."""
        loop, stirred = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(presence.fileno(), stirred.set)
        try:
            held = True
            while held:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_ASK_S):
                        await stirred.wait()
                stirred.clear()
                held = await self._holds(presence)
        finally:
            loop.remove_reader(presence.fileno())
        logger.warning("The server has ended this monitor's session; its checks are given up.")
        self.here = False
        self.losses += 1
        self._lost()
        self._hang_up()
        # Whatever ended this line has ended the others, or they would never be answered either.
        self._workspace.database.lines.hang_up()

    async def _holds(self, presence: Presence) -> bool:
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._workspace.run(presence.is_held)
        except (TimeoutError, WorkspaceError):
            return False

    def _hang_up(self) -> None:
        if self._presence is not None:
            self._presence.end()
            self._presence = None


class Suspects:
    """Monitors that were not there at the last look: gone when they are not at the next either.

    One whose session just broke is given that long to stop its checks.
    """

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def seen(self, absent: Collection[str], now: float) -> tuple[str, ...]:
        """Take note of who is not there; return who is gone. `now` is monotonic seconds."""
        self._since = {owner: self._since.get(owner, now) for owner in absent}
        return tuple(owner for owner, since in self._since.items() if now - since >= _SURE_S)
