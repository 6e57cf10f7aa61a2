"""A server that sends without end, from the first moment on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.hostile import hostile

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from tests.servers.hostile import Hostile, Peer

_MUCH = b"\x00" * 65_536


def endless(again: bytes = _MUCH, *, head: bytes = b"") -> AbstractAsyncContextManager[Hostile]:
    """Send `head`, then `again` for ever, as fast as it is taken, to whoever connects.

    Args:
        again: What is repeated.
        head: What comes first, such as a greeting that a driver believes.
    """

    async def script(peer: Peer) -> None:
        await peer.send(head)
        while True:
            await peer.send(again)

    return hostile(script)
