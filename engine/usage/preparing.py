"""What recording takes, loaded before the database is locked for it.

The first record of a process would otherwise hold the lock for half a second: of imports, and of
reading the tables of prices.
"""

from __future__ import annotations

from engine.readiness import ready

_NEEDED = ("engine.usage.recording", "storage.usage.counted")


async def get_ready() -> None:
    """Load the recorder and the tables of prices in a worker thread; call it once a recorder."""
    await ready(_NEEDED, also=_load_prices)


def _load_prices() -> None:
    from engine.usage.pricing import load

    load()
