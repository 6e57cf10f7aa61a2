"""Getting ready for a change: what it needs is loaded before the database is locked for it.

Registering one integration held the lock for 85 ms, of which 80 were imports; every other writer
waited for them, and with seven at it one in a thousand waited longer than anybody does.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.credentials import CredentialStore


async def ready(needed: Sequence[str], credentials: CredentialStore | None = None) -> None:
    """Load what a change needs, in a worker thread.

    Args:
        needed: The modules that it will import.
        credentials: Where a secret will be stored; None when none will be.

    Raises:
        MasterKeyRefused: The master key that is there cannot be used.
    """
    await asyncio.to_thread(_load, needed, credentials)


def _load(needed: Sequence[str], credentials: CredentialStore | None) -> None:
    for name in needed:
        import_module(name)
    if credentials is not None:
        credentials.prepare()
