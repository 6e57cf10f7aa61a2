"""A server that accepts and then says nothing, whatever it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.hostile import hostile, silence

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from tests.servers.hostile import Hostile


def silent() -> AbstractAsyncContextManager[Hostile]:
    """Serve silence until the block ends; `port` says where."""
    return hostile(silence)
