"""Getting ready for a change: what it needs is loaded before the database is locked for it.

Registering one integration held the lock for 85 ms, of which 80 were imports; every other writer
waited for them, and with seven at it one in a thousand waited longer than anybody does.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.credentials import CredentialStore


async def ready(
    needed: Sequence[str],
    credentials: CredentialStore | None = None,
    *,
    also: Callable[[], object] | None = None,
) -> None:
    """Load what a change needs, in a worker thread.

    Args:
        needed: The modules that it will import.
        credentials: Where a secret will be stored; None when none will be.
        also: What else is slow the first time.

    Raises:
        MasterKeyRefused: The master key that is there cannot be used.
    """
    await asyncio.to_thread(_load, needed, credentials, also)


def _load(
    needed: Sequence[str],
    credentials: CredentialStore | None,
    also: Callable[[], object] | None,
) -> None:
    for name in needed:
        import_module(name)
    if credentials is not None:
        credentials.prepare()
    if also is not None:
        also()
