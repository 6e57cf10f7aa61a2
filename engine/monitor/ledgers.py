"""Verifying ledgers when they are due, beside the checks of the monitor.

A task of its own, in short reads: proving a million records takes seconds, and no check and no
heartbeat waits for that. What is found is kept with the ledger and shown there.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from engine.errors import LampboardError

if TYPE_CHECKING:
    from engine.hop import Hop
    from engine.prevention.results import Verification

LOOK_S = 60.0
"""How often to look for ledgers that are due."""

logger = logging.getLogger(__name__)


async def verify_ledgers(hop: Hop, *, look_s: float = LOOK_S, once: bool = False) -> None:
    """Verify what is due, again and again until it is cancelled; or once.

    Never raises for what goes wrong: a database that cannot be used is told by the monitor's
    own errands.
    """
    from engine.prevention.due import verify_due

    while True:
        try:
            async for found in verify_due(hop):
                _tell(found)
        except LampboardError as error:
            logger.warning("Ledgers could not be verified: %s", error.message)
        except Exception:  # the next look must come
            logger.exception("Verifying ledgers failed.")
        if once:
            return
        await asyncio.sleep(look_s)


def _tell(found: Verification) -> None:
    if found.fault is not None:
        logger.warning("The ledger of %s does not hold: %s", found.tenant_id, found.fault.message)
    else:
        logger.info("The ledger of %s holds: %d records.", found.tenant_id, found.verified)
