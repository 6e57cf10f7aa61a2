"""Telling people of incidents, beside the checks of the monitor.

A task of its own: a service may take half a minute to answer, and no check and no heartbeat
waits for that. What could not be told is kept with its alert and shown there.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from engine.alerts.sending import Sender
from engine.errors import LampboardError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.workspace import Workspace

LOOK_S = 1.0
"""How often to ask whether anything changed."""
ANYWAY_S = 30.0
"""How often to look though nothing did: silences begin and hours end by themselves."""
AGAIN_S = 5.0
"""How long to wait after a look that failed."""
REST = 9
"""A look that took long is followed by a rest of so many times as long: planning 10,000 open
incidents for three channels took 0.8 s here, and a storm changes something every second."""
_CONCEPTS = ("incidents", "silences", "alerts")

logger = logging.getLogger(__name__)


async def send_alerts(workspace: Workspace, *, look_s: float = LOOK_S, once: bool = False) -> None:
    """Tell what is to be told, again and again until it is cancelled; or what is due now.

    Never raises for what goes wrong: a database that cannot be used is told by the monitor's
    own errands.
    """
    sender = Sender(workspace, workspace.credentials.core, workspace.http_client)
    turns = _Turns(workspace, sender)
    try:
        while True:
            try:
                if once or await turns.due():
                    await _look(sender, once=once)
                    turns.looked()
            except LampboardError as error:
                logger.warning("Alerts could not be looked at: %s", error.message)
                turns.failed()
            except Exception:  # the next look must come
                logger.exception("Looking at alerts failed.")
                turns.failed()
            if once:
                return
            await asyncio.sleep(look_s)
    finally:
        await sender.end()


async def _look(sender: Sender, *, once: bool) -> None:
    begun = await sender.look()
    while once and begun:
        await sender.settle()
        begun = await sender.look()


class _Turns:
    """Tells when to look: something changed, something is due, or it was long ago."""

    def __init__(self, workspace: Workspace, sender: Sender) -> None:
        self._workspace, self._sender = workspace, sender
        self._seen: tuple[int, ...] = ()
        self._looked_at: float | None = None
        self._rests_until = 0.0

    async def due(self) -> bool:
        if self._workspace.clock.monotonic() < self._rests_until:
            return False
        seen = _of(await self._workspace.revisions())
        clock, at = self._workspace.clock, self._sender.next_at
        idle = self._looked_at is None or clock.monotonic() - self._looked_at >= ANYWAY_S
        if seen == self._seen and not idle and (at is None or at > clock.now()):
            return False
        self._seen, self._looked_at = seen, clock.monotonic()
        return True

    def looked(self) -> None:
        """Rest after a look that took long."""
        ended = self._workspace.clock.monotonic()
        if self._looked_at is not None:
            self._rests_until = ended + REST * (ended - self._looked_at)

    def failed(self) -> None:
        """Look again soon, whether or not anything changes."""
        self._looked_at = None
        self._rests_until = self._workspace.clock.monotonic() + AGAIN_S


def _of(revisions: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(revisions.get(concept, 0) for concept in _CONCEPTS)
