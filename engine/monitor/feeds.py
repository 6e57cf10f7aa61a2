"""Reading providers' own counts when they are due, beside the checks of the monitor.

A task of its own: a provider may take half a minute to tell its counts, and no check and no
heartbeat waits for that. What stops a feed is kept with it and shown there.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from engine.errors import LampboardError, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.usage.sync.results import SyncResult

LOOK_S = 15.0
"""How often to look for feeds that are due; they are read every minute at the most."""

logger = logging.getLogger(__name__)


class ReadsFeeds(Protocol):
    """What reads feeds that are due."""

    async def sync_due(self) -> Sequence[SyncResult]:
        """Read them, and return what that came to."""
        ...


async def read_feeds(feeds: ReadsFeeds, *, look_s: float = LOOK_S, once: bool = False) -> None:
    """Read what is due, again and again until it is cancelled; or once.

    Never raises for what goes wrong: a database that cannot be used is told by the monitor's
    own errands.
    """
    while True:
        try:
            for done in await feeds.sync_due():
                _tell(done)
        except WorkspaceError as error:
            logger.warning("Usage could not be read: %s", error.message)
        except LampboardError as error:
            logger.warning("A feed of usage cannot be read: %s", error.message)
        except Exception:  # foreign sources run here, and the next look must come
            logger.exception("A feed of usage failed.")
        if once:
            return
        await asyncio.sleep(look_s)


def _tell(done: SyncResult) -> None:
    if done.error:
        logger.warning("Usage of %s could not be read: %s", done.name, done.error)
    elif done.new:
        logger.info("Usage of %s: %d records.", done.name, done.new)
