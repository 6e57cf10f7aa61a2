"""Following what changes in a workspace: a server tells of it at once, a file is looked at."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from engine.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from engine.workspace import Workspace
    from storage.notify import Listener

REST_S = 0.1
"""Seconds for which changes gather before anybody is told again: a sweep commits all the time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """The revision of each concept, and for how many seconds nobody has confirmed it."""

    revisions: Mapping[str, int]
    age_s: float = 0.0


class Following:
    """What changed in a workspace; `workspace.following` is the one of a workspace.

    Args:
        workspace: The opened workspace.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def look(self) -> Look:
        """Return the revisions: as the server told them last, else as they are read now.

        Raises:
            WorkspaceError: The database cannot be read.
        """
        return self.heard() or Look(revisions=await self._workspace.revisions())

    def heard(self) -> Look | None:
        """Return what a server told last; None where nobody tells, or has not yet."""
        listener = self._listener()
        heard = None if listener is None else listener.heard()
        return None if heard is None else Look(revisions=heard.revisions, age_s=heard.age_s)

    async def wait(self, since: Mapping[str, int], seconds: float) -> None:
        """Wait for so long, or until a server tells of something that is not as in `since`."""
        listener = self._listener()
        if listener is None:
            await asyncio.sleep(seconds)
            return
        rest = min(REST_S, seconds)
        await asyncio.sleep(rest)
        told = asyncio.Event()
        wake = partial(_wake, asyncio.get_running_loop(), told)
        forget = listener.call(wake)
        try:
            heard = listener.heard()
            if heard is not None and heard.revisions != since:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds - rest):
                    await told.wait()
        finally:
            forget()

    async def changes(
        self, since: Mapping[str, int] | None = None
    ) -> AsyncIterator[frozenset[str]]:
        """Yield the concepts that changed: at once from a server, from a file each `refresh_s`.

        Who reads first and follows then asks for the workspace's `revisions()` before that, and
        gives them as `since`: what changed in between is told too. Without it only what changes
        from now on is.

        The look costs next to nothing while nothing changed. A database that is away for a
        while (locked, unreachable) is looked at again; other errors end the iteration.
        """
        workspace = self._workspace
        version: int | None = None
        if since is None:
            version = await workspace.run(workspace.database.data_version)
            since = await workspace.revisions()
        known = since
        while True:
            await self.wait(known, workspace.settings.refresh_s)
            try:
                version, now = await self._newer(version)
            except WorkspaceError as error:
                if not error.temporary:
                    raise
                continue
            changed = frozenset(name for name, rev in now.items() if rev != known.get(name))
            known = {**known, **now}
            if changed:
                yield changed

    async def _newer(self, version: int | None) -> tuple[int | None, Mapping[str, int]]:
        """Return the revisions if there may be others than at `version`, else none of them."""
        if (heard := self.heard()) is not None:
            return None, heard.revisions
        newer = await self._workspace.run(self._workspace.database.data_version)
        return newer, {} if newer == version else await self._workspace.revisions()

    def _listener(self) -> Listener | None:
        return self._workspace.database.listener()


def _wake(loop: asyncio.AbstractEventLoop, told: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop ended meanwhile
        loop.call_soon_threadsafe(told.set)
